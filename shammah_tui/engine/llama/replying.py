"""Answers requests, one after another, for as long as there are any."""

import logging
import time
import traceback
from typing import NoReturn

from shammah_tui.core.engine_messages import (
    EngineEvent,
    EngineProblem,
    PromptProgressed,
    ReplyDelta,
    ReplyFailed,
    ReplyFinished,
)
from shammah_tui.core.reply import StopReason
from shammah_tui.engine.llama.chunk_size import ON_ACCELERATOR, ON_CPU, ChunkSize
from shammah_tui.engine.llama.context import DecodingError, DecodingStopped
from shammah_tui.engine.llama.inbox import Inbox, Received
from shammah_tui.engine.llama.loading import LoadedModel
from shammah_tui.engine.llama.outbox import Outbox
from shammah_tui.engine.llama.prompt_reading import read_prompt
from shammah_tui.engine.llama.reply_text import ReplyText
from shammah_tui.engine.llama.sampling_chain import SamplingChain

log = logging.getLogger(__name__)


def reply_forever(model: LoadedModel, inbox: Inbox, outbox: Outbox) -> NoReturn:
    """Take requests from ``inbox`` until the end of stdin ends the process."""
    chunk_size = ChunkSize(ON_ACCELERATOR if model.on_accelerator else ON_CPU)
    while True:
        received = inbox.next_request()
        reply = _Reply(model, received, inbox, outbox, chunk_size)
        outbox.send(reply.run())
        inbox.finish(received.request.id)


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
        self._reused = 0
        self._tokens = 0
        self._first_s: float | None = None
        self._last_s = 0.0

    def run(self) -> EngineEvent:
        """Stream the reply and return its last event."""
        if self._must_stop():
            return self._finished(StopReason.STOPPED)
        try:
            self._prompt = self._model.template.prompt_tokens(
                self._request.messages, enable_thinking=self._request.enable_thinking
            )
        except Exception as error:  # noqa: BLE001 - a template is a program from a file
            # Without the error's text, which may quote the conversation.
            log.error("Template: %s\n%s", type(error).__name__, _where(error))  # noqa: TRY400
            return self._failed(
                EngineProblem.INTERNAL,
                "The model's chat template does not take this conversation: start a new one, or"
                " choose another model.",
            )
        length = self._model.context.length
        if len(self._prompt) >= length:
            return self._failed(
                EngineProblem.CONTEXT_TOO_LONG,
                f"The conversation has {len(self._prompt):,} tokens and the model's context holds"
                f" {length:,}: start a new conversation, or choose a longer context.",
            )
        try:
            return self._finished(self._stream())
        except DecodingError as error:
            log.error("%s", error)  # noqa: TRY400 - the stack says nothing more
            if error.out_of_memory:
                return self._failed(
                    EngineProblem.NO_MEMORY,
                    "The model ran out of memory: close other programs, or choose a smaller one.",
                )
            return self._failed(
                EngineProblem.INTERNAL, "The model could not go on computing: ask again."
            )

    def _stream(self) -> StopReason:
        text = ReplyText()
        try:
            self._reused = read_prompt(
                self._model.context, self._prompt, self._chunk_size, self._prompt_progressed
            )
            return self._generate(text)
        except DecodingStopped:
            return StopReason.STOPPED
        finally:
            self._show(text.rest())

    def _generate(self, text: ReplyText) -> StopReason:
        context, vocabulary, request = self._model.context, self._model.vocabulary, self._request
        room = context.length - len(self._prompt)
        most = room if request.max_tokens is None else min(request.max_tokens, room)
        with SamplingChain(request.sampling, vocabulary.size, room) as chain:
            while self._tokens < most:
                token = chain.pick(context.handle)
                if vocabulary.is_end(token):
                    return StopReason.END_TURN
                self._show(text.add(vocabulary.piece(token), self._note_token()))
                if self._tokens < most:
                    context.decode([token])
                if self._must_stop():
                    return StopReason.STOPPED
        return StopReason.LENGTH

    def _note_token(self) -> float:
        self._last_s = time.perf_counter()
        if self._first_s is None:
            self._first_s = self._last_s
        self._tokens += 1
        return self._last_s

    def _show(self, text: str) -> None:
        if text:
            self._outbox.send(ReplyDelta(self._request.id, text))

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
            reused_tokens=self._reused,
            reply_tokens=self._tokens,
            tokens_per_s=pace,
            first_token_s=None if self._first_s is None else self._first_s - self._asked_s,
        )

    def _failed(self, problem: EngineProblem, sentence: str) -> ReplyFailed:
        return ReplyFailed(self._request.id, problem, sentence)


def _where(error: BaseException) -> str:
    return "".join(traceback.format_tb(error.__traceback__))
