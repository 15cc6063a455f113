"""The way out of this machine: whoever asks Claude does it through here."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from shammah_tui.core.conversation import Conversation
from shammah_tui.core.leaving import leaving
from shammah_tui.core.reply import ReplyEvent
from shammah_tui.ports import Backend, ReplyOptions


class WayOut:
    """Claude, who is told only what may leave this machine.

    Args:
        claude: Whom to ask.
    """

    def __init__(self, claude: Backend) -> None:
        self._claude = claude

    async def reply(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[ReplyEvent, None]:
        """Reply as Claude does to what may leave; see ``ports.Backend.reply``."""
        told = leaving(conversation).conversation
        async with aclosing(self._claude.reply(told, options)) as events:
            async for event in events:
                yield event
