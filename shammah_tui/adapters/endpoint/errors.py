"""What goes wrong with a server, as sentences that name it and say what to do."""

import re
from dataclasses import dataclass, field

from shammah_tui.adapters.endpoint.answers import Answer, error_text, told_limit
from shammah_tui.core.errors import BackendError, BackendProblem, ShammahError
from shammah_tui.core.protocol.engine_messages import EngineProblem

# Of llama-server, vLLM, llama-cpp-python and LM Studio; only the first two have a code for it.
_TOO_LONG = re.compile(
    r"context.?(?:length|size|window)|exceed\w* .{0,40}context|prompt is too long|too many tokens",
    re.IGNORECASE,
)
_LOADING = "is loading its model yet: try again in a minute"


class EndpointError(ShammahError):
    """A server cannot be used.

    Attributes:
        problem: The kind of trouble.
    """

    def __init__(self, problem: EngineProblem, sentence: str) -> None:
        super().__init__(sentence)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Sentences:
    """What is said of one server.

    Attributes:
        host: Its machine's name.
        model: The model's name for people, with the host; empty before it is known.
        key_env: The variable that holds the key; empty when none is sent.
        secret: The key, which no sentence may hold.
    """

    host: str
    model: str = ""
    key_env: str = ""
    secret: str = field(default="", repr=False)

    def unreachable(self, error: Exception) -> str:
        """No connection, for whatever the HTTP client raised."""
        if "SSL" in str(error) or "CERTIFICATE" in str(error):
            return (
                f"{self.host} cannot be reached over HTTPS: check its certificate, or write "
                "http:// in url under [endpoint]"
            )
        return (
            f"{self.host} cannot be reached: start the server there, or correct url under "
            "[endpoint]"
        )

    def behind_proxy(self, variable: str, address: str) -> str:
        """No connection, where a proxy is on the way."""
        return (
            f"{self.host} cannot be reached through the proxy {address}, which {variable} names: "
            "check that proxy, or name the host in NO_PROXY and start again"
        )

    @property
    def silent(self) -> str:
        """A connection, and then nothing."""
        return f"{self.host} does not answer: check the server there, then try again"

    @property
    def broken_off(self) -> str:
        """The stream ended before the reply did."""
        return f"{self.host} interrupted the reply"

    @property
    def nothing(self) -> str:
        """The stream ended before it began."""
        return f"{self.host} sent no reply: the log of the server there says why"

    @property
    def not_compatible(self) -> str:
        """Something answers that is another kind of server."""
        return (
            f"What answers at {self.host} is not an OpenAI-compatible server: correct url under "
            "[endpoint]"
        )

    @property
    def elsewhere(self) -> str:
        """It sends on to another address; the key is not carried there."""
        return f"{self.host} sends on to another address: give that one as url under [endpoint]"

    @property
    def key(self) -> str:
        """The key is refused, or none was sent."""
        if self.key_env:
            return f"{self.host} refused the key in {self.key_env}: correct it, then start again"
        return (
            f"{self.host} wants a key: name the variable that holds it with key_env under "
            "[endpoint]"
        )

    def fault(self, status: int, reason: str = "") -> str:
        """A fault of the server's own, in its words where it has any."""
        why = reason or "the log of the server there says why"
        return f"{self.host} had an internal error ({status}): {why}"

    def of_asking(self, answer: Answer) -> EndpointError:
        """Return what an answer other than a list of models means."""
        if answer.status in {401, 403}:
            return EndpointError(EngineProblem.REFUSED, self.key)
        if 300 <= answer.status < 400:
            return EndpointError(EngineProblem.REFUSED, self.elsewhere)
        if answer.status >= 500 or answer.status == 429:
            return EndpointError(EngineProblem.UNREACHABLE, self.fault(answer.status))
        return EndpointError(EngineProblem.REFUSED, self.not_compatible)

    def of_reply(self, answer: Answer) -> BackendError:
        """Return what an error in place of a reply, or in the middle of one, means."""
        status, reason = answer.status, error_text(answer.content, self.secret)
        problem = BackendProblem.REFUSED
        sentence = f"{self.host} refused the request: {reason or f'status {status}'}"
        if status in {401, 403}:
            problem, sentence = BackendProblem.BAD_KEY, self.key
        elif status == 429:
            problem = BackendProblem.RATE_LIMITED
            sentence = f"{self.host} has too many requests: try again in a minute"
        elif status == 413 or _TOO_LONG.search(reason):
            limit, counted = told_limit(answer.content)
            return BackendError(
                BackendProblem.CONTEXT_TOO_LONG,
                f"the conversation is too long for {self.model}",
                "start a new one",
                context_length=limit,
                prompt_tokens=counted,
            )
        elif answer.is_loading:
            problem, sentence = BackendProblem.NOT_READY, f"{self.host} {_LOADING}"
        elif status == 503:
            problem = BackendProblem.OVERLOADED
            sentence = f"{self.host} is too busy: try again in a minute"
        elif status == 404:
            sentence = f"{self.model} is no longer served: {reason or 'status 404'}"
        elif 300 <= status < 400:
            sentence = self.elsewhere
        elif status >= 500:
            problem = BackendProblem.SERVER_ERROR
            sentence = self.fault(status, reason)
        return BackendError(problem, sentence)
