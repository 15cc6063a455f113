"""What can go wrong with the Messages API, to be ordered from its loopback server."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StatusFault:
    """An error status with the API's error JSON.

    ``message`` None sends no JSON at all, as a proxy in between would.
    """

    status: int
    kind: str = "api_error"
    message: str | None = "Internal server error"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ErrorEvent:
    """An ``error`` event inside a stream that began well, after so many deltas.

    None puts it ahead of all else, ``message_start`` included.
    """

    after_deltas: int | None
    kind: str = "overloaded_error"
    message: str = "Overloaded"


@dataclass(frozen=True, slots=True)
class Drop:
    """The connection ends, without what ends a stream; None ends it before any answer."""

    after_deltas: int | None


@dataclass(frozen=True, slots=True)
class Hang:
    """Nothing comes any more until ``release``; None is before the status line."""

    after_deltas: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page for people with status 200, as a captive portal answers."""

    html: str = "<html><body>Please sign in</body></html>"


Fault = StatusFault | ErrorEvent | Drop | Hang | Page
