"""How a reply ended, in words: below it, in its receipt, and without a screen."""

from collections.abc import Mapping
from dataclasses import dataclass

from shammah_tui.core.conversation.records import StoredMessage
from shammah_tui.core.conversation.reply import StopReason, goes_on
from shammah_tui.core.text.blank import is_blank

CUT_SHORT = "The program ended before this reply was complete."
"""``Receipt.interrupted`` of a reply that was streaming when its program was killed."""


@dataclass(frozen=True, slots=True)
class _Ending:
    """What is said of one reason.

    Attributes:
        note: Below the reply.
        receipt: In its receipt.
        step: What can be done then, at the end of a conversation.
        command_note: Instead of ``note`` where there are no keys; empty is the same.
    """

    note: str
    receipt: str
    step: str = "F7 continues."
    command_note: str = ""


_DECLINED = "The model declined"
_ENDINGS: Mapping[StopReason, _Ending] = {
    StopReason.END_TURN: _Ending("", "complete", ""),
    StopReason.LENGTH: _Ending(
        "Cut off: the reply reached its length limit", "the limit on its length was reached"
    ),
    StopReason.CONTEXT_FULL: _Ending(
        "The context is full: F7 continues with what fits, Ctrl+N starts a new conversation",
        "the model's context was full",
        "",
        "The context is full and the reply is cut off: ask for less, leave out -c, or set a "
        "longer context_length under [local]",
    ),
    StopReason.REPEATED: _Ending(
        "Stopped: the reply repeated itself; rephrase the question", "it repeated itself", ""
    ),
    StopReason.STOPPED: _Ending("Stopped", "you stopped it"),
    StopReason.REFUSAL: _Ending(
        _DECLINED,
        "the model declined",
        "Ctrl+↑, then o asks the other model.",
        f"{_DECLINED}: rephrase the question, or begin it with @claude or @local",
    ),
}
_EMPTY = _Ending(
    "The reply is empty: rephrase the question", "complete", "Ctrl+↑, then r asks again."
)


def _ending(reason: StopReason | None, interrupted: str, text: str) -> _Ending:
    if interrupted or reason is None:
        note = f"Interrupted: {after_colon(interrupted)}" if interrupted else ""
        step = "F7 continues." if goes_on(reason, interrupted) else ""
        return _Ending(
            note, "", step, f"{note} Ask again, or with -c for the rest." if note else ""
        )
    return _EMPTY if reason is StopReason.END_TURN and is_blank(text) else _ENDINGS[reason]


def ending_note(reason: StopReason | None, interrupted: str = "", text: str = "-") -> str:
    """Return what is shown below a reply that did not end by itself; empty for one that did.

    ``reason`` is None when it broke off, and ``interrupted`` then says what broke it off.
    """
    return _ending(reason, interrupted, text).note


def command_note(reason: StopReason | None, interrupted: str, text: str) -> str:
    """Return what is said of a reply where there are no keys."""
    ending = _ending(reason, interrupted, text)
    return ending.command_note or ending.note


def next_step(reason: StopReason | None, interrupted: str, text: str) -> str:
    """Return what to do after a reply at the end of a conversation."""
    return _ending(reason, interrupted, text).step


def after_colon(sentence: str) -> str:
    """Return a stored sentence as it follows a colon; a name keeps its capital."""
    return f"the{sentence[3:]}" if sentence.startswith("The ") else sentence


def ending_word(reason: StopReason) -> str:
    return _ENDINGS[reason].receipt


def note_of(message: StoredMessage) -> str:
    receipt = message.receipt
    return (
        ""
        if receipt is None
        else ending_note(receipt.stop_reason, receipt.interrupted, message.text)
    )


def step_of(message: StoredMessage) -> str:
    receipt = message.receipt
    return (
        "" if receipt is None else next_step(receipt.stop_reason, receipt.interrupted, message.text)
    )
