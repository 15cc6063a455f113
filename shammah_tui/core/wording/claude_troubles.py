"""What is said of Claude where it gives no reply: a fact and an advice for each kind of trouble."""

from shammah_tui.core.errors import BackendError, BackendProblem, VariableError
from shammah_tui.core.text.plain_text import plain

_SAID = {
    BackendProblem.NO_KEY: ("ANTHROPIC_API_KEY is not set", "set a key and start again"),
    BackendProblem.BAD_KEY: (
        "Claude refused the key",
        "correct ANTHROPIC_API_KEY and start again",
    ),
    BackendProblem.UNREACHABLE: (
        "Claude cannot be reached",
        "check the network and send it again",
    ),
    BackendProblem.OVERLOADED: ("Claude is overloaded", "send it again in a minute"),
    BackendProblem.RATE_LIMITED: ("Claude's rate limit is reached", "send it again in a minute"),
    BackendProblem.SERVER_ERROR: ("Claude had an error", "send it again in a minute"),
    BackendProblem.CONTEXT_TOO_LONG: (
        "the conversation is too long for Claude",
        "start a new one",
    ),
    BackendProblem.STAYS_HERE: (
        "the reply so far stays on this machine",
        "ask the question again",
    ),
}


def claude_trouble(problem: BackendProblem, fact: str = "", advice: str = "") -> BackendError:
    """Return the error for a kind of trouble.

    Args:
        problem: The kind.
        fact: What is the matter, where more is known than the kind.
        advice: What to do, likewise.
    """
    usual_fact, usual_advice = _SAID.get(problem, ("Claude is not available", "send it again"))
    return BackendError(problem, fact or usual_fact, advice or usual_advice)


def variable_trouble(error: VariableError) -> BackendError:
    """Return the error for a variable that keeps every request from Claude."""
    advice = f"{error.advice}, then start again"
    return BackendError(BackendProblem.UNREACHABLE, error.fact, advice)


def fact_and_advice(error: BackendError) -> tuple[str, str]:
    """Return what can follow ``because``, and what can follow ``or``."""
    if error.advice:
        return plain(error.fact), plain(error.advice)
    said = plain(str(error)).rstrip(".")
    match error.problem:
        case BackendProblem.REFUSED:
            # What was wrong with the request only Claude's own words can tell.
            return f"Claude refused the request ({said})", "correct that and send it again"
        case BackendProblem.ENGINE_GONE | BackendProblem.NOT_READY:
            return f"Claude is not available ({said})", "send it again"
        case _:
            return _SAID[error.problem]
