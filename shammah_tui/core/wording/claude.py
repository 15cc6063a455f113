"""What is said where Claude's API, or the way there, fails in a way that is known."""

from shammah_tui.core.errors import BackendError, BackendProblem, VariableError
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording.troubles import claude_trouble

_START_AGAIN = "then start again"


def variable_trouble(error: VariableError) -> BackendError:
    advice = f"{error.advice}, {_START_AGAIN}"
    return BackendError(BackendProblem.UNREACHABLE, error.fact, advice)


def not_an_address() -> BackendError:
    return claude_trouble(
        BackendProblem.UNREACHABLE,
        "ANTHROPIC_BASE_URL is not an address",
        f"correct it so that it begins with https://, {_START_AGAIN}",
    )


def proxy_fails(variable: str, address: str) -> BackendError:
    return claude_trouble(
        BackendProblem.UNREACHABLE,
        f"Claude cannot be reached through the proxy {address}, which {variable} names",
        "check that proxy, or name the host in NO_PROXY and start again",
    )


def silent() -> BackendError:
    return claude_trouble(BackendProblem.UNREACHABLE, "Claude's API does not answer")


def not_reached() -> BackendError:
    return claude_trouble(BackendProblem.UNREACHABLE, "Claude's API cannot be reached")


def broken_off() -> BackendError:
    return claude_trouble(
        BackendProblem.UNREACHABLE, "the connection to Claude's API was lost", "send it again"
    )


def not_the_api() -> BackendError:
    return claude_trouble(
        BackendProblem.SERVER_ERROR,
        "what answered is not Claude's API",
        "check ANTHROPIC_BASE_URL, or sign in to the network",
    )


def no_client(kind: str) -> BackendError:
    return claude_trouble(
        BackendProblem.UNREACHABLE,
        f"the client for Claude cannot be made ({kind})",
        f"look into the log file, {_START_AGAIN}",
    )


def key_slip(variable: str, slip: str) -> BackendError:
    fact, advice = f"{variable} has {slip}", "copy it again and start again"
    return claude_trouble(BackendProblem.BAD_KEY, fact, advice)


def key_refused(variable: str) -> BackendError:
    return claude_trouble(BackendProblem.BAD_KEY, advice=f"check {variable}, {_START_AGAIN}")


def not_allowed(reason: str) -> BackendError:
    why = f"Claude's API does not allow this with your key ({reason or 'access is denied'})"
    return claude_trouble(BackendProblem.BAD_KEY, why, "correct that, or take another key")


def rate_limited(when: str) -> BackendError:
    """``when`` is such as ``in 20 s``."""
    return claude_trouble(BackendProblem.RATE_LIMITED, advice=f"send it again {when}")


def internal_error(status: int) -> BackendError:
    number = f" ({status})" if status >= 400 else ""
    fact = f"Claude's API had an internal error{number}"
    return claude_trouble(BackendProblem.SERVER_ERROR, fact)


def no_such_model(model: str) -> BackendError:
    return claude_trouble(
        BackendProblem.REFUSED,
        f"Claude's API has no model “{plain(model)}”",
        "set model under [claude] in config.toml and send it again",
    )


def too_long(*, is_first: bool) -> BackendError:
    """``is_first`` says that it is the first question alone."""
    fact, advice = ("the question is too long for Claude", "shorten it") if is_first else ("", "")
    return claude_trouble(BackendProblem.CONTEXT_TOO_LONG, fact, advice)


def refused(reason: str) -> BackendError:
    return claude_trouble(
        BackendProblem.REFUSED,
        f"Claude refused the request ({reason})",
        "correct that and send it again",
    )
