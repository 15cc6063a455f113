"""The open conversation: going to another one, changing its messages, its draft and its place.

One subject in more than 400 lines: each way to another conversation takes the draft along or
leaves it, and each change of the messages shows them anew.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field

from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.draft import Draft, from_stored, to_stored
from shammah_tui.core.conversation.records import (
    ConversationSummary,
    OpenedConversation,
    TitleSource,
)
from shammah_tui.core.conversation.titles import title_from
from shammah_tui.core.errors import StoreError
from shammah_tui.core.text.plain_text import plain, truncate
from shammah_tui.core.wording import notices
from shammah_tui.ports import ConversationStore
from shammah_tui.services.conversation.open_conversation import OpenConversation
from shammah_tui.ui.chat.chat_pane import ChatPane
from shammah_tui.ui.chat.generator_header import GeneratorHeader
from shammah_tui.ui.chat.message_box import MessageBox
from shammah_tui.ui.chat.reading_ahead import ReadingAhead
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.composer.question_history import QuestionHistory

log = logging.getLogger(__name__)

KEPT_AFTER_S = 0.3
"""A draft or a place is written this long after it changed: a crash costs no more than that."""

RECALLED = 300
"""Questions of other conversations that can be gone back to."""

BIN_S = 30 * 24 * 3600.0
"""What was deleted longer ago is erased from the disk."""

NAME_WIDTH = 32
"""Cells of a title, or of a message's first words, in a notice."""


@dataclass(eq=False)
class ConversationController:
    """Opens conversations one after the other and changes the one that is open."""

    class Opened(Message):
        """Opening a conversation has ended, be it that the one before is still open."""

    conversation: OpenConversation
    store: ConversationStore
    _screen: Screen[None]
    _reading: ReadingAhead
    _pane: ChatPane
    _composer: Composer
    _header: GeneratorHeader
    _timer: Timer | None = field(default=None, init=False)
    _turn: Worker[None] | None = field(default=None, init=False)
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _is_new: bool = field(default=True, init=False)
    _questions: QuestionHistory[Draft] = field(default_factory=QuestionHistory, init=False)
    """Those of the conversation that was left for a private one."""
    _written: object = field(default=None, init=False)
    """The draft and the place that were kept last."""
    _is_restored: bool = field(default=False, init=False)

    @property
    def is_opening(self) -> bool:
        """Whether a conversation is being opened: what is sent meanwhile is meant for that."""
        return self._opening.locked()

    def hold(self, turn: Worker[None]) -> None:
        self._turn = turn

    def may_change(self) -> bool:
        """Return whether the conversation may be left or changed now; else say why not."""
        is_held = self._turn is not None and not self._turn.is_finished
        if is_held:
            self._screen.notify(notices.WAIT_FOR_REPLY)
        return not is_held

    # Going to another conversation

    async def restore(self, *, continue_last: bool) -> None:
        """Bring back what was left the last time: the last conversation, or what was written."""
        self.store.purge(BIN_S)
        try:
            if continue_last:
                await self.open(None)
            if self.conversation.id is None:
                self._recall_soon()
                self._add(await self._unattached())
        finally:
            # Kept before, it would be read as what was left, and added once more.
            self._is_restored = True
            self.keep_soon()

    async def open(self, conversation_id: int | None, message_id: int | None = None) -> None:
        """Open a conversation, None the last one, at a message of it or where it was left."""
        async with self._opening:
            composer, conversation = self._composer, self.conversation
            composer.go_to_draft()
            self._write()
            is_carried = conversation.id is None and not conversation.is_private
            left, asked = composer.draft, composer.questions
            if not is_carried:
                # What is typed from here on is meant for the conversation that was chosen.
                composer.begin(Draft(), QuestionHistory())
            opened = await self._read(conversation_id, message_id)
            if opened is not None:
                await self._show(opened, message_id, is_carried=is_carried)
            elif not is_carried:
                composer.begin(left.before(composer.draft), asked)
        self.keep_soon()
        if opened is not None:
            self._show_another()
            self._reading.begin()
        self._screen.post_message(self.Opened())

    async def _read(
        self, conversation_id: int | None, message_id: int | None
    ) -> OpenedConversation | None:
        try:
            if conversation_id is None:
                conversation_id = await self.store.last_conversation()
            opened = conversation_id and await self.conversation.open(conversation_id, message_id)
        except StoreError as error:
            self._tell_trouble(error)
            return None
        if not opened:
            self._tell_trouble(notices.NONE_TO_CONTINUE)
            return None
        return opened

    async def _show(
        self, opened: OpenedConversation, message_id: int | None, *, is_carried: bool
    ) -> None:
        await self._pane.show(message_id, opened.place_id)
        self._is_new = False
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
        elif composer.draft.is_blank:
            # It was written before there was a conversation for it.
            for each in carried_aside:
                composer.questions.set_aside(each)
            composer.begin(carried, composer.questions)
            self._write()
            self.store.save_draft(None, "")
        self._recall_soon()

    async def begin(self, *, is_private: bool) -> None:
        """Leave the present conversation for an empty one, and take the draft there.

        What stands in a private one, and what was asked there, goes nowhere.
        """
        if self.may_change():
            self._reading.pause()
            try:
                await self._begin(is_private=is_private)
            finally:
                self._reading.resume()

    async def _begin(self, *, is_private: bool) -> None:
        composer, conversation = self._composer, self.conversation
        composer.go_to_draft()
        self._written, left_id = None, None
        if conversation.is_private:
            composer.begin(Draft(), self._questions)
        elif is_private:
            conversation.save_draft("")
        else:
            left_id = conversation.id
        is_away = conversation.is_private or conversation.id is not None
        unattached = await self._unattached() if is_away else ""
        conversation.save_place(self._pane.place_id)
        if is_private and conversation.begin_private():
            self._questions = composer.questions
            composer.begin(composer.draft, QuestionHistory())
        else:
            conversation.begin_new()
            self._add(unattached, is_aside=not composer.draft.is_blank)
        self.keep()
        if left_id is not None:
            # Only now: what was taken from there is kept here.
            self.store.save_draft(left_id, "")
        await self._pane.clear(is_private=is_private)
        self._show_another()

    def _show_another(self) -> None:
        is_private = self.conversation.is_private
        self._composer.border_subtitle = notices.PRIVATE_HERE if is_private else None
        self._header.context_use = None
        self._header.private = is_private
        self.show_title()
        self._screen.refresh_bindings()

    async def fork(self, box: MessageBox) -> None:
        """Go on in a new conversation: after a reply, or with a question to be changed first."""
        conversation, message_id = self.conversation, box.message_id
        if message_id is None or not self.may_change():
            return
        text = await conversation.text_to_edit(message_id) if box.is_question else ""
        forked = await conversation.fork(message_id)
        if forked is not None:
            await self.open(forked)
        elif text:
            await self.begin(is_private=conversation.is_private)
        else:
            return
        if text:
            self._composer.write_instead(text)
        self._composer.focus()
        self._tell(notices.forked(is_private=conversation.is_private))

    # The draft and the place

    def keep_soon(self) -> None:
        """Keep draft and place, a little later and with what changes until then."""
        if self._timer is None:
            self._timer = self._screen.set_timer(KEPT_AFTER_S, self.keep)

    def keep(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if not self.is_opening:
            self._write()

    def _write(self) -> None:
        conversation, composer, place_id = self.conversation, self._composer, self._pane.place_id
        draft, unsent = composer.draft, composer.unsent
        now = conversation.id, conversation.is_private, draft, unsent, place_id
        if not self._is_restored or now == self._written:
            # The pane moves with every line of a reply that is followed.
            return
        self._written = now
        conversation.save_draft(to_stored(draft, unsent))
        conversation.save_place(place_id)
        if self._is_new and conversation.id is not None and not conversation.is_private:
            # What was written before the first question belongs to what that began.
            self.store.save_draft(None, "")
        self._is_new = conversation.id is None

    async def _unattached(self) -> str:
        try:
            return await self.store.draft(None)
        except StoreError as error:
            self._tell_trouble(error)
            return ""

    def _add(self, stored: str, *, is_aside: bool = False) -> None:
        draft, set_aside = from_stored(stored)
        for each in (*set_aside, draft) if is_aside else set_aside:
            if not each.is_blank:
                self._composer.questions.set_aside(each)
        if draft.is_blank or is_aside:
            return
        if self._composer.shown_draft.is_blank:
            self._composer.begin(draft, self._composer.questions)
        else:
            self._composer.put_back(draft)

    def _recall_soon(self) -> None:
        self._composer.await_older()
        self._screen.run_worker(self._recall(), group="recall", exclusive=True)

    async def _recall(self) -> None:
        here = self.conversation.id
        found: tuple[str, ...] = ()
        try:
            found = await self.store.questions(RECALLED, but_of=here)
        except StoreError:
            # Whoever opens a conversation is told.
            log.warning("Earlier questions cannot be read")
        self._composer.add_older(found[::-1])

    # Changing the messages

    async def edit(self, box: MessageBox) -> None:
        if box.message_id is not None and self.may_change():
            text = await self.conversation.text_to_edit(box.message_id)
            self._composer.begin_edit(box.message_id, text)

    async def switch_version(self, box: MessageBox, step: int) -> None:
        box = box.versioned
        number, count = box.branch
        if 1 <= number + step <= count and self.may_change():
            wanted = box.versions[number - 1 + step]
            self.conversation.show_branch(wanted)
            await self.reload(wanted)
            self._pane.show_beginning(self._pane.find(wanted))

    async def delete_turn(self, box: MessageBox) -> None:
        if box.message_id is None or not self.may_change():
            return
        if not box.is_selected:
            # The focus came here by itself, as it does after a deletion.
            self._tell(notices.CHOOSE_FIRST)
            return
        boxes = self._pane.boxes
        question = self._pane.question_of(box) or box
        first = boxes.index(question)
        after = next((n for n in range(first + 1, len(boxes)) if boxes[n].is_question), len(boxes))
        gone = await self.conversation.delete_turn(box.message_id)
        if gone is not None:
            neighbours = [*boxes[after:], *reversed(boxes[:first])]
            at = next((each.message_id for each in neighbours if each.message_id), None)
            await self.reload(at)
            key = "u" if self._pane.find(at) is not None else "/undo"
            title, has_reply = title_from(gone.text, NAME_WIDTH), gone.role is Role.USER
            self._tell(notices.deleted(title, key, has_reply=has_reply))

    async def undo(self) -> None:
        if not self.may_change():
            return
        restored = await self.conversation.undo()
        if restored is None:
            self._tell(notices.NOTHING_TO_UNDO)
        elif restored.question_id is None:
            self._tell(f"Restored “{plain(restored.text)}”")
        else:
            await self.reload(restored.question_id)
            self._tell(f"Restored “{title_from(restored.text, NAME_WIDTH)}”")
        self._screen.refresh_bindings()

    async def reload(self, at: int | None) -> None:
        """Show the conversation as it is kept, with the focus on a message, else the composer."""
        conversation_id = self.conversation.id
        if conversation_id is None:
            return
        try:
            await self.conversation.open(conversation_id)
        except StoreError as error:
            self._screen.notify(str(error), severity="error", markup=False)
            return
        await self._pane.show(at)
        if self._pane.find(at) is None:
            self._composer.focus()
        self._screen.refresh_bindings()

    async def show_versions(self) -> None:
        await self.conversation.read_branches()
        self._pane.show_versions()

    # The conversations in the list

    async def listed_summary(self) -> ConversationSummary | None:
        """Return the conversation that is open as the list has it, or say why it is not there."""
        conversation = self.conversation
        if conversation.is_private:
            self._tell(notices.PRIVATE_UNLISTED)
            return None
        if conversation.id is None:
            self._tell(notices.EMPTY_UNLISTED)
            return None
        return await self.store.summary(conversation.id)

    def rename(self, conversation_id: int, title: str) -> None:
        self.store.rename(conversation_id, title, TitleSource.USER)
        self.show_title()

    def show_title(self) -> None:
        self._screen.run_worker(self._show_title(), group="title", exclusive=True)

    async def _show_title(self) -> None:
        conversation, summary = self.conversation, None
        if conversation.id is not None and not conversation.is_private:
            with suppress(StoreError):
                summary = await self.store.summary(conversation.id)
        self._header.title = "" if summary is None else summary.title

    def pin(self, summary: ConversationSummary) -> None:
        self.store.pin(summary.id, not summary.is_pinned)
        self._tell(f"{'Unpinned' if summary.is_pinned else 'Pinned'} {named(summary.title)}")

    async def delete(self, conversation_id: int) -> ConversationSummary | None:
        """Put a conversation into the bin; the one that is open gives way to an empty one.

        Returns what the list showed of it; None where that cannot be done now, which was said.
        """
        conversation = self.conversation
        if conversation_id == conversation.id and not conversation.is_private:
            if not self.may_change():
                return None
            await self.begin(is_private=False)
        return await conversation.delete_conversation(conversation_id)

    def _tell(self, sentence: str) -> None:
        self._screen.notify(sentence, markup=False)

    def _tell_trouble(self, what: object) -> None:
        self._screen.notify(
            str(what), title="Conversations", severity="error", timeout=15, markup=False
        )


def named(title: str) -> str:
    """Return a title as notices have it: short enough for what else they say."""
    return f"“{truncate(plain(title), NAME_WIDTH)}”"
