"""Reading ahead: the local model reads the conversation and the draft before they are sent."""

import logging
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, field

from textual.message import Message
from textual.timer import Timer
from textual.worker import Worker

from shammah_tui.core.conversation.reply import Warming
from shammah_tui.core.routing.context_window import ContextUse, estimate_text_tokens
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.ui.chat.generator_header import GeneratorHeader, ModelScreen
from shammah_tui.ui.composer.composer import Composer

log = logging.getLogger(__name__)

PAUSE_S = 0.4
"""A draft is looked at when nothing was typed for so long: twice the time between two letters."""

WORTH_TOKENS = 20
"""About 60 letters, or a line. With 0.5 billion weights a reading takes 80 ms of processor however
little is read, as generating a token does, and 8 ms a token, of which ten are the prompt's end."""
SENTENCE_TOKENS = 8
"""As many letters as a short sentence has: at the end of one, more may not be to come."""
_SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！", "؟", "।")


def is_worth_reading(draft: str, read: str) -> bool:
    """Return whether a draft holds enough that is new after what was read of it last."""
    unread = estimate_text_tokens(draft[_common_length(draft, read) :])
    return unread >= (SENTENCE_TOKENS if draft.endswith(_SENTENCE_ENDS) else WORTH_TOKENS)


def _common_length(one: str, other: str) -> int:
    """Return how far two texts are the same; 1 ms for a million characters."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if one[least:middle] == other[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least


@dataclass(eq=False)
class ReadingAhead:
    """Has the local model read what the next question begins with; not while one is answered.

    The header tells what is left of the conversation; the draft is read without a word.
    """

    class Done(Message):
        """The conversation was read; it may have got a title then."""

    _screen: ModelScreen[None]
    _session: ChatSession
    _composer: Composer
    _header: GeneratorHeader
    _pauses: int = field(default=0, init=False)
    _worker: Worker[None] | None = field(default=None, init=False)
    _timer: Timer | None = field(default=None, init=False)
    _read: str = field(default="", init=False)
    """The draft that was read last."""

    def begin(self) -> None:
        """Have the conversation read from its beginning, then the draft; not while it pauses."""
        self._read = ""
        if not self._pauses:
            self._run(self._conversation_and_draft)

    def pause(self) -> None:
        """Have nothing read until ``resume``, which is called once for each pause.

        What was read stays, as far as the next question begins with it.
        """
        self._pauses += 1
        self._read = ""
        if self._worker is not None:
            self._worker.cancel()

    def resume(self) -> None:
        self._pauses -= 1
        self.begin()

    def look_soon(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._screen.set_timer(PAUSE_S, self._look)

    def _look(self) -> None:
        self._timer = None
        draft = self._composer.question
        if self._worker is not None and not self._worker.is_finished:
            if draft.startswith(self._read):
                # It will be looked at again when that much has been read.
                return
            self._worker.cancel()
        if not self._pauses and is_worth_reading(draft, self._read):
            self._run(self._draft)

    def _run(self, reading: Callable[[], Coroutine[None, None, None]]) -> None:
        self._worker = self._screen.run_worker(
            reading, group="reading ahead", exclusive=True, exit_on_error=False
        )

    async def _conversation_and_draft(self) -> None:
        if self._session.conversation.history:
            await self._conversation()
            self._screen.post_message(self.Done())
        await self._draft()

    async def _conversation(self) -> None:
        step: Warming | None = None
        try:
            async with aclosing(self._session.warm()) as steps:
                async for step in steps:
                    self._header.warming_tokens = step.left_tokens
        except Exception:
            log.exception("Reading ahead failed")
        finally:
            self._header.warming_tokens = 0
        active = self._screen.snapshot.active
        if step is not None and active is not None and active.context_length is not None:
            self._header.context_use = ContextUse(step.total_tokens, active.context_length)

    async def _draft(self) -> None:
        try:
            while is_worth_reading(draft := self._composer.question, self._read):
                self._read = draft
                await self._session.read_draft(draft)
        except Exception as error:  # noqa: BLE001 - the question itself tells what is wrong
            # Without the error's text, which may quote the draft.
            log.error("Reading a draft failed: %s", type(error).__name__)  # noqa: TRY400
