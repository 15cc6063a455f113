"""The faults that the loopback hub can be told to have."""

from dataclasses import dataclass, field


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
class AnswerStatus(HubFault):
    """Answer with ``status`` and no useful body."""

    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ResetAfter(HubFault):
    """Reset the connection after ``size_bytes`` of the body."""

    size_bytes: int = 0


@dataclass(slots=True)
class EndAfter(HubFault):
    """Close the connection in good order after ``size_bytes`` of the body."""

    size_bytes: int = 0


@dataclass(slots=True)
class HangAfter(HubFault):
    """Send nothing more after ``size_bytes`` of the body, and keep the connection open."""

    size_bytes: int = 0


@dataclass(slots=True)
class TrickleAfter(HubFault):
    """Send ``bytes_per_s`` only, once ``size_bytes`` of the body are out."""

    size_bytes: int = 0
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
class CaptivePortal(HubFault):
    """Answer as a network does that wants a person to sign in first."""

    to_hub: bool = True
    redirect: bool = False
