from shammah_tui.core.conversation import Message, Role
from shammah_tui.services.turn_events import Finished, Relabelled, Routed, Unanswered
from tests.services.fakes import FakeBackend
from tests.services.turns import (
    LOCAL_DONE,
    NO_KEY,
    TOO_LONG,
    UNREACHABLE,
    claude,
    events_of,
    local,
    turn,
)

LONG = tuple(
    message
    for n in range(40)
    for message in (
        Message(Role.USER, f"{n} " + "word " * 60),
        Message(Role.ASSISTANT, "yes " * 60),
    )
)


class Narrow(FakeBackend):
    """Refuses conversations of more than ``most`` messages, as the engine does by its own count."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def reply(self, conversation, options):  # type: ignore[no-untyped-def]
        fits = len(conversation) <= self.most
        self.steps = ("ok", LOCAL_DONE) if fits else (TOO_LONG,)
        return super().reply(conversation, options)


async def test_a_long_conversation_goes_to_claude_whole() -> None:
    asked, here = claude(), local()
    events = await events_of(turn(asked, here), "and now?", LONG)
    assert isinstance(events[0], Routed)
    assert events[0].label == "Claude · conversation too long for the local model"
    assert len(asked.asked[0]) == len(LONG) + 1
    assert here.asked == []


async def test_without_claude_the_oldest_turns_are_left_out_and_the_label_says_so() -> None:
    here = local()
    events = await events_of(turn(NO_KEY, here), "and now?", LONG)
    shown = here.asked[0]
    left_out = len(LONG) + 1 - len(shown)
    assert left_out > 0
    assert shown[-1] == Message(Role.USER, "and now?")
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.label.endswith(f" · without the first {left_out} messages")


async def test_a_pin_to_this_machine_is_kept_by_leaving_out() -> None:
    asked, here = claude(), local()
    events = await events_of(turn(asked, here), "@local and now?", LONG)
    assert isinstance(events[-1], Finished)
    assert asked.asked == []
    assert len(here.asked[0]) < len(LONG)


async def test_where_the_estimate_was_too_low_it_is_shortened_again() -> None:
    here = Narrow(most=11)
    conversation = LONG[-16:]
    events = await events_of(turn(UNREACHABLE, here), "and now?", conversation)
    labels = [event.label for event in events if isinstance(event, Routed | Relabelled)]
    assert labels[0] == "Local · Qwen3.5 4B"
    assert isinstance(events[-1], Finished)
    assert len(here.asked[-1]) <= 11


async def test_it_is_given_up_at_a_quarter() -> None:
    here = Narrow(most=0)
    events = await events_of(turn(NO_KEY, here), "and now?", LONG[-16:])
    assert isinstance(events[-1], Unanswered)
    assert len(here.asked) == 3
