"""The faults that the loopback hub can be told to have."""

from collections.abc import Callable
from dataclasses import dataclass, field


def _nothing() -> None:
    """Do nothing."""


@dataclass(slots=True)
class HubFault:
    """Something that goes wrong with the next requests it applies to.

    Attributes:
        times: How many requests it still spoils.
        skip: How many of its requests pass unharmed first.
        to_hub: Whether it spoils the Hub's own requests, instead of those for the bytes.
    """

    times: int = 1
    skip: int = 0
    to_hub: bool = False


@dataclass(slots=True)
class BodyFault(HubFault):
    """Something that happens in the middle of a body.

    Attributes:
        size_bytes: After how many of its bytes.
        then: Called when it happens.
    """

    size_bytes: int = 0
    then: Callable[[], object] = _nothing


@dataclass(slots=True)
class AnswerStatus(HubFault):
    """Answer with ``status`` and no useful body."""

    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ResetAfter(BodyFault):
    """Reset the connection after ``size_bytes`` of the body."""


@dataclass(slots=True)
class EndAfter(BodyFault):
    """Close the connection in good order after ``size_bytes`` of the body."""


@dataclass(slots=True)
class HangAfter(BodyFault):
    """Send nothing more after ``size_bytes`` of the body, and keep the connection open."""


@dataclass(slots=True)
class TrickleAfter(BodyFault):
    """Send ``bytes_per_s`` only, once ``size_bytes`` of the body are out."""

    bytes_per_s: int = 100


@dataclass(slots=True)
class WrongByte(HubFault):
    """Flip the bits of the byte at ``offset`` of the file."""

    offset: int = 0


@dataclass(slots=True)
class ShorterLength(HubFault):
    """Claim that the file ends ``size_bytes`` earlier than it does."""

    size_bytes: int = 1


@dataclass(slots=True)
class IgnoreRange(HubFault):
    """Answer 200 with the whole file, whatever range was asked for."""


@dataclass(slots=True)
class ShiftRange(HubFault):
    """Answer with the range that lies ``size_bytes`` further on."""

    size_bytes: int = 1


@dataclass(slots=True)
class Chunked(HubFault):
    """Send the body in chunks, without a length."""


@dataclass(slots=True)
class Drop(HubFault):
    """Close the connection without any answer."""


@dataclass(slots=True)
class Silence(HubFault):
    """Keep the connection open without any answer."""


@dataclass(slots=True)
class CaptivePortal(HubFault):
    """Answer as a network does that wants a person to sign in first."""

    to_hub: bool = True
    redirect: bool = False
