"""What a server answers with, read with care: it may send anything, and any amount of it."""

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shammah_tui.core.errors import BackendError, BackendProblem, ShammahError
from shammah_tui.core.protocol.engine_messages import EngineProblem
from shammah_tui.core.text.plain_text import plain, truncate
from shammah_tui.core.text.secrets import without_secrets
from shammah_tui.core.wording.server import ServerWords

if TYPE_CHECKING:
    import httpx2

MAX_ANSWER_BYTES = 8 * 2**20
"""A public catalogue of models takes 1 MB."""

_LIMIT = r"(?:context.?(?:length|size|window)|n_ctx)[^\d]{0,30}(\d{3,9})"

REASON_WIDTH = 200
"""Cells of a server's own words that are shown."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; ``content`` is None where it is not JSON."""

    status: int
    content: object

    @property
    def is_loading(self) -> bool:
        """Whether the server says that it loads its model yet, as llama-server does."""
        return self.status == 503 and "loading" in error_text(self.content).lower()


def get(client: "httpx2.Client", url: str) -> Answer:
    """Ask for ``url``; raises ``httpx2.HTTPError`` where no answer came."""
    body = bytearray()
    with client.stream("GET", url) as response:
        for piece in response.iter_bytes():
            body += piece
            if len(body) > MAX_ANSWER_BYTES:
                break
    return Answer(response.status_code, decode(bytes(body)))


async def read(response: "httpx2.Response") -> Answer:
    """Read the rest of an answer whose stream is open."""
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            break
    return Answer(response.status_code, decode(bytes(body)))


def decode(text: str | bytes) -> object:
    """Return what a JSON text says; None when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def entries(content: object, key: str) -> list[dict[str, object]] | None:
    """Return the objects in the list at ``key``; None when there is no list."""
    found = content.get(key) if isinstance(content, dict) else None
    if not isinstance(found, list):
        return None
    return [each for each in found if isinstance(each, dict)]


def positive(value: object) -> int | None:
    """Return a whole number above 0; None when it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def error_text(content: object, secret: str = "") -> str:
    """Return the words of an error, with its type and code, fit for the screen: without ``secret``.

    ``{"error": {"message": …, "type": …, "code": …}}`` (OpenAI, llama-server, vLLM),
    ``{"error": "…"}`` (Ollama, LM Studio), ``{"detail": …}`` (FastAPI), ``{"message": …}``
    (vLLM before 0.10).
    """
    if not isinstance(content, dict):
        return ""
    error = content.get("error") or content
    if isinstance(error, str):
        words = error
    elif not isinstance(error, dict):
        return ""
    else:
        message = error.get("message") or error.get("detail")
        if isinstance(message, list):
            message = "; ".join(_detail(each) for each in message)
        kinds = [error.get("type"), error.get("code")]
        named = [each for each in kinds if isinstance(each, str) and each]
        words = str(message or "") + (f" ({', '.join(named)})" if named else "")
    return truncate(plain(without_secrets(words, (secret,))), REASON_WIDTH)


def told_limit(content: object) -> tuple[int | None, int | None]:
    """Return the size of the context that a refusal names, and the tokens that it counted.

    llama-server has fields for them; others say them in words: "maximum context length is 4096
    tokens. However, you requested 4514", "(4514) exceed context window of 4096".
    """
    error = content.get("error") if isinstance(content, dict) else None
    fields = error if isinstance(error, dict) else content if isinstance(content, dict) else {}
    limit, counted = positive(fields.get("n_ctx")), positive(fields.get("n_prompt_tokens"))
    words = error if isinstance(error, str) else str(fields.get("message") or fields.get("detail"))
    if limit is None and (found := re.search(_LIMIT, words, re.IGNORECASE)):
        limit = int(found[1])
    if limit is not None and counted is None:
        numbers = map(int, re.findall(r"\d{2,9}", words))
        counted = next((number for number in numbers if number > limit), None)
    return limit, counted


def _detail(each: object) -> str:
    return str(each.get("msg", "")) if isinstance(each, dict) else str(each)


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
