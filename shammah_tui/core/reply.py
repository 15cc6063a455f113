"""What a backend streams while it replies."""

from dataclasses import dataclass
from enum import StrEnum


class StopReason(StrEnum):
    """Why a reply ended."""

    END_TURN = "end_turn"
    """The model was done."""
    LENGTH = "length"
    """The token limit or the context was reached: the reply is cut."""
    STOPPED = "stopped"
    """The user stopped it."""
    REFUSAL = "refusal"
    """The model declined."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens and pace of one reply; None where the backend does not tell.

    Attributes:
        prompt_tokens: Tokens of the conversation.
        reply_tokens: Tokens generated, those of thoughts counted.
        tokens_per_s: Pace of generating.
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


@dataclass(frozen=True, slots=True)
class ReplyBegun:
    """The conversation has been read: from here on it is counted, whatever becomes of the reply.

    Attributes:
        prompt_tokens: Tokens of the conversation.
        model: As in ``ReplyDone``.
    """

    prompt_tokens: int
    model: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the reply's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """The next piece of what the model thinks before it replies; no part of the reply."""

    text: str


@dataclass(frozen=True, slots=True)
class ReplyDone:
    """The last event of a stream that ended without an error.

    Attributes:
        stop_reason: Why it ended.
        usage: Tokens and pace.
        model: The name of the model that really answered, as the backend reports it.
    """

    stop_reason: StopReason
    usage: Usage
    model: str


@dataclass(frozen=True, slots=True)
class Warming:
    """How far a backend has come with reading a conversation ahead of the next question.

    Attributes:
        done_tokens: What is read.
        total_tokens: What there is to read, ``done_tokens`` included.
    """

    done_tokens: int
    total_tokens: int

    @property
    def left_tokens(self) -> int:
        """What is still to be read."""
        return self.total_tokens - self.done_tokens


ReplyEvent = ReplyBegun | TextDelta | ThinkingDelta | ReplyDone
