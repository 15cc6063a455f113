"""Replies to requests, and reads ahead between them."""

import codecs
import logging
import time
import traceback
from collections.abc import Iterable
from typing import NoReturn

from shammah_tui.children.llama.chat_template import ChatTemplate, Prompt
from shammah_tui.children.llama.context import DecodingError, DecodingStopped
from shammah_tui.children.llama.inbox import Inbox, Outbox, Received
from shammah_tui.children.llama.kv_cache import Kept
from shammah_tui.children.llama.loading import LoadedModel
from shammah_tui.children.llama.prompt_reading import ON_ACCELERATOR, ON_CPU, ChunkSize, read_prompt
from shammah_tui.children.llama.sampling_chain import SamplingChain
from shammah_tui.children.llama.speed_probe import measure_speed, speed_of_reply
from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.repetition import RepetitionWatch
from shammah_tui.core.conversation.reply import StopReason, TextDelta, TextWasThought, ThinkingDelta
from shammah_tui.core.protocol.engine_messages import (
    EngineEvent,
    EngineProblem,
    PromptProgressed,
    ReplyDelta,
    ReplyFailed,
    ReplyFinished,
    ReplyWasThought,
    SetLoras,
    ThoughtDelta,
    WarmUp,
    WarmUpFinished,
)
from shammah_tui.core.routing.thoughts import Piece, ThoughtSplitter

log = logging.getLogger(__name__)

DELTA_INTERVAL_S = 1 / 30
"""Shortest time between two pieces: a screen shows no more, and each costs a line and a redraw."""


class ReplyText:
    """Collects bytes, gives out whole characters, seldom enough."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._pending = ""
        self._given_s: float | None = None

    def add(self, piece: bytes, now_s: float) -> str:
        """Take a token's bytes and return the text to show now; may be empty."""
        self._pending += self._decoder.decode(piece)
        if self._given_s is not None and now_s - self._given_s < DELTA_INTERVAL_S:
            return ""
        if self._pending:
            self._given_s = now_s
        return self.rest()

    def rest(self) -> str:
        """Return what waits to be shown; bytes of an unfinished character stay out."""
        text, self._pending = self._pending, ""
        return text


def warm_up(
    model: LoadedModel, command: WarmUp, inbox: Inbox, outbox: Outbox, chunk_size: ChunkSize
) -> WarmUpFinished:
    """Read what ``command`` holds until that is done or stopped; return its last event.

    A conversation that leaves no room for a question, or that the template does not take, is left
    alone: the next question tells about it.
    """
    nothing = WarmUpFinished(command.id, 0, 0)
    cache = model.context.cache
    if inbox.stop_requested.is_set() or (command.has_draft and cache.is_recurrent):
        return nothing
    try:
        tokens = _tokens(model.template, command)
    except Exception as error:  # noqa: BLE001 - a template is a program from a file
        # Without the error's text, which may quote the conversation.
        log.warning("Template: %s", type(error).__name__)
        return nothing
    if not tokens or len(tokens) >= model.context.length:
        return nothing
    if cache.holds(tokens):
        return WarmUpFinished(command.id, len(tokens), len(tokens))

    def progressed(done: int) -> None:
        outbox.send(PromptProgressed(command.id, done, len(tokens)))

    progressed(cache.keep_prefix(tokens).tokens)
    try:
        read_prompt(model.context, tokens, chunk_size, progressed, settled=len(tokens))
    except DecodingStopped:
        log.info("A warm-up was stopped")
    except DecodingError as error:
        log.error("%s", error)  # noqa: TRY400 - the stack says nothing more
    return WarmUpFinished(command.id, len(tokens), len(cache))


def _tokens(template: ChatTemplate, command: WarmUp) -> list[int]:
    messages, thinking = command.messages, command.enable_thinking
    if command.has_draft:
        return template.prompt(messages, enable_thinking=thinking).tokens
    return template.history_tokens(messages, enable_thinking=thinking)


def reply_forever(model: LoadedModel, inbox: Inbox, outbox: Outbox) -> NoReturn:
    """Take requests from ``inbox`` until the end of stdin ends the process."""
    policy = ON_ACCELERATOR if model.on_accelerator else ON_CPU
    chunk_size = ChunkSize(policy, model.batch_size)
    speed = measure_speed(model, inbox.is_waiting)
    if speed is not None:
        outbox.send(speed)
    while True:
        received = inbox.next_command()
        if isinstance(received, SetLoras):
            outbox.send(model.loras.apply(received.loras))
            continue
        if isinstance(received, WarmUp):
            outbox.send(warm_up(model, received, inbox, outbox, chunk_size))
            inbox.finish(received.id)
            continue
        reply = _Reply(model, received, inbox, outbox, chunk_size)
        end = reply.run()
        outbox.send(end)
        inbox.finish(received.request.id)
        if speed is None and isinstance(end, ReplyFinished):
            speed = speed_of_reply(end)
            if speed is not None:
                outbox.send(speed)


class _Reply:
    """One reply: its prompt, its tokens, and how it ends."""

    def __init__(
        self,
        model: LoadedModel,
        received: Received,
        inbox: Inbox,
        outbox: Outbox,
        chunk_size: ChunkSize,
    ) -> None:
        self._model = model
        self._request = received.request
        self._asked_s = received.at_s
        self._must_stop = inbox.stop_requested.is_set
        self._outbox = outbox
        self._chunk_size = chunk_size
        self._prompt: list[int] = []
        self._kept = Kept(0, 0)
        self._tokens = 0
        self._first_s: float | None = None
        self._last_s = 0.0

    def run(self) -> EngineEvent:
        if self._must_stop():
            return self._finished(StopReason.STOPPED)
        try:
            prompt, settled = self._render()
        except Exception as error:  # noqa: BLE001 - a template is a program from a file
            # Without the error's text, which may quote the conversation.
            log.error("Template: %s\n%s", type(error).__name__, _where(error))  # noqa: TRY400
            return self._failed(
                EngineProblem.INTERNAL,
                "The model's chat template cannot render this conversation: start a new one,"
                " choose another model, or set chat_template under [local].",
            )
        self._prompt = prompt.tokens
        length = self._model.context.length
        if len(self._prompt) >= length:
            return self._failed(
                EngineProblem.CONTEXT_TOO_LONG,
                f"The conversation has {len(self._prompt):,} tokens, the model's context holds"
                f" {length:,}: start a new conversation, or choose a longer context.",
            )
        try:
            return self._finished(self._stream(prompt.opens_thought, settled))
        except DecodingError as error:
            log.error("%s", error)  # noqa: TRY400 - the stack says nothing more
            if error.out_of_memory:
                return self._failed(
                    EngineProblem.NO_MEMORY,
                    "The model ran out of memory: close other programs, or choose a smaller one.",
                )
            return self._failed(
                EngineProblem.INTERNAL, "The model stopped with an error: ask again."
            )

    def _render(self) -> tuple[Prompt, int]:
        request, template = self._request, self._model.template
        thinking = request.enable_thinking
        prompt = template.prompt(
            request.messages, enable_thinking=thinking, begun_thought=request.begun_thought
        )
        if not self._model.context.cache.is_recurrent or request.is_aside:
            return prompt, 0
        return prompt, template.settled_length(
            request.messages, prompt.tokens, enable_thinking=thinking
        )

    def _stream(self, opens_thought: bool, settled: int) -> StopReason:
        text = ReplyText()
        splitter = ThoughtSplitter(begins_inside=opens_thought)
        last = self._request.messages[-1]
        if last.role is Role.ASSISTANT:
            begun = self._request.begun_thought if opens_thought else last.text
            splitter.resume(begun, is_thought=opens_thought)
        context = self._model.context
        try:
            self._kept = context.cache.keep_prefix(self._prompt)
            read_prompt(context, self._prompt, self._chunk_size, self._prompt_progressed, settled)
            return self._generate(text, splitter)
        except DecodingStopped:
            return StopReason.STOPPED
        finally:
            self._show([*splitter.take(text.rest()), *splitter.rest()])

    def _generate(self, text: ReplyText, splitter: ThoughtSplitter) -> StopReason:
        context, vocabulary, request = self._model.context, self._model.vocabulary, self._request
        room = context.length - len(self._prompt)
        most = room if request.max_tokens is None else min(request.max_tokens, room)
        repetition = _TokenRepetition()
        with SamplingChain(request.sampling, vocabulary.size, room) as chain:
            while self._tokens < most:
                token = chain.pick(context.handle)
                if vocabulary.is_end(token):
                    return StopReason.END_TURN
                piece = vocabulary.piece(token)
                self._show(splitter.take(text.add(piece, self._note_token())))
                self._model.heartbeat.beat()
                if repetition.add(piece):
                    return StopReason.REPEATED
                if self._tokens < most:
                    context.decode([token])
                if self._must_stop():
                    return StopReason.STOPPED
        return StopReason.CONTEXT_FULL if most == room else StopReason.LENGTH

    def _note_token(self) -> float:
        self._last_s = time.perf_counter()
        if self._first_s is None:
            self._first_s = self._last_s
        self._tokens += 1
        return self._last_s

    def _show(self, pieces: Iterable[Piece]) -> None:
        id_ = self._request.id
        for piece in pieces:
            match piece:
                case ThinkingDelta(text):
                    self._outbox.send(ThoughtDelta(id_, text))
                case TextDelta(text):
                    self._outbox.send(ReplyDelta(id_, text))
                case TextWasThought():
                    self._outbox.send(ReplyWasThought(id_))

    def _prompt_progressed(self, done: int) -> None:
        self._outbox.send(PromptProgressed(self._request.id, done, len(self._prompt)))

    def _finished(self, stop_reason: StopReason) -> ReplyFinished:
        pace = None
        if self._first_s is not None and self._last_s > self._first_s:
            pace = (self._tokens - 1) / (self._last_s - self._first_s)
        return ReplyFinished(
            id=self._request.id,
            stop_reason=stop_reason,
            prompt_tokens=len(self._prompt),
            reused_tokens=self._kept.tokens,
            reply_tokens=self._tokens,
            tokens_per_s=pace,
            first_token_s=None if self._first_s is None else self._first_s - self._asked_s,
            reread_tokens=self._kept.lost_tokens,
        )

    def _failed(self, problem: EngineProblem, sentence: str) -> ReplyFailed:
        return ReplyFailed(self._request.id, problem, sentence)


class _TokenRepetition:
    """Watches for a loop; tokens may be parts of a character."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._watch = RepetitionWatch()
        self._tokens = 0

    def add(self, piece: bytes) -> bool:
        """Take a token's bytes; tell whether the reply goes round in a loop."""
        self._tokens += 1
        text = self._decoder.decode(piece)
        if not text:
            return False
        tokens, self._tokens = self._tokens, 0
        return self._watch.add(text, tokens)


def _where(error: BaseException) -> str:
    return "".join(traceback.format_tb(error.__traceback__))
