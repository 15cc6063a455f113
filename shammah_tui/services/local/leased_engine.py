"""An engine that is given up only when nobody is being answered by it."""

import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from shammah_tui.core.conversation.conversation import Conversation
from shammah_tui.core.conversation.reply import ReplyEvent, Warming
from shammah_tui.ports import Engine, ReplyOptions


class LeasedEngine:
    """A backend that counts the replies under way.

    Args:
        engine: What replies.
        on_idle: Called once, on whichever thread ends the last reply, after ``retire``.
    """

    def __init__(self, engine: Engine, on_idle: Callable[[], None]) -> None:
        self.engine = engine
        self._on_idle = on_idle
        self._lock = threading.Lock()
        self._replies = 0
        self._retired = False

    async def reply(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[ReplyEvent, None]:
        """Reply as the engine does; see ``ports.Backend.reply``."""
        with self._lock:
            self._replies += 1
        try:
            async with aclosing(self.engine.reply(conversation, options)) as events:
                async for event in events:
                    yield event
        finally:
            with self._lock:
                self._replies -= 1
                idle = self._retired and self._replies == 0
            if idle:
                self._on_idle()

    async def warm(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[Warming, None]:
        """Read ahead as the engine does; that is no reason to keep a retired one."""
        if self._retired:
            return
        async with aclosing(self.engine.warm(conversation, options)) as steps:
            async for step in steps:
                yield step

    def retire(self) -> None:
        """Let the replies under way finish; ``on_idle`` says when the engine may be stopped."""
        with self._lock:
            was_retired, self._retired = self._retired, True
            idle = not was_retired and self._replies == 0
        if idle:
            self._on_idle()
