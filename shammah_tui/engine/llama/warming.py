"""Reads a conversation into the cache ahead of its next question."""

import logging

from shammah_tui.core.engine_messages import PromptProgressed, WarmUp, WarmUpFinished
from shammah_tui.engine.llama.chunk_size import ChunkSize
from shammah_tui.engine.llama.context import DecodingError, DecodingStopped
from shammah_tui.engine.llama.inbox import Inbox
from shammah_tui.engine.llama.loading import LoadedModel
from shammah_tui.engine.llama.outbox import Outbox
from shammah_tui.engine.llama.prompt_reading import read_prompt

log = logging.getLogger(__name__)


def warm_up(
    model: LoadedModel, command: WarmUp, inbox: Inbox, outbox: Outbox, chunk_size: ChunkSize
) -> WarmUpFinished:
    """Read what ``command`` holds until that is done or stopped; return its last event.

    A conversation that leaves no room for a question, or that the template does not take, is left
    alone: the next question tells about it.
    """
    nothing = WarmUpFinished(command.id, 0, 0)
    if inbox.stop_requested.is_set():
        return nothing
    try:
        tokens = model.template.history_tokens(
            command.messages, enable_thinking=command.enable_thinking
        )
    except Exception as error:  # noqa: BLE001 - a template is a program from a file
        # Without the error's text, which may quote the conversation.
        log.warning("Template: %s", type(error).__name__)
        return nothing
    cache = model.context.cache
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
