"""Plays the story by itself: types three questions, and waits by what the screen shows."""

from shammah_tui.commands.demo.hub import DemoHub
from shammah_tui.commands.demo.relay import Relay
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import DEFAULT, Receipt
from shammah_tui.core.routing.routing import ForwardReason
from shammah_tui.core.wording.commands import DEMO_QUESTIONS
from shammah_tui.core.wording.first_frame import PLACEHOLDER

_ENTER, _QUIT = "\r", "\x11"
_START_S, _REPLY_S, _MODEL_S, _END_S = 60.0, 180.0, 180.0, 20.0
"""The longest waits. What takes seconds alone takes many on a machine that is busy."""
_HURRIED_BYTES_PER_S = 25e6
_READ_S = 1.5
"""What a person takes at least to look at a reply."""
_READY = "✓"
"""In the header."""
_STOP = "Stop"
"""In the footer while a reply streams."""


def play(relay: Relay, hub: DemoHub) -> None:
    """Ask while the model downloads, while it loads, and once it is ready; then quit.

    Raises:
        TimeoutError: The screen never showed what was waited for.
        ProgramEndedError: The program has ended before.
    """
    while_downloading, while_loading, once_ready = DEMO_QUESTIONS
    relay.wait_for(lambda lines: PLACEHOLDER in "".join(lines), _START_S)
    relay.wait_for(lambda lines: "Downloading" in lines[0], _START_S)
    relay.press(while_downloading + _ENTER)
    _wait_for_reply(relay)
    relay.press(while_loading)
    # The question is there before the model is: it is sent as soon as that is loading.
    hub.bytes_per_s = _HURRIED_BYTES_PER_S
    relay.wait_for(lambda lines: "Loading" in lines[0] or _READY in lines[0], _MODEL_S)
    relay.press(_ENTER)
    _wait_for_reply(relay)
    relay.wait_for(lambda lines: _READY in lines[0], _MODEL_S)
    relay.press(once_ready + _ENTER)
    _wait_for_reply(relay)
    relay.press(_QUIT)
    relay.wait_for_end(_END_S)


def went_as_told(replies: list[Receipt]) -> bool:
    """Return whether the stand-in for Claude replied twice, for want of a model, then the model."""
    told = [(each.side, each.reason) for each in replies]
    early = (Side.CLAUDE, ForwardReason.ModelNotReady.value)
    is_whole = all(not each.interrupted and each.stop_reason is not None for each in replies)
    return is_whole and told == [early, early, (Side.LOCAL, DEFAULT)]


def _wait_for_reply(relay: Relay) -> None:
    relay.wait_for(lambda lines: _STOP in lines[-1], _REPLY_S)
    relay.wait_for(lambda lines: _STOP not in lines[-1], _REPLY_S)
    relay.pause(_READ_S)
