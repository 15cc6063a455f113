"""What the Claude SDK raises, as a ``BackendError`` that says what to do."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.plain_text import plain, truncate
from shammah_tui.core.secrets import without_secrets

if TYPE_CHECKING:
    from anthropic import APIStatusError

REASON_WIDTH = 200
"""Cells of an API's own words that are shown."""

# The API gives this kind of refusal no code of its own (SDK 2.12); only its words tell.
_TOO_LONG = re.compile(r"prompt is too long|exceed\w* (?:the )?(?:model's )?context", re.IGNORECASE)


def backend_error(error: Exception, model: str, secrets: Sequence[str] = ()) -> BackendError | None:
    """Return what ``error`` means to the user, or None when it is none of the SDK's or HTTP's.

    Args:
        error: What the SDK, its HTTP client or its parser raised.
        model: The model that was asked for.
        secrets: What no sentence may hold; an API may quote the key that it refuses.
    """
    # Raised by code that has imported both already.
    import anthropic
    import httpx2

    if isinstance(error, anthropic.APIStatusError):
        return _status_error(error, model, secrets)
    cause = error.__cause__ if isinstance(error, anthropic.APIConnectionError) else error
    if isinstance(cause, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
        return BackendError(
            BackendProblem.UNREACHABLE,
            "ANTHROPIC_BASE_URL is not an address: correct it, then start again",
        )
    if isinstance(error, anthropic.APITimeoutError | httpx2.TimeoutException):
        return BackendError(
            BackendProblem.UNREACHABLE, "Claude's API does not answer: check the network, try again"
        )
    if isinstance(error, anthropic.APIConnectionError | httpx2.ConnectError):
        return BackendError(
            BackendProblem.UNREACHABLE, "Claude's API cannot be reached: check the network"
        )
    if isinstance(error, httpx2.TransportError | httpx2.StreamError):
        return broken_off()
    # What remains is an answer that is not what the Messages API says: not JSON, or other fields.
    malformed = (ValueError, AttributeError, TypeError)
    if isinstance(error, (anthropic.AnthropicError, httpx2.HTTPError, *malformed)):
        return not_the_api()
    return None


def broken_off() -> BackendError:
    """The connection ended before the reply did."""
    return BackendError(
        BackendProblem.UNREACHABLE, "The connection to Claude's API broke off: try again"
    )


def not_the_api() -> BackendError:
    """Something answered that does not speak the Messages API."""
    return BackendError(
        BackendProblem.SERVER_ERROR,
        "What answered is not Claude's API: check ANTHROPIC_BASE_URL, or sign in to the network",
    )


def _status_error(error: "APIStatusError", model: str, secrets: Sequence[str]) -> BackendError:
    # An error event inside a stream comes with the stream's status, 200: the type decides.
    status, kind = error.status_code, error.type
    reason = truncate(plain(without_secrets(error.api_message or "", secrets)), REASON_WIDTH)
    problem, sentence = BackendProblem.REFUSED, f"Claude's API refused the request: {reason}"
    if kind == "authentication_error" or (kind is None and status == 401):
        problem = BackendProblem.BAD_KEY
        sentence = "Claude's API refused the key: check ANTHROPIC_API_KEY, then start again"
    elif kind == "permission_error" or (kind is None and status == 403):
        problem = BackendProblem.BAD_KEY
        sentence = f"Claude's API forbids this to your key: {reason or 'access is denied'}"
    elif kind == "rate_limit_error" or status == 429:
        problem, sentence = BackendProblem.RATE_LIMITED, _rate_limited(error)
    elif kind == "overloaded_error" or status == 529:
        problem = BackendProblem.OVERLOADED
        sentence = "Claude's API is overloaded: try again in a minute"
    elif kind in {"api_error", "timeout_error"} or status >= 500 or status in {408, 409}:
        problem = BackendProblem.SERVER_ERROR
        number = f" ({status})" if status >= 400 else ""
        sentence = f"Claude's API had a fault of its own{number}: try again in a minute"
    elif kind == "not_found_error":
        shown = plain(model)
        sentence = f"Claude's API knows no model “{shown}”: set model under [claude] in config.toml"
    elif kind is None:
        return not_the_api()
    elif status == 413 or _TOO_LONG.search(reason):
        problem = BackendProblem.CONTEXT_TOO_LONG
        sentence = "The conversation is too long for Claude: begin a new one"
    return BackendError(problem, sentence)


def _rate_limited(error: "APIStatusError") -> str:
    wait = error.response.headers.get("retry-after", "")
    when = f"in {wait} s" if wait.isdigit() else "in a minute"
    return f"Too many requests with this key: try again {when}"
