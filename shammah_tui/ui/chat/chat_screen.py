"""The screen the program opens with."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.message import Message

from shammah_tui.core.conversation.draft import Draft
from shammah_tui.ui.chat.chat_pane import ChatPane
from shammah_tui.ui.chat.generator_header import GeneratorHeader
from shammah_tui.ui.chat.message_box import REPLYING
from shammah_tui.ui.chat.message_keys import MessageAction
from shammah_tui.ui.chat.model_screen import with_resume
from shammah_tui.ui.chat.named_commands import NamedCommands
from shammah_tui.ui.chat.welcome import Welcome
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.frame.base_app import BaseApp
from shammah_tui.ui.frame.commands import choices_of, run_command, why_nothing
from shammah_tui.ui.frame.key_line import KeyLine
from shammah_tui.ui.frame.keys import BindingOwner, bindings_of
from shammah_tui.ui.frame.startup import StartPhase
from shammah_tui.ui.frame.theme import ROOMY

# What is imported nowhere but in methods here and in ``attach`` costs 70 ms, and the first frame
# and the first keys do without it.
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.screen import Screen
    from textual.worker import Worker

    from shammah_tui.core.wording.status import StatusKeys
    from shammah_tui.services.local.local_side import Snapshot
    from shammah_tui.services.turn.turn_events import TurnEvent
    from shammah_tui.ui.composer.completion_list import CompletionList
    from shammah_tui.ui.frame.key_command import KeyCommand
    from shammah_tui.ui.frame.parts import Parts
    from shammah_tui.ui.reply.reply_view import ReplyView

log = logging.getLogger(__name__)

BIN_S = 30 * 24 * 3600.0
"""What was deleted longer ago is erased from the disk."""

BACK = "Your question is back in the composer."

READY = "The model is ready: Enter sends your question."

_OF_MESSAGES = frozenset({"go_on", "thoughts", "focus_last_message", "do", "undo_delete"})
"""Actions on messages, of which there are none before ``attach``."""


class ChatScreen(NamedCommands):
    """Header, conversation, composer and footer.

    They take keys from the first frame on; who answers comes with ``attach``.

    Args:
        claude_available: Whether a Claude key is set.
        continue_last: Whether to go on with the last conversation.
    """

    AUTO_FOCUS = ""

    class Mounted(Message):
        """The composer is there and has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = with_resume(bindings_of(BindingOwner.CHAT))

    def __init__(self, *, claude_available: bool, continue_last: bool = False) -> None:
        super().__init__()
        # As most windows are: to find that out would have all styles applied again, 4 ms.
        self.add_class(ROOMY, update=False)
        self._header = GeneratorHeader(claude_available=claude_available)
        self._welcome = Welcome(claude_available=claude_available)
        self._pane = ChatPane(self._welcome)
        self._composer = Composer()
        self._composer.choices_of = self._choices_of
        self._unsent: list[Composer.Submitted | Composer.Commanded] = []
        self._continue_last = continue_last
        self.phase = StartPhase.COMPOSING
        self._opening = asyncio.Lock()
        """Held while a conversation is opened: what is sent meanwhile is meant for that."""
        self._turn: Worker[None] | None = None
        self._is_stopping = False

    def begin_with(self, text: str) -> None:
        """Have ``text`` in the composer from the first drawing on."""
        self._composer.begin_with(text)

    def compose(self) -> ComposeResult:
        """Everything is there from the first frame."""
        yield self._header
        yield self._pane
        yield self._composer
        yield KeyLine()

    def on_mount(self) -> None:
        """Take keys as soon as there is a picture."""
        # Here and now: once the screen is laid out, the change of colours would have it drawn
        # again, after the 8 ms that Textual lets pass from one drawing to the next.
        self.set_focus(self._composer)
        self.app.post_message(self.Mounted())

    def on_screen_suspend(self) -> None:
        """Name no keys while a panel has them."""
        self.query_one(KeyLine).refresh()

    def on_screen_resume(self) -> None:
        """Name them again."""
        self.query_one(KeyLine).refresh()

    async def drawn(self, *, after_keys: bool) -> None:
        """Wait until everything is drawn, the keys that the composer has by now included.

        A layout is drawn at once. Changes are drawn up to 8 ms later, for so often Textual draws;
        where there are none to wait for, the first layout in which the welcome is seen will do.
        """
        is_drawn = asyncio.Event()
        if after_keys or self._continue_last:
            self._composer.call_later(self.call_after_refresh, is_drawn.set)
            await is_drawn.wait()
            return

        def laid_out(_: Screen[Any]) -> None:
            if self._pane.region.overlaps(self._welcome.region):
                self.call_next(is_drawn.set)

        self.screen_layout_refresh_signal.subscribe(self._welcome, laid_out, immediate=True)
        # Where there is no room for the welcome.
        self.call_after_refresh(is_drawn.set)
        laid_out(self)
        await is_drawn.wait()
        self.screen_layout_refresh_signal.unsubscribe(self._welcome)

    def _choices_of(self, command: KeyCommand) -> Sequence[str]:
        # Before there is somebody behind the screen, nobody knows what there is to choose from.
        return choices_of(command, self.app, self) if self.is_following else ()

    def attach(self, parts: Parts, keys: StatusKeys) -> None:
        """Do from now on what ``parts`` are needed for; ``keys`` is what the keys are called."""
        from shammah_tui.ui.chat.message_work import MessageWork, Turns
        from shammah_tui.ui.chat.places import Places
        from shammah_tui.ui.chat.reading_ahead import ReadingAhead

        self._session = session = parts.session
        self._shelf = parts.shelf
        self._keys = self._header.keys = keys
        self._places = Places(self, session, self._pane, self._composer)
        turns = Turns(
            self._run_turn,
            self._show,
            self._may_leave,
            self.open_conversation,
            self._begin_alike,
            lambda: self._is_stopping,
            self._places.keep,
        )
        self._work = MessageWork(self, session, self._pane, self._composer, parts.clipboard, turns)
        self._reading = ReadingAhead(
            self,
            session,
            self._header,
            self._composer,
            lambda: not self._is_replying,
            self.title_changed,
        )
        self._welcome.problems = parts.problems
        self.follow(parts.loader)
        self.phase = StartPhase.RESTORING

    async def restore(self) -> None:
        """Bring back what was left the last time, then send what was sent meanwhile."""
        from shammah_tui.core.errors import StoreError

        self._session.store.purge(BIN_S)
        try:
            if self._continue_last:
                await self.open_conversation(None)
            if self._session.conversation.id is None:
                await self._places.bring_back()
        except StoreError as error:
            self._tell(str(error), title="Conversations")
        except Exception as error:  # noqa: BLE001 - what was there before is missed, and no more
            self._base_app.tell_fault(error)
        self._places.restored()
        await self._send_held()
        self.phase = StartPhase.READY
        # There may be something to go on with.
        self.refresh_bindings()

    async def _send_held(self) -> None:
        """Send and do what had to wait for a conversation, in the order in which it came."""
        while self._unsent and not self._opening.locked():
            event = self._unsent.pop(0)
            if isinstance(event, Composer.Commanded):
                await self._command(event)
            else:
                self._ask(event)

    @staticmethod
    def _is_resized(before: Snapshot, after: Snapshot) -> bool:
        """Whether the same model is active, with a context of another size."""
        was, now = before.active, after.active
        same = was is not None and now is not None and was.model == now.model
        return same and was != now

    def watch_snapshot(self, before: Snapshot, after: Snapshot) -> None:
        """Show the state in the header."""
        from shammah_tui.core.local.generator import Failed

        super().watch_snapshot(before, after)
        self._header.idle_gpus = after.hardware.idle_gpus if after.hardware is not None else ()
        self._header.state = after.state
        self._pane.welcome.follow(after, self._keys)
        if after.active != before.active:
            use = self._header.context_use
            # A server's context can turn out to be of another size while its model stays.
            is_same = use is not None and self._is_resized(before, after)
            length = None if after.active is None else after.active.context_length
            self._header.context_use = (
                replace(use, length=length) if is_same and use and length else None
            )
            self._reading.begin()
            is_ready = before.active is None and self._composer.question
            if (
                is_ready
                and self._pane.has_end_note
                and self._session.conversation.unanswered_id is None
            ):
                self.call_later(self._pane.say_at_end, READY)
            if after.active is not None and after.active.notices:
                said = ". ".join(after.active.notices)
                title = after.active.model.label
                self.notify(said, title=title, severity="warning", timeout=20, markup=False)
        if after.notice and after.notice != before.notice:
            self._tell(after.notice)
        elif isinstance(after.state, Failed) and not (
            before.state == after.state or self._header.says_all
        ):
            self._tell(after.state.reason)
        for refusal in after.adapters.refusals:
            if refusal not in before.adapters.refusals:
                self._tell(refusal)

    @property
    def _base_app(self) -> BaseApp:
        assert isinstance(self.app, BaseApp)
        return self.app

    def _tell(self, sentence: str, title: str = "The local model") -> None:
        """Show what the header has no room for."""
        self.notify(sentence, title=title, severity="error", timeout=15, markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to stop only while there is a reply to stop."""
        if action == "stop":
            return self._is_replying
        if action in _OF_MESSAGES and not self.is_following:
            return False
        if action == "thoughts":
            return bool(self.query("ThoughtBlock"))
        if action == "focus_last_message":
            return bool(self._pane.boxes)
        if action == "do":
            box = self._pane.focused_box
            return box is not None and box.can(MessageAction(str(parameters[0])))
        if action == "undo_delete":
            return self._session.conversation.can_undo
        return super().check_action(action, parameters)

    @property
    def hidden_actions(self) -> frozenset[str]:
        """What the footer does not offer now, though its key says why."""
        return frozenset() if self._can_go_on else frozenset({"go_on"})

    @property
    def _can_go_on(self) -> bool:
        if self.phase is not StartPhase.READY or self._is_replying:
            return False
        return (
            self._session.conversation.can_go_on
            or self._session.conversation.unanswered_id is not None
        )

    @property
    def _is_replying(self) -> bool:
        return self._turn is not None and not self._turn.is_finished

    @on(Composer.Submitted)
    def _send(self, event: Composer.Submitted) -> None:
        if self.phase is not StartPhase.READY or self._opening.locked():
            self._unsent.append(event)
        else:
            self._ask(event)

    @on(Composer.Commanded)
    async def _do_command(self, event: Composer.Commanded) -> None:
        """Do what was written after a slash.

        Here, where messages to be sent come, too: none overtakes a ``/private`` before it.
        """
        event.stop()
        if self.phase is not StartPhase.READY or self._opening.locked():
            self._unsent.append(event)
        else:
            await self._command(event)

    async def _command(self, event: Composer.Commanded) -> None:
        command = event.command
        if not await run_command(command, event.argument, self.app, self):
            self.notify(why_nothing(command), markup=False)
        elif command.id == "private" and not self._session.conversation.is_private:
            # What is typed next is meant for a private conversation: behind this it is not sent.
            self._composer.put_back(f"/{command.slash} ")

    def _ask(self, event: Composer.Submitted) -> None:
        if self._is_replying:
            if event.edited_id is None:
                event.composer.put_back(event.text)
            else:
                event.composer.begin_edit(event.edited_id, event.text)
            self.notify("Wait for this reply to finish, or stop it first")
        elif event.edited_id is None:
            self._run_turn(self._answer(event.text))
        else:
            self._run_turn(self._work.edit(event.edited_id, event.text))

    async def action_do(self, action: str) -> None:
        """Do something with the message that has the focus."""
        box = self._pane.focused_box
        if box is not None and not await self._work.go(box, MessageAction(action)):
            self.call_later(self._work.do, box, MessageAction(action))

    def action_focus_last_message(self) -> None:
        """Go to the messages, beginning with the last one that is seen."""
        self._pane.focus_box(self._pane.last_in_view, is_selected=True)

    async def action_undo_delete(self) -> None:
        """Bring back the messages deleted last."""
        await self._work.undo()

    async def action_go_on(self) -> None:
        """Go on with what did not come to its end: the last reply, or a question without one."""
        if not self._can_go_on:
            self.notify(self._why_not_go_on())
            return
        await self._pane.to_end()
        last = self._pane.boxes[-1]
        if self._session.conversation.can_go_on and not last.is_question:
            self._run_turn(self._go_on(cast("ReplyView", last)))
        else:
            self._work.again(last, None)

    def _why_not_go_on(self) -> str:
        if self._is_replying:
            return "Not while the reply is being written: stop it, or wait for its end"
        if not self._pane.boxes:
            return "There is no reply yet to continue"
        return "The last reply can't be continued: Ctrl+↑, then r asks again"

    def _run_turn(self, turn: Coroutine[None, None, None]) -> None:
        self._reading.stop()
        self._is_stopping = False
        self._base_app.remove_seen_notices()
        self._turn = self.run_worker(self._ending(turn), group="turn")
        # No style depends on it, and to look for one in every widget took 10 ms.
        self.add_class(REPLYING, update=False)
        self.refresh_bindings()

    async def _ending(self, turn: Coroutine[None, None, None]) -> None:
        """Await ``turn``; whatever fails in it, another question can be asked afterwards."""
        try:
            await turn
        except Exception:
            self.call_later(self._turn_over)
            raise

    async def _answer(self, text: str) -> None:
        view = await self._pane.add_turn(text)
        await self._show(self._session.ask(text), view, text)

    def _give_back(self, text: str) -> None:
        """Have a question back in the composer to which nobody said a word, and only there."""
        self._composer.put_back(text)
        self._session.take_back()
        # In one go with that: it is always somewhere, whatever happens to the program.
        self._places.keep()

    async def _go_on(self, view: ReplyView) -> None:
        label = view.label
        await view.resume()
        if not await self._show(self._session.go_on(), view):
            view.show_label(label)

    async def _show(
        self, turn: AsyncGenerator[TurnEvent, None], view: ReplyView, text: str = ""
    ) -> bool:
        """Show what happens in ``view``; return whether somebody replied.

        Args:
            turn: What happens.
            view: Where.
            text: What was asked, to be given back where nobody says a word; empty is not.
        """
        from shammah_tui.ui.chat.shown_turn import ShownTurn

        shown = ShownTurn(view, self._header)
        is_back = False
        try:
            async with aclosing(turn) as events:
                async for event in events:
                    await shown.show(event)
                    if shown.is_unanswered and text:
                        is_back = True
                        self._give_back(text)
        except Exception as error:
            log.exception("A turn failed")
            shown.fail(error)
        finally:
            if text and not is_back and not shown.is_over and not view.has_come:
                # Where the program ends, the question stays where it is kept.
                is_back = self._is_stopping or not shown.is_answered
                if is_back:
                    self._give_back(text)
            await shown.finish()
            if is_back:
                why = f"{shown.note}. {BACK}" if shown.is_answered else shown.note
                self.call_later(self._withdraw, view, why, shown.help_line)
            elif view.text or (shown.is_answered and (view.has_thoughts or shown.is_over)):
                self._work.recorded(view)
            if shown.has_versions:
                self.call_later(self._work.show_versions)
            self.call_later(self._turn_over)
        return shown.is_answered

    async def _withdraw(self, view: ReplyView, why: str, help_line: str | None) -> None:
        await self._pane.withdraw(view, why, help_line)
        if self.focused is None:
            self.set_focus(self._composer)

    def _turn_over(self) -> None:
        self.remove_class(REPLYING, update=False)
        self.refresh_bindings()
        self._places.keep_soon()
        self.title_changed()
        self._reading.begin()

    def action_stop(self) -> None:
        """Stop the reply and keep what came."""
        if self._turn is not None and not self._is_stopping:
            self._is_stopping = True
            self._turn.cancel()

    async def begin(self, *, is_private: bool) -> None:
        """Leave this conversation for an empty one; one that is not private stays in the list."""
        if self._may_leave():
            self._reading.stop()
            await self._places.begin_new(is_private=is_private)
            self._header.context_use = None
            self._header.private = self._session.conversation.is_private
            self.title_changed()
            self.refresh_bindings()
            self._reading.begin()

    async def _begin_alike(self) -> None:
        await self.begin(is_private=self._session.conversation.is_private)

    async def open_conversation(
        self, conversation_id: int | None, message_id: int | None = None
    ) -> None:
        """Go on with a conversation that was kept, at a message of it or where it was left.

        None is the last conversation.
        """
        async with self._opening:
            if await self._places.open(conversation_id, message_id):
                self._header.context_use = None
                self._header.private = self._session.conversation.is_private
                self.title_changed()
                self.refresh_bindings()
                self._reading.begin()
        if self.phase is StartPhase.READY:
            await self._send_held()

    def title_changed(self) -> None:
        """Show the title that the conversation has now."""
        self.run_worker(self._show_title(), group="title", exclusive=True)

    async def _show_title(self) -> None:
        from shammah_tui.core.errors import StoreError

        session, summary = self._session, None
        if session.conversation.id is not None and not session.conversation.is_private:
            with suppress(StoreError):
                summary = await session.store.summary(session.conversation.id)
        self._header.title = "" if summary is None else summary.title

    def _may_leave(self) -> bool:
        if self._is_replying:
            self.notify("Wait for this reply to finish, or stop it first")
        return not self._is_replying

    @on(Composer.Changed)
    @on(ChatPane.Moved)
    def _keep_place_soon(self) -> None:
        if self.phase is StartPhase.READY:
            self._places.keep_soon()

    @on(Composer.Changed)
    def _place_notices_soon(self) -> None:
        self.call_after_refresh(self._place_notices)

    def _place_notices(self) -> None:
        """Have notices end on the composer's upper edge, however much is written in it."""
        for rack in self.query("ToastRack"):
            rack.styles.margin = (0, 1, max(1, self.size.height - self._composer.region.y - 1), 0)

    @on(Composer.Changed)
    def _read_draft_soon(self) -> None:
        if self.phase is StartPhase.READY:
            self._reading.look_soon()

    @property
    def written(self) -> Draft:
        """What was written before there was anybody to send it to, sent or not."""
        composer, written = self._composer, Draft()
        for event in self._unsent:
            if isinstance(event, Composer.Submitted):
                written = written.before(composer.as_written(event.text))
            elif event.command.id == "private":
                # What follows is to be kept nowhere.
                return written
        return written.before(composer.draft)

    def keep_place(self) -> None:
        """Keep what stands in the composer, and where the pane is."""
        self._places.keep()

    def on_completion_list_chosen(self, event: CompletionList.Chosen) -> None:
        """Go on as was chosen by mouse."""
        self._composer.complete(event.completion)

    async def action_copy_reply(self) -> None:
        """Copy the last reply as it was written."""
        from shammah_tui.core.conversation.conversation import Role
        from shammah_tui.core.text.plain_text import plain_lines

        replies = [
            each for each in self._session.conversation.history if each.role is Role.ASSISTANT
        ]
        if replies:
            await self._work.copy(plain_lines(replies[-1].text), "The last reply")
        else:
            self.notify("No reply yet")

    def action_scroll_pane(self, pages: int) -> None:
        """Scroll the conversation while the composer keeps the focus."""
        if pages < 0:
            self._pane.scroll_page_up(animate=False)
        else:
            self._pane.scroll_page_down(animate=False)

    async def action_follow_end(self) -> None:
        """Go to the end and stay there."""
        await self._pane.to_end()
