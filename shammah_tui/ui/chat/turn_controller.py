"""Turns: asking, stopping, going on, asking a question again, and showing what comes of it."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import ClassVar

from textual.screen import Screen
from textual.worker import Worker

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.reply import (
    ReplyBegun,
    StopReason,
    TextDelta,
    TextWasThought,
    ThinkingDelta,
)
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording import notices
from shammah_tui.core.wording.ending import ending_note, next_step
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.turn.turn_events import (
    Finished,
    Relabelled,
    Routed,
    TakenOver,
    TurnEvent,
    Unanswered,
)
from shammah_tui.ui.chat.chat_pane import ChatPane
from shammah_tui.ui.chat.conversation_controller import ConversationController
from shammah_tui.ui.chat.generator_header import GeneratorHeader
from shammah_tui.ui.chat.message_box import REPLYING, MessageBox
from shammah_tui.ui.chat.reading_ahead import ReadingAhead
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.frame.base_app import BaseApp
from shammah_tui.ui.reply.reply_view import ReplyView

log = logging.getLogger(__name__)

SIDES = {side.value.lower(): side for side in Side}


class TurnRenderer:
    """Shows one turn, event by event.

    Attributes:
        note: What is to stand below the reply, were it the end now.
        is_answered: Whether somebody replied, or may still.
        is_over: Whether somebody has replied, be it by nothing.
        is_unanswered: Whether nobody could reply.
        help_line: Where to find help, where that is shown.
        has_versions: Whether the reply is one of several, since somebody else broke off.
    """

    def __init__(self, view: ReplyView, header: GeneratorHeader) -> None:
        self._view = view
        self._header = header
        self._taken_over: TakenOver | None = None
        self._be_stoppable()
        self.is_answered = True
        self.is_over = self.is_unanswered = self.has_versions = False
        self.help_line: str | None = None

    async def show(self, event: TurnEvent) -> None:
        view = self._view
        match event:
            case Routed() | Relabelled():
                if isinstance(event, Relabelled) and not view.text:
                    await view.forget_thoughts()
                self._show_label(event)
                await self._show_help_line(event.help_line)
                await view.show_starter_note(event.note)
            case TakenOver():
                # Until somebody else says a word, what there is stays to be read.
                self._taken_over = event
                self.note, self.step = event.broken.note, event.broken.step
                view.show_label(event.asking)
            case ReplyBegun(label=label) if label and self._taken_over is not None:
                self._taken_over = replace(self._taken_over, label=label)
            case ReplyBegun(label=label) if label:
                view.show_label(label)
            case ThinkingDelta(piece):
                await self._begin_anew()
                view.think(piece)
            case TextDelta(piece):
                await self._begin_anew()
                view.append(piece)
            case TextWasThought():
                await view.text_was_thought()
            case Finished():
                self._taken_over = None
                view.show_label(event.label, left_out=event.left_out)
                self.is_over = True
                self.note, self.step = event.note, event.step
                self._header.context_use = event.context_use or self._header.context_use
            case Unanswered():
                view.show_label("")
                self.note, self.step = event.sentence, ""
                await self._show_help_line(event.help_line)
                self.is_answered, self.is_unanswered = False, True

    async def finish(self) -> None:
        if self._taken_over is not None:
            broken = self._taken_over.broken
            self._view.show_label(broken.label, left_out=broken.left_out)
        await self._view.finish(self.note, self.step)

    def fail(self, error: Exception) -> None:
        self.note = notices.inside(error)
        self.step = ""
        self.is_answered = False

    async def _begin_anew(self) -> None:
        """Take away what a side said that broke off, where another one says its first word."""
        event, self._taken_over = self._taken_over, None
        if event is not None:
            self._be_stoppable()
            self.has_versions = True
            await self._view.begin_anew()
            self._show_label(event)

    def _be_stoppable(self) -> None:
        stopped = StopReason.STOPPED
        self.note, self.step = ending_note(stopped), next_step(stopped, "", "")

    def _show_label(self, event: Routed | Relabelled | TakenOver) -> None:
        side, left_out = (
            (event.origin.side, event.origin.left_out) if event.origin else (None, None)
        )
        self._view.show_label(event.label, side, left_out)

    async def _show_help_line(self, help_line: str | None) -> None:
        self.help_line = help_line or self.help_line
        await self._view.show_help_line(help_line)


@dataclass(eq=False)
class TurnController:
    """Runs one turn after the other and shows it.

    Meanwhile nothing else changes the conversation, and nothing is read ahead. A question that
    nobody answered goes back to the composer.
    """

    side_names: ClassVar = tuple(SIDES)
    """What may follow ``/retry``."""

    _screen: Screen[None]
    _session: ChatSession
    _conversation: ConversationController
    _reading: ReadingAhead
    _pane: ChatPane
    _composer: Composer
    _header: GeneratorHeader
    _worker: Worker[None] | None = field(default=None, init=False)
    _is_stopping: bool = field(default=False, init=False)

    @property
    def is_running(self) -> bool:
        return self._worker is not None and not self._worker.is_finished

    @property
    def can_go_on(self) -> bool:
        if self.is_running or self._conversation.is_opening:
            return False
        conversation = self._session.conversation
        return conversation.can_go_on or conversation.unanswered_id is not None

    def ask(self, text: str, edited_id: int | None) -> None:
        """Ask a question, in the place of an earlier one if any; during a reply, give it back."""
        if self._conversation.may_change():
            self._run(self._ask(text) if edited_id is None else self._edit(edited_id, text))
        elif edited_id is None:
            self._composer.put_back(text)
        else:
            self._composer.begin_edit(edited_id, text)

    def stop(self) -> None:
        if self._worker is not None and not self._is_stopping:
            self._is_stopping = True
            self._worker.cancel()

    async def go_on(self) -> None:
        if not self.can_go_on:
            self._screen.notify(self._why_not_go_on(), markup=False)
            return
        await self._pane.to_end()
        last = self._pane.boxes[-1]
        if self._session.conversation.can_go_on and isinstance(last, ReplyView):
            self._run(self._go_on(last))
        else:
            self.again(last, takes_focus=False)

    def _why_not_go_on(self) -> str:
        if self.is_running:
            return notices.NOT_WHILE_REPLYING
        if not self._pane.boxes:
            return notices.NO_REPLY_TO_CONTINUE
        return notices.CANNOT_CONTINUE

    def again(self, box: MessageBox, side: Side | None = None, *, takes_focus: bool = True) -> None:
        """Have a message's question answered again; where no side is named, by the router's."""
        if self._conversation.may_change():
            self._run(self._again(box, side, takes_focus=takes_focus))

    def again_by_other_side(self, box: MessageBox) -> None:
        """Have a message's question answered by the side that did not give the reply shown."""
        boxes = self._pane.boxes
        at = boxes.index(box) + (1 if box.is_question else 0)
        receipt = boxes[at].receipt if at < len(boxes) else None
        is_local = receipt is not None and receipt.side is Side.LOCAL
        self.again(box, Side.CLAUDE if is_local else Side.LOCAL)

    async def last_again(self, side: str) -> None:
        if side and side.lower() not in SIDES:
            said = notices.no_such_side(plain(side))
            self._screen.notify(said, markup=False)
            return
        await self._pane.to_end()
        asked = [box for box in self._pane.boxes if box.is_question and box.message_id is not None]
        if asked:
            self.again(asked[-1], SIDES.get(side.lower()), takes_focus=False)
        else:
            self._screen.notify(notices.NO_QUESTION_YET)

    def _run(self, turn: Coroutine[None, None, None]) -> None:
        self._reading.pause()
        self._is_stopping = False
        if isinstance(self._screen.app, BaseApp):
            self._screen.app.remove_seen_notices()
        self._worker = self._screen.run_worker(self._until_over(turn), group="turn")
        self._conversation.hold(self._worker)
        # No style depends on it, and to look for one in every widget took 10 ms.
        self._screen.add_class(REPLYING, update=False)
        self._screen.refresh_bindings()

    async def _until_over(self, turn: Coroutine[None, None, None]) -> None:
        """Await ``turn``; whatever fails in it, another question can be asked afterwards."""
        try:
            await turn
        finally:
            # Stopping cancels the task that runs here: another one has to show the rest.
            self._screen.call_later(self._over)

    def _over(self) -> None:
        if not self.is_running:
            self._screen.remove_class(REPLYING, update=False)
        self._screen.refresh_bindings()
        self._conversation.keep_soon()
        self._conversation.show_title()
        self._reading.resume()

    async def _ask(self, text: str) -> None:
        view = await self._pane.add_turn(text)
        await self._show(self._session.ask(text), view, asked=text)

    async def _edit(self, question_id: int, text: str) -> None:
        box = self._pane.find(question_id)
        if box is None:
            self._composer.put_back(text)
            return
        view = await self._pane.begin_again(box, text)
        is_back = True
        try:
            await self._show(self._session.edit(question_id, text), view, branch_of=question_id)
        except asyncio.CancelledError:
            # Where the program ends, the question stays where it is kept.
            is_back = self._is_stopping
            raise
        finally:
            if is_back and view.message_id is None:
                self._composer.begin_edit(question_id, text)
                self._session.take_back()
                self._conversation.keep()

    async def _again(self, box: MessageBox, side: Side | None, *, takes_focus: bool) -> None:
        question = self._pane.question_of(box)
        if question is None or question.message_id is None:
            return
        question_id = question.message_id
        view = await self._pane.begin_again(question)
        if takes_focus:
            self._pane.focus_box(view)
        await self._show(self._session.again(question_id, side), view, branch_of=question_id)

    async def _go_on(self, view: ReplyView) -> None:
        label = view.label
        await self._pane.resume(view)
        if not await self._show(self._session.go_on(), view):
            view.show_label(label)

    async def _show(
        self,
        turn: AsyncGenerator[TurnEvent, None],
        view: ReplyView,
        *,
        asked: str = "",
        branch_of: int | None = None,
    ) -> bool:
        """Show what happens in ``view``; return whether somebody replied.

        Args:
            turn: What happens.
            view: The reply.
            asked: The question, to be given back where nobody says a word; empty is not.
            branch_of: The question whose other replies are shown again where nobody replies.
        """
        shown = TurnRenderer(view, self._header)
        is_back = False
        try:
            async with aclosing(turn) as events:
                async for event in events:
                    await shown.show(event)
                    if shown.is_unanswered and asked:
                        is_back = True
                        self._give_back(asked)
        except Exception as error:
            log.exception("A turn failed")
            shown.fail(error)
        finally:
            if asked and not is_back and not shown.is_over and not view.has_come:
                # Where the program ends, the question stays where it is kept.
                is_back = self._is_stopping or not shown.is_answered
                if is_back:
                    self._give_back(asked)
            try:
                await shown.finish()
            finally:
                self._settle(view, shown, is_back=is_back, branch_of=branch_of)
        return shown.is_answered

    def _settle(
        self, view: ReplyView, shown: TurnRenderer, *, is_back: bool, branch_of: int | None
    ) -> None:
        """Have the messages know what was kept of a turn; take away what was not."""
        later = self._screen.call_later
        if is_back:
            why = f"{shown.note}. {notices.BACK_IN_COMPOSER}" if shown.is_answered else shown.note
            later(self._withdraw, view, why, shown.help_line)
        elif view.text or (shown.is_answered and (view.has_thoughts or shown.is_over)):
            self._pane.take_up()
        if branch_of is not None and view.message_id is None:
            later(self._leave_branch, branch_of, shown.note if shown.is_unanswered else "")
        elif branch_of is not None or shown.has_versions:
            later(self._conversation.show_versions)

    def _give_back(self, text: str) -> None:
        """Have a question back in the composer to which nobody said a word, and only there."""
        self._composer.put_back(text)
        self._session.take_back()
        # In one go with that: it is always somewhere, whatever happens to the program.
        self._conversation.keep()

    async def _withdraw(self, view: ReplyView, why: str, help_line: str | None) -> None:
        await self._pane.withdraw(view, why, help_line)
        if self._screen.focused is None:
            self._screen.set_focus(self._composer)

    async def _leave_branch(self, question_id: int, why: str) -> None:
        is_editing = self._composer.edited_id is not None
        await self._conversation.reload(None if is_editing else question_id)
        if why:
            self._screen.notify(why, severity="error", markup=False)
