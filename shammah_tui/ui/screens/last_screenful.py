"""Keeps what is seen of the last conversation, for the first picture of the next start."""

import logging
from typing import Protocol

from textual.screen import Screen

from shammah_tui.core.store_error import StoreError
from shammah_tui.first.screenful import COLORLESS, Screenful
from shammah_tui.services.chat_session import ChatSession
from shammah_tui.ui.seen_rows import seen_rows
from shammah_tui.ui.widgets.chat_pane import ChatPane
from shammah_tui.ui.widgets.message_box import REPLYING

log = logging.getLogger(__name__)


class ScreenfulMemory(Protocol):
    """Keeps one screenful."""

    def keep(self, screenful: Screenful) -> None:
        """Keep it instead of the one before."""
        ...

    def forget(self, conversation_id: int | None = None) -> None:
        """Keep none of this conversation any more; None is of any."""
        ...


class LastScreenful:
    """Keeps the pane's rows while what they show is kept, and is what the next start goes on with.

    Args:
        screen: Where the pane is.
        session: The conversation that is open.
        pane: Where its messages are.
        memory: Where its rows are kept; None keeps none.
    """

    def __init__(
        self,
        screen: Screen[None],
        session: ChatSession,
        pane: ChatPane,
        memory: ScreenfulMemory | None,
    ) -> None:
        self._screen = screen
        self._session = session
        self._pane = pane
        self._memory = memory
        self._is_stored = False
        self._is_last = True
        self._is_over = False
        self._kept: object = None

    async def begin(self) -> None:
        """Keep from now on, if conversations are kept on a disk; else forget what was seen."""
        self._is_stored = await self._session.store.is_stored()
        if self._memory is not None and not self._is_stored:
            self._memory.forget()

    def begun(self) -> None:
        """Take it that the conversation that is open now will be the last one, once it is asked."""
        self._is_last = True

    async def opened(self, conversation_id: int) -> None:
        """Find out whether the conversation that is open now is the last one."""
        try:
            self._is_last = conversation_id == await self._session.store.last_conversation()
        except StoreError:
            self._is_last = False

    def keep_moved(self) -> None:
        """Keep the pane's rows if it was scrolled, or shows other messages or more of them."""
        pane = self._pane
        now = (
            self._session.conversation_id,
            tuple(box.message_id for box in pane.boxes),
            self._screen.app.theme,
            pane.scroll_y,
            pane.size,
            pane.virtual_size,
        )
        if now != self._kept and not self._screen.has_class(REPLYING):
            self._kept = now
            self.keep()

    def keep(self) -> None:
        """Keep the pane's rows as they are now."""
        session, pane = self._session, self._pane
        if self._is_over or not pane.is_running:
            # Its messages go one after the other: what is left is not what was seen.
            return
        conversation_id = session.conversation_id
        # Whoever was asked since it was opened made it the last one.
        is_last = self._is_last or session.question_id is not None
        if self._memory is None or not (self._is_stored and is_last) or session.is_private:
            return
        if conversation_id is None:
            return
        if not pane.boxes:
            # All of it was deleted.
            self._memory.forget(conversation_id)
            return
        screenful = what_is_seen(self._screen, pane, conversation_id)
        if screenful is None:
            self._memory.forget()
        else:
            self._memory.keep(screenful)

    def keep_at_the_end(self) -> None:
        """Keep the pane's rows, and whatever goes wrong there, go on to leave."""
        try:
            self.keep()
        except Exception:
            log.exception("What is seen is not kept")
        self._is_over = True

    def forget(self, conversation_id: int) -> None:
        """Keep nothing of a conversation that was deleted."""
        if self._memory is not None:
            self._memory.forget(conversation_id)


def what_is_seen(screen: Screen[None], pane: ChatPane, conversation_id: int) -> Screenful | None:
    """Return what is seen of a conversation; None where that cannot be written down."""
    rows = seen_rows(screen, pane)
    if rows is None:
        return None
    height = pane.virtual_size.height
    place = max(0, round(pane.scroll_y)), height
    size, is_end = (screen.size.width, screen.size.height), pane.place_id is None
    # What does not fill the pane stands at its end.
    rows = rows[-height:]
    theme = COLORLESS if screen.app.no_color else screen.app.theme
    return Screenful(size, theme, conversation_id, rows, place, is_end=is_end)
