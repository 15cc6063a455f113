"""The events of one turn: those of a backend's reply, and who is asked, takes over or fails."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.reply import (
    ReplyBegun,
    StopReason,
    TextDelta,
    TextWasThought,
    ThinkingDelta,
    Usage,
)
from shammah_tui.core.errors import BackendError
from shammah_tui.core.local.generator import GeneratorState
from shammah_tui.core.routing.context_window import ContextUse
from shammah_tui.core.wording.ending import (
    ending_note,
    next_step,
)
from shammah_tui.core.wording.labels import ReplyOrigin, asking_label
from shammah_tui.services.turn.live_reply import CutReply, LiveReply

Trouble = BackendError | GeneratorState
"""Why a side gave no reply: what it said, or the local model's state when it was not ready."""


@dataclass(frozen=True, slots=True)
class Routed:
    """A side is being asked.

    Attributes:
        label: Who and why; begins with ``Claude`` or ``Local``.
        help_line: Where to find help, when the question speaks of danger.
        question: What is asked, without the pin: the text to remember in the conversation.
        note: What is to be known of who is asked, once; empty otherwise.
    """

    label: str
    help_line: str | None
    question: str
    origin: ReplyOrigin | None = field(default=None, compare=False)
    pin: Side | None = field(default=None, compare=False)
    reply: LiveReply | None = field(default=None, compare=False, repr=False)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Relabelled:
    """The side asked first gave nothing and the other one is being asked; as in ``Routed``."""

    label: str
    help_line: str | None
    origin: ReplyOrigin | None = field(default=None, compare=False)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """The reply is over.

    Attributes:
        stop_reason: Why it ended; None when it broke off.
        model: The model's name as the backend reports it; empty when the reply broke off.
        interrupted: What broke it off, as a sentence; empty otherwise.
        context_use: How full the local model's context is; None where Claude replied.
        cut: What it takes to go on with it, where it did not come to its end; None otherwise.
        left_out: How many of the oldest messages its side was not shown.
    """

    text: str
    label: str
    stop_reason: StopReason | None
    usage: Usage
    model: str
    interrupted: str = ""
    context_use: ContextUse | None = None
    cut: CutReply | None = None
    left_out: int = field(default=0, compare=False)

    @property
    def note(self) -> str:
        """What to show below a reply that did not end by itself; empty otherwise."""
        return ending_note(self.stop_reason, self.interrupted, self.text)

    @property
    def step(self) -> str:
        """What to do next, where it did not end by itself; empty otherwise."""
        return next_step(self.stop_reason, self.interrupted, self.text)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody replied; the question, pin included, stays with the user to be sent again.

    ``troubles`` says why each side that might have been asked gave no reply.
    """

    sentence: str
    help_line: str | None
    troubles: Mapping[Side, Trouble] = field(
        default_factory=lambda: MappingProxyType({}), compare=False
    )


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The local side broke off in the middle of its reply, and Claude is being asked.

    What came stays the reply until Claude's first word, and one of its versions from then on.
    Where no word comes, ``broken`` is also the end.
    """

    label: str
    origin: ReplyOrigin = field(compare=False)
    broken: Finished

    @property
    def asking(self) -> str:
        """The label until Claude's first word."""
        return asking_label(self.broken.label)


TurnEvent = (
    Routed
    | Relabelled
    | TakenOver
    | ReplyBegun
    | ThinkingDelta
    | TextDelta
    | TextWasThought
    | Finished
    | Unanswered
)
