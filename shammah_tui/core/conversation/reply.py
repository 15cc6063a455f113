"""What a backend streams while it replies."""

from dataclasses import dataclass, field, replace
from enum import StrEnum


class StopReason(StrEnum):
    """Why a reply ended."""

    END_TURN = "end_turn"
    """The model was done."""
    LENGTH = "length"
    """The token limit was reached: the reply is cut."""
    CONTEXT_FULL = "context_full"
    """The model's context was full: the reply is cut."""
    REPEATED = "repeated"
    """The model said the same again and again, and was stopped."""
    STOPPED = "stopped"
    """The user stopped it."""
    REFUSAL = "refusal"
    """The model declined."""


CUT = frozenset({StopReason.LENGTH, StopReason.CONTEXT_FULL})
"""Why a reply may end that a limit has cut."""


def goes_on(reason: StopReason | None, interrupted: str) -> bool:
    """Return whether a reply that ended so can be gone on with; None is one that broke off."""
    return bool(interrupted) or reason in CUT or reason is StopReason.STOPPED


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens and pace of one reply; None where the backend does not tell.

    Attributes:
        reply_tokens: Tokens generated, those of thoughts counted.
        first_token_s: Seconds from asking to the first token.
        reread_tokens: Tokens of the conversation that had been read before and were read again,
            since the model could not go back to where they begin.
        is_estimated: Whether the number of tokens generated is an estimate by the text's length:
            nobody counts a reply that did not come to its end.
    """

    prompt_tokens: int | None = None
    reply_tokens: int | None = None
    tokens_per_s: float | None = None
    first_token_s: float | None = None
    reread_tokens: int | None = None
    is_estimated: bool = False

    def timed(self, asked_s: float, first_s: float | None, last_s: float) -> "Usage":
        """Return it with its pace; all times are seconds of one clock."""
        if first_s is None:
            return self
        more, spent_s = (self.reply_tokens or 0) - 1, last_s - first_s
        pace = more / spent_s if more > 0 and spent_s > 0 else None
        return replace(self, tokens_per_s=pace, first_token_s=first_s - asked_s)


@dataclass(frozen=True, slots=True)
class ReplyBegun:
    """The backend has read the conversation: it is paid for, whatever becomes of the reply.

    ``label`` is the reply's, now that the model is known; set by the turn, not by backends.
    """

    prompt_tokens: int
    model: str
    label: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the reply's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """The next piece of what the model thinks before it replies; no part of the reply."""

    text: str


@dataclass(frozen=True, slots=True)
class TextWasThought:
    """All text of the reply so far, what it goes on from included, belongs to its thought.

    Only the tag that ends a thought has told so.
    """


@dataclass(frozen=True, slots=True)
class ReplyDone:
    """The last event of a stream that ended without an error.

    Attributes:
        model: The name of the model that really answered, as the backend reports it.
        context_length: Tokens of the context that the model turned out to have seen less of the
            conversation for; None where it saw what it was sent.
    """

    stop_reason: StopReason
    usage: Usage
    model: str
    context_length: int | None = None


@dataclass(frozen=True, slots=True)
class Warming:
    """How far a backend has come with reading a conversation ahead of the next question."""

    done_tokens: int
    total_tokens: int

    @property
    def left_tokens(self) -> int:
        return self.total_tokens - self.done_tokens


ReplyEvent = ReplyBegun | TextDelta | ThinkingDelta | TextWasThought | ReplyDone
