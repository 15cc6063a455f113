"""A chat completion: the request's body, and its pieces, one server-sent event each."""

from collections.abc import Callable, Mapping

from shammah_tui.adapters.endpoint.answers import Answer, decode, positive, reply_error
from shammah_tui.adapters.endpoint.server import Server
from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.repetition import TextRepetitionWatch
from shammah_tui.core.conversation.reply import (
    ReplyDone,
    StopReason,
    TextDelta,
    ThinkingDelta,
    Usage,
)
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.routing.messages_request import MessagesRequest
from shammah_tui.core.routing.thoughts import Piece, ThoughtSplitter
from shammah_tui.core.wording.server import ServerWords
from shammah_tui.ports import ReplyOptions

END = "[DONE]"
"""The data of the last event."""

REPEATED = "it repeats itself"
"""Our own reason, where no server says one."""

_STOP_REASONS = {
    "length": StopReason.LENGTH,
    "content_filter": StopReason.REFUSAL,
    REPEATED: StopReason.REPEATED,
}
"""Any other (``stop``, ``tool_calls``, a stop sequence) is the model's own end."""


class CompletionStream:
    """Puts a reply together, and measures it.

    Attributes:
        begins_inside: Whether this server's replies most likely begin inside a thought.
    """

    def __init__(
        self,
        words: ServerWords,
        secret: str,
        started: float,
        clock: Callable[[], float],
        *,
        begins_inside: bool = False,
    ) -> None:
        self._words = words
        self._secret = secret
        self._started = started
        self._clock = clock
        self._splitter = ThoughtSplitter(begins_inside=begins_inside)
        self._thought = ""
        self._repetition = TextRepetitionWatch()
        self._first_text: float | None = None
        self._last_text = 0.0
        self._finish_reason: str | None = None
        self._is_ended = False
        self._prompt_tokens: int | None = None
        self._reply_tokens: int | None = None
        self.has_begun = False
        self.begins_inside = begins_inside

    @property
    def is_whole(self) -> bool:
        """Whether the end of the reply came; what may follow is a count of tokens."""
        return self._finish_reason is not None or self._is_ended

    @property
    def prompt_tokens(self) -> int | None:
        return self._prompt_tokens

    def end(self) -> None:
        """The server says that nothing comes any more: the reply is whole, whatever the reason."""
        self._is_ended = True

    @property
    def repeats_itself(self) -> bool:
        return self._finish_reason == REPEATED

    def take(self, data: str) -> list[Piece]:
        """Return what the data of one event adds to the thoughts and to the reply.

        What a model thinks comes in a field of its own (``reasoning_content``, or ``reasoning``),
        or between think tags at the beginning of the text. Where the chat template has opened the
        block and the server does not look for it, only the closing tag comes, in the middle of the
        text: the first such reply is folded when that comes, the later ones from their beginning.

        Raises:
            BackendError: The event tells of an error, or is not what the API says.
        """
        content = decode(data)
        self.has_begun = True
        if not isinstance(content, dict):
            raise BackendError(BackendProblem.SERVER_ERROR, self._words.not_compatible)
        if content.get("error") or content.get("object") == "error":
            error = content["error"] if isinstance(content.get("error"), dict) else content
            code = error.get("code")
            # The status of the answer was 200; the error's own is in its code, or nowhere.
            status = code if isinstance(code, int) and 400 <= code < 600 else 500
            raise reply_error(self._words, Answer(status, content), self._secret)
        self._count(content.get("usage"))
        choices = content.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return []
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self._finish_reason = reason
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            return []
        thought = _text(delta, "reasoning_content") or _text(delta, "reasoning")
        text = _text(delta, "content")
        if thought or text:
            self._last_text = self._clock()
            if self._first_text is None:
                self._first_text = self._last_text
        if thought and self.begins_inside:
            # It takes thoughts out of the text by itself.
            self.begins_inside = False
            self._splitter = ThoughtSplitter(begins_inside=False)
        if self._repetition.add(thought or text):
            self._finish_reason = REPEATED
        pieces = self._splitter.take(text)
        self._learn(pieces)
        return [ThinkingDelta(thought), *pieces] if thought else [*pieces]

    def rest(self) -> list[Piece]:
        """Return what was held back for the rest of a tag that never came.

        Where a thought was expected and no end of it came, all of it was the reply.
        """
        pieces = self._splitter.rest()
        self._learn(pieces)
        is_whole = self._finish_reason == "stop" and not self._splitter.has_closed
        if self.begins_inside and is_whole and self._thought:
            self.begins_inside = False
            return [*pieces, TextDelta(self._thought)]
        return [*pieces]

    def done(self, model: str) -> ReplyDone:
        """Return the last event of a reply by ``model``.

        Raises:
            BackendError: The stream ended before the reply did. A server that takes one question
                at a time may end it when another one comes.
        """
        if not self.is_whole:
            raise BackendError(BackendProblem.SERVER_ERROR, self._words.broken_off, "send it again")
        usage = Usage(self._prompt_tokens, self._reply_tokens)
        usage = usage.timed(self._started, self._first_text, self._last_text)
        reason = _STOP_REASONS.get(self._finish_reason or "", StopReason.END_TURN)
        return ReplyDone(reason, usage, model)

    def _learn(self, pieces: list[Piece]) -> None:
        self._thought += "".join(each.text for each in pieces if isinstance(each, ThinkingDelta))
        if self._splitter.has_folded:
            self.begins_inside = True

    def _count(self, usage: object) -> None:
        if isinstance(usage, dict):
            self._prompt_tokens = positive(usage.get("prompt_tokens")) or self._prompt_tokens
            self._reply_tokens = positive(usage.get("completion_tokens")) or self._reply_tokens


def _text(delta: Mapping[str, object], field: str) -> str:
    text = delta.get(field)
    # JSON can hold half a surrogate pair, which can neither be stored nor shown.
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) else ""


def completion_request(
    server: Server, messages: MessagesRequest, options: ReplyOptions, *, extras: bool
) -> dict[str, object]:
    """Return the body.

    ``extras`` says whether to send what is not in OpenAI's own API as it began: the samplers and
    the switch for thinking that llama-server, vLLM and Ollama know, and the request for a count of
    tokens. Some servers refuse fields that they do not know.
    """
    sampling = options.sampling
    system = [{"role": Role.SYSTEM.value, "content": messages.system}] if messages.system else []
    body: dict[str, object] = {
        "model": server.model,
        "messages": [
            *system,
            *({"role": role.value, "content": text} for role, text in messages.turns),
        ],
        "stream": True,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "presence_penalty": sampling.presence_penalty,
    }
    if sampling.seed is not None:
        body["seed"] = sampling.seed
    if options.max_tokens is not None:
        body["max_tokens"] = options.max_tokens
    if not extras:
        return body
    body |= {
        "stream_options": {"include_usage": True},
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        # llama-server and Ollama know the first name, vLLM the second.
        "repeat_penalty": sampling.repeat_penalty,
        "repetition_penalty": sampling.repeat_penalty,
        "chat_template_kwargs": {"enable_thinking": options.enable_thinking},
    }
    if server.is_ollama and not options.enable_thinking:
        # It has no other switch here; vLLM before 0.12 would refuse the word.
        body["reasoning_effort"] = "none"
    return body
