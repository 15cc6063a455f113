"""What the Claude SDK raises, as a ``BackendError`` that says what to do."""

import math
import re
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from shammah_tui.adapters.claude.claude_key import KEY
from shammah_tui.core.errors import BackendError, BackendProblem, VariableError
from shammah_tui.core.text.plain_text import plain, truncate
from shammah_tui.core.text.secrets import without_secrets
from shammah_tui.core.text.units import format_duration
from shammah_tui.core.wording import claude as words
from shammah_tui.core.wording.troubles import claude_trouble

if TYPE_CHECKING:
    from anthropic import APIStatusError

REASON_WIDTH = 200
"""Cells of an API's own words that are shown."""

# The API gives this kind of refusal no code of its own (SDK 2.12); only its words tell.
_TOO_LONG = re.compile(r"prompt is too long|exceed\w* (?:the )?(?:model's )?context", re.IGNORECASE)


_FAULTS = frozenset({"api_error", "timeout_error"})
_PASSING = _FAULTS | {"overloaded_error", "rate_limit_error"}


def backend_error(
    error: Exception,
    model: str,
    secrets: Sequence[str] = (),
    *,
    key_variable: str = KEY,
    proxy: tuple[str, str] | None = None,
    is_first: bool = False,
) -> BackendError | None:
    """Return what ``error`` means to the user, or None when it is none of the SDK's or HTTP's.

    No sentence holds any of ``secrets``: an API may quote the key that it refuses. ``proxy`` is the
    variable of the proxy on the way, and its address.
    """
    # Raised by code that has imported both already.
    import anthropic
    import httpx2

    if isinstance(error, anthropic.APIStatusError):
        return _status_error(error, model, secrets, key_variable, is_first=is_first)
    cause = error.__cause__ if isinstance(error, anthropic.APIConnectionError) else error
    if isinstance(cause, VariableError):
        return words.variable_trouble(cause)
    if isinstance(cause, CutError):
        return words.broken_off()
    if isinstance(cause, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
        return words.not_an_address()
    if isinstance(cause, httpx2.ProxyError | httpx2.ConnectError | httpx2.ConnectTimeout) and proxy:
        return words.proxy_fails(*proxy)
    if isinstance(error, anthropic.APITimeoutError | httpx2.TimeoutException):
        return words.silent()
    if isinstance(cause, httpx2.ReadError | httpx2.WriteError | httpx2.RemoteProtocolError):
        return words.broken_off()
    if isinstance(error, anthropic.APIConnectionError | httpx2.ConnectError):
        return words.not_reached()
    if isinstance(error, httpx2.TransportError | httpx2.StreamError):
        return words.broken_off()
    # What remains is an answer that is not what the Messages API says: not JSON, or other fields.
    malformed = (ValueError, AttributeError, TypeError)
    if isinstance(error, (anthropic.AnthropicError, httpx2.HTTPError, *malformed)):
        return words.not_the_api()
    return None


def is_passing(error: Exception) -> bool:
    """Return whether asking once more may help, as the SDK has it for statuses.

    For what ends a stream that had begun: an error event comes with the stream's status, 200.
    """
    import anthropic
    import httpx2

    if isinstance(error, anthropic.APIStatusError):
        return error.type in _PASSING
    broken = isinstance(error, httpx2.TransportError) and not isinstance(
        error, httpx2.TimeoutException
    )
    return broken or isinstance(error, CutError)


class CutError(Exception):
    """A stream ended in good order before the reply in it did."""


def wait_asked_for(headers: Mapping[str, str]) -> float | None:
    """Return the seconds for which the API asks to be left alone; None where it does not."""
    try:
        return max(0.0, float(headers["retry-after-ms"]) / 1000)
    except (KeyError, ValueError):
        pass
    value = headers.get("retry-after", "")
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def _status_error(
    error: "APIStatusError",
    model: str,
    secrets: Sequence[str],
    key_variable: str,
    *,
    is_first: bool,
) -> BackendError:
    # An error event inside a stream comes with the stream's status, 200: the type decides.
    status, kind = error.status_code, error.type
    reason = truncate(plain(without_secrets(error.api_message or "", secrets)), REASON_WIDTH)
    if kind == "authentication_error" or (kind is None and status == 401):
        return words.key_refused(key_variable)
    if kind == "permission_error" or (kind is None and status == 403):
        return words.not_allowed(reason)
    if kind == "rate_limit_error" or status == 429:
        return words.rate_limited(_when(wait_asked_for(error.response.headers)))
    if kind == "overloaded_error" or status == 529:
        return claude_trouble(BackendProblem.OVERLOADED)
    if kind in _FAULTS or status >= 500 or status in {408, 409}:
        return words.internal_error(status)
    if kind == "not_found_error":
        return words.no_such_model(model)
    if kind is None:
        return words.not_the_api()
    if status == 413 or _TOO_LONG.search(reason):
        return words.too_long(is_first=is_first)
    return words.refused(reason or f"status {status}")


def _when(wait_s: float | None) -> str:
    if wait_s is None:
        return "in a minute"
    seconds = max(1, math.ceil(wait_s))
    return f"in {seconds} s" if seconds < 120 else f"in {format_duration(seconds)}"
