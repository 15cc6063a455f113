"""Going from one conversation to another, and back to where one was in it."""

import logging

from textual.screen import Screen
from textual.timer import Timer

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.draft import Draft, from_stored, to_stored
from shammah_tui.core.conversation.records import OpenedConversation
from shammah_tui.core.errors import StoreError
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.ui.chat.chat_pane import ChatPane
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.composer.question_history import QuestionHistory

log = logging.getLogger(__name__)

KEPT_AFTER_S = 0.3
"""A draft or a place is written this long after it changed: a crash costs no more than that."""

RECALLED = 300
"""Questions of other conversations that can be gone back to."""

PRIVATE = "private: not stored, not sent to Claude"


class Places:
    """Keeps the draft and the place of each conversation, and brings them back.

    Args:
        screen: Where conversations are shown.
        session: The conversation that is open.
        pane: Where its messages are.
        composer: Where its draft is.
    """

    def __init__(
        self,
        screen: Screen[None],
        session: ChatSession,
        pane: ChatPane,
        composer: Composer,
    ) -> None:
        self._screen = screen
        self._session = session
        self._pane = pane
        self._composer = composer
        self._timer: Timer | None = None
        self._is_new = True
        self._questions = QuestionHistory[Draft]()
        self._kept: object = None
        self._is_restored = self._is_opening = False

    def restored(self) -> None:
        """Begin to keep: what was left the last time has been read.

        Keeping before that would have it read what is being written now, and add it once more.
        """
        self._is_restored = True
        self.keep_soon()

    async def bring_back(self) -> None:
        """Bring back what was being written where no conversation had begun.

        Raises:
            StoreError: The disk cannot be read.
        """
        self._recall_soon()
        self._add(await self._session.store.draft(None))

    def _add(self, stored: str) -> None:
        """Have what was kept here, before whatever has been written since."""
        draft, set_aside = from_stored(stored)
        for each in set_aside:
            self._composer.questions.set_aside(each)
        if draft.is_blank:
            return
        if self._composer.shown_draft.is_blank:
            self._composer.begin(draft, self._composer.questions)
        else:
            self._composer.put_back(draft)

    def _recall_soon(self) -> None:
        """Have the questions of other conversations to go back to, once they are read."""
        self._composer.await_older()
        self._screen.run_worker(self._recall(), group="recall", exclusive=True)

    async def _recall(self) -> None:
        here = self._session.conversation.id
        found: tuple[str, ...] = ()
        try:
            found = await self._session.store.questions(RECALLED, but_of=here)
        except StoreError:
            # Whoever opens a conversation is told.
            log.warning("Earlier questions cannot be read")
        self._composer.add_older(found[::-1])

    def keep_soon(self) -> None:
        """Keep where one is, a little later and with what changes until then."""
        if self._timer is None:
            self._timer = self._screen.set_timer(KEPT_AFTER_S, self.keep)

    def keep(self) -> None:
        """Keep where one is: what stands in the composer, and what at the top of the pane."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if not self._is_restored or self._is_opening:
            return
        session = self._session
        composer, place_id = self._composer, self._pane.place_id
        draft, unsent = composer.draft, composer.unsent
        now = (
            session.conversation.id,
            session.conversation.is_private,
            draft,
            unsent,
            place_id,
        )
        if now == self._kept:
            # The pane moves with every line of a reply that is followed.
            return
        self._kept = now
        session.conversation.save_draft(to_stored(draft, unsent))
        session.conversation.save_place(place_id)
        if (
            self._is_new
            and session.conversation.id is not None
            and not session.conversation.is_private
        ):
            # What was written before the first question belongs to what that began.
            session.store.save_draft(None, "")
        self._is_new = session.conversation.id is None

    async def begin_new(self, *, is_private: bool = False) -> None:
        """Leave the present conversation for an empty one, and take the draft there.

        What stands in a private one, and what was asked there, goes nowhere.

        Args:
            is_private: Whether the new one is private.
        """
        composer, session = self._composer, self._session
        composer.go_to_draft()
        self._kept, left_id = None, None
        if session.conversation.is_private:
            composer.begin(Draft(), self._questions)
        elif is_private:
            session.conversation.save_draft("")
        else:
            left_id = session.conversation.id
        is_away = session.conversation.is_private or session.conversation.id is not None
        unattached = await self._unattached() if is_away else ""
        session.conversation.save_place(self._pane.place_id)
        if is_private and session.conversation.begin_private():
            self._questions = composer.questions
            composer.begin(composer.draft, QuestionHistory())
        else:
            session.conversation.begin_new()
            if composer.draft.is_blank:
                self._add(unattached)
            else:
                self._set_aside(unattached)
        self.keep()
        if left_id is not None:
            # Only now: what was taken from there is kept here.
            session.store.save_draft(left_id, "")
        self._tell_privacy()
        await self._pane.clear(is_private=is_private)

    async def _unattached(self) -> str:
        try:
            return await self._session.store.draft(None)
        except StoreError as error:
            self._tell(str(error))
            return ""

    def _set_aside(self, stored: str) -> None:
        draft, set_aside = from_stored(stored)
        for each in (*set_aside, draft):
            if not each.is_blank:
                self._composer.questions.set_aside(each)

    async def open(self, conversation_id: int | None, message_id: int | None = None) -> bool:
        """Go on with a conversation that was kept; return whether it is there.

        Args:
            conversation_id: Which one; None is the last one.
            message_id: The message to show; None is where it was left.
        """
        composer, session = self._composer, self._session
        composer.go_to_draft()
        self.keep()
        is_carried = session.conversation.id is None and not session.conversation.is_private
        left, asked = composer.draft, composer.questions
        self._is_opening = True
        if not is_carried:
            # What is typed from here on is meant for the conversation that was chosen.
            composer.begin(Draft(), QuestionHistory())
        try:
            if await self._open(conversation_id, message_id, is_carried=is_carried):
                return True
        finally:
            self._is_opening = False
            self.keep_soon()
        if not is_carried:
            composer.begin(left.before(composer.draft), asked)
        return False

    async def _open(
        self, conversation_id: int | None, message_id: int | None, *, is_carried: bool
    ) -> bool:
        session = self._session
        try:
            if conversation_id is None:
                conversation_id = await session.store.last_conversation()
            opened = conversation_id and await session.conversation.open(
                conversation_id, message_id
            )
        except StoreError as error:
            self._tell(str(error))
            return False
        if not opened:
            self._tell("No conversation to continue: this is a new one")
            return False
        await self._show(opened, message_id, is_carried=is_carried)
        return True

    def _tell_privacy(self) -> None:
        self._composer.border_subtitle = PRIVATE if self._session.conversation.is_private else None

    async def _show(
        self, opened: OpenedConversation, message_id: int | None, *, is_carried: bool
    ) -> None:
        await self._pane.show(opened.path, opened.siblings, message_id, opened.place_id)
        self._pane.tell_siblings(opened.siblings, opened.hidden)
        self._is_new = False
        self._tell_privacy()
        composer = self._composer
        carried, carried_aside = composer.draft, composer.unsent
        composer.begin(
            Draft(),
            QuestionHistory(
                composer.as_written(message.written)
                for message in opened.path
                if message.role is Role.USER
            ),
        )
        self._add(opened.draft)
        if not (is_carried and self._is_restored):
            # Typed since the start or since this conversation was chosen, and meant for it.
            composer.begin(composer.draft.before(carried), composer.questions)
        elif is_carried and composer.draft.is_blank:
            # It was written before there was a conversation for it.
            for each in carried_aside:
                composer.questions.set_aside(each)
            composer.begin(carried, composer.questions)
            self.keep()
            self._session.store.save_draft(None, "")
        self._recall_soon()

    def _tell(self, sentence: str) -> None:
        self._screen.notify(
            sentence, title="Conversations", severity="error", timeout=15, markup=False
        )
