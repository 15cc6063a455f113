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
    """Tokens and pace of one reply; None where the backend does not tell."""

    prompt_tokens: int | None = None
    reply_tokens: int | None = None
    tokens_per_s: float | None = None
    first_token_s: float | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the reply's text."""

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


ReplyEvent = TextDelta | ReplyDone
