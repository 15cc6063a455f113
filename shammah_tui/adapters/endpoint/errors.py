"""What an answer of the server's means that is none."""

import re

from shammah_tui.adapters.endpoint.answers import Answer, error_text, told_limit
from shammah_tui.core.errors import BackendError, BackendProblem, ShammahError
from shammah_tui.core.protocol.engine_messages import EngineProblem
from shammah_tui.core.wording.server import ServerWords

# Of llama-server, vLLM, llama-cpp-python and LM Studio; only the first two have a code for it.
_TOO_LONG = re.compile(
    r"context.?(?:length|size|window)|exceed\w* .{0,40}context|prompt is too long|too many tokens",
    re.IGNORECASE,
)


class EndpointError(ShammahError):
    """A server cannot be used."""

    def __init__(self, problem: EngineProblem, sentence: str) -> None:
        super().__init__(sentence)
        self.problem = problem


def asking_error(words: ServerWords, answer: Answer) -> EndpointError:
    """Return what an answer other than a list of models means."""
    if answer.status in {401, 403}:
        return EndpointError(EngineProblem.REFUSED, words.key)
    if 300 <= answer.status < 400:
        return EndpointError(EngineProblem.REFUSED, words.elsewhere)
    if answer.status >= 500 or answer.status == 429:
        return EndpointError(EngineProblem.UNREACHABLE, words.fault(answer.status))
    return EndpointError(EngineProblem.REFUSED, words.not_compatible)


def reply_error(words: ServerWords, answer: Answer, secret: str) -> BackendError:
    """Return what an error in place of a reply, or amid one, means; never with ``secret``."""
    status, reason = answer.status, error_text(answer.content, secret)
    problem, sentence = BackendProblem.REFUSED, words.refused(reason or f"status {status}")
    if status in {401, 403}:
        problem, sentence = BackendProblem.BAD_KEY, words.key
    elif status == 429:
        problem, sentence = BackendProblem.RATE_LIMITED, words.too_many
    elif status == 413 or _TOO_LONG.search(reason):
        limit, counted = told_limit(answer.content)
        return BackendError(
            BackendProblem.CONTEXT_TOO_LONG,
            *words.too_long,
            context_length=limit,
            prompt_tokens=counted,
        )
    elif answer.is_loading:
        problem, sentence = BackendProblem.NOT_READY, words.loading
    elif status == 503:
        problem, sentence = BackendProblem.OVERLOADED, words.busy
    elif status == 404:
        sentence = words.gone(reason or "status 404")
    elif 300 <= status < 400:
        sentence = words.elsewhere
    elif status >= 500:
        problem, sentence = BackendProblem.SERVER_ERROR, words.fault(status, reason)
    return BackendError(problem, sentence)
