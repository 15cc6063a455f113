"""Going from one conversation to another, and back to where one was in it."""

from textual.screen import Screen
from textual.timer import Timer

from shammah_tui.core.conversation import Role
from shammah_tui.core.question_history import QuestionHistory
from shammah_tui.core.records import OpenedConversation
from shammah_tui.core.store_error import StoreError
from shammah_tui.services.chat_session import ChatSession
from shammah_tui.ui.screens.last_screenful import LastScreenful, ScreenfulMemory
from shammah_tui.ui.widgets.chat_pane import ChatPane
from shammah_tui.ui.widgets.composer import Composer
from shammah_tui.ui.widgets.welcome import Welcome

KEPT_AFTER_S = 0.3
"""A draft or a place is written this long after it changed: a crash costs no more than that."""

PRIVATE = "private: not kept, not sent to Claude"


class Places:
    """Keeps the draft and the place of each conversation, and brings them back.

    Args:
        screen: Where conversations are shown.
        session: The conversation that is open.
        pane: Where its messages are.
        composer: Where its draft is.
        screenfuls: Keeps what is seen; None keeps nothing of that.
    """

    def __init__(
        self,
        screen: Screen[None],
        session: ChatSession,
        pane: ChatPane,
        composer: Composer,
        screenfuls: ScreenfulMemory | None = None,
    ) -> None:
        self._screen = screen
        self._session = session
        self._pane = pane
        self._composer = composer
        self._timer: Timer | None = None
        self._is_new = True
        self._questions = QuestionHistory()
        self._kept: object = None
        self._is_restored = False
        self.seen = LastScreenful(screen, session, pane, screenfuls)
        """What is seen of the last conversation."""

    async def restored(self) -> None:
        """Begin to keep: what was left the last time has been read.

        Keeping before that would have it read what is being written now, and add it once more.
        """
        await self.seen.begin()
        self._is_restored = True
        self.keep_soon()

    def keep_soon(self) -> None:
        """Keep where one is, a little later and with what changes until then."""
        if self._timer is None:
            self._timer = self._screen.set_timer(KEPT_AFTER_S, self.keep)

    def keep(self) -> None:
        """Keep where one is: what stands in the composer, and what at the top of the pane."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if not self._is_restored:
            return
        self.seen.keep_moved()
        session = self._session
        draft, place_id = self._composer.draft, self._pane.place_id
        now = session.conversation_id, session.is_private, draft, place_id
        if now == self._kept:
            # The pane moves with every line of a reply that is followed.
            return
        self._kept = now
        session.save_draft(draft)
        session.save_place(place_id)
        if self._is_new and session.conversation_id is not None and not session.is_private:
            # What was written before the first question belongs to what that began.
            session.store.save_draft(None, "")
        self._is_new = session.conversation_id is None

    async def begin_new(self, welcome: Welcome, *, is_private: bool = False) -> None:
        """Leave the present conversation for an empty one, and take the draft there.

        What stands in a private one, and what was asked there, goes nowhere.

        Args:
            welcome: What the pane then shows.
            is_private: Whether the new one is private.
        """
        self._composer.action_give_up_edit()
        self._kept = None
        if self._session.is_private:
            self._composer.load_text("")
            self._composer.questions = self._questions
        self._session.save_place(self._pane.place_id)
        self._session.save_draft("")
        self.seen.keep()
        if is_private and self._session.begin_private():
            self._questions = self._composer.questions
            self._composer.questions = QuestionHistory()
        else:
            self._session.begin_new()
        self.seen.begun()
        self._tell_privacy()
        await self._pane.clear(welcome)
        self.keep()

    async def open(self, conversation_id: int | None, message_id: int | None = None) -> bool:
        """Go on with a conversation that was kept; return whether it is there.

        Args:
            conversation_id: Which one; None is the last one.
            message_id: The message to show; None is where it was left.
        """
        self._composer.action_give_up_edit()
        self.keep()
        session = self._session
        is_carried = session.conversation_id is None and not session.is_private
        try:
            if conversation_id is None:
                conversation_id = await session.store.last_conversation()
            opened = conversation_id and await session.open(conversation_id, message_id)
        except StoreError as error:
            self._tell(str(error))
            await self._pane.give_up_screenful()
            return False
        if not opened:
            self._tell("There is no conversation to go on with")
            await self._pane.give_up_screenful()
            return False
        await self.seen.opened(opened.summary.id)
        await self._show(opened, message_id, carried=self._composer.text if is_carried else "")
        return True

    def _tell_privacy(self) -> None:
        self._composer.border_subtitle = PRIVATE if self._session.is_private else None

    async def _show(
        self, opened: OpenedConversation, message_id: int | None, *, carried: str
    ) -> None:
        await self._pane.show(opened.path, opened.siblings, message_id, opened.place_id)
        self._pane.tell_siblings(opened.siblings, opened.hidden)
        if carried and not opened.draft:
            # It was written before there was a conversation for it.
            self._session.store.save_draft(None, "")
        self._is_new = False
        self._tell_privacy()
        self._composer.load_text(opened.draft or carried)
        self._composer.move_cursor(self._composer.document.end)
        self._composer.questions = QuestionHistory(
            message.written for message in opened.path if message.role is Role.USER
        )

    def _tell(self, sentence: str) -> None:
        self._screen.notify(
            sentence, title="Conversations", severity="error", timeout=15, markup=False
        )
