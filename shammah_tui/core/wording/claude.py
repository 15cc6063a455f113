"""What is said where Claude's API, or the way there, fails in a way that is known."""

from shammah_tui.core.errors import BackendError, BackendProblem, VariableError
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording.troubles import claude_trouble

_START_AGAIN = "then start again"


def variable_trouble(error: VariableError) -> BackendError:
    """A variable keeps every request from Claude."""
    advice = f"{error.advice}, {_START_AGAIN}"
    return BackendError(BackendProblem.UNREACHABLE, error.fact, advice)


def not_an_address() -> BackendError:
    """The variable that names the API's address holds another thing."""
    return claude_trouble(
        BackendProblem.UNREACHABLE,
        "ANTHROPIC_BASE_URL is not an address",
        f"correct it so that it begins with https://, {_START_AGAIN}",
    )


def proxy_fails(variable: str, address: str) -> BackendError:
    """The proxy on the way does not lead there."""
    return claude_trouble(
        BackendProblem.UNREACHABLE,
        f"Claude cannot be reached through the proxy {address}, which {variable} names",
        "check that proxy, or name the host in NO_PROXY and start again",
    )


def silent() -> BackendError:
    """Nothing came in time."""
    return claude_trouble(BackendProblem.UNREACHABLE, "Claude's API does not answer")


def not_reached() -> BackendError:
    """No connection was made."""
    return claude_trouble(BackendProblem.UNREACHABLE, "Claude's API cannot be reached")


def broken_off() -> BackendError:
    """The connection ended before the reply did."""
    return claude_trouble(
        BackendProblem.UNREACHABLE, "the connection to Claude's API was lost", "send it again"
    )


def not_the_api() -> BackendError:
    """Something answered that does not speak the Messages API."""
    return claude_trouble(
        BackendProblem.SERVER_ERROR,
        "what answered is not Claude's API",
        "check ANTHROPIC_BASE_URL, or sign in to the network",
    )


def no_client(kind: str) -> BackendError:
    """The SDK's client cannot be made, for a reason that nobody foresaw."""
    return claude_trouble(
        BackendProblem.UNREACHABLE,
        f"the client for Claude cannot be made ({kind})",
        f"look into the log file, {_START_AGAIN}",
    )


def key_slip(variable: str, slip: str) -> BackendError:
    """The key is none, for a slip in copying it."""
    fact, advice = f"{variable} has {slip}", "copy it again and start again"
    return claude_trouble(BackendProblem.BAD_KEY, fact, advice)


def key_refused(variable: str) -> BackendError:
    """The API does not know the key."""
    return claude_trouble(BackendProblem.BAD_KEY, advice=f"check {variable}, {_START_AGAIN}")


def not_allowed(reason: str) -> BackendError:
    """The key may not do this."""
    why = f"Claude's API does not allow this with your key ({reason or 'access is denied'})"
    return claude_trouble(BackendProblem.BAD_KEY, why, "correct that, or take another key")


def rate_limited(when: str) -> BackendError:
    """Too much was asked; ``when`` is such as ``in 20 s``."""
    return claude_trouble(BackendProblem.RATE_LIMITED, advice=f"send it again {when}")


def internal_error(status: int) -> BackendError:
    """The API is at fault."""
    number = f" ({status})" if status >= 400 else ""
    fact = f"Claude's API had an internal error{number}"
    return claude_trouble(BackendProblem.SERVER_ERROR, fact)


def no_such_model(model: str) -> BackendError:
    """The settings name a model that there is not."""
    return claude_trouble(
        BackendProblem.REFUSED,
        f"Claude's API has no model “{plain(model)}”",
        "set model under [claude] in config.toml and send it again",
    )


def too_long(*, is_first: bool) -> BackendError:
    """What was sent is too long; ``is_first`` says that it is the first question alone."""
    fact, advice = ("the question is too long for Claude", "shorten it") if is_first else ("", "")
    return claude_trouble(BackendProblem.CONTEXT_TOO_LONG, fact, advice)


def refused(reason: str) -> BackendError:
    """The request is refused, for a reason in the API's own words."""
    return claude_trouble(
        BackendProblem.REFUSED,
        f"Claude refused the request ({reason})",
        "correct that and send it again",
    )
