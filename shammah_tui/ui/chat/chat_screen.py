"""The chat screen: composes its widgets, binds keys and commands to the controllers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from enum import IntEnum, auto
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import ScreenResume, ScreenSuspend
from textual.message import Message
from textual.screen import Screen

from shammah_tui.core.conversation.draft import Draft
from shammah_tui.core.wording import notices
from shammah_tui.ui.chat.chat_pane import ChatPane
from shammah_tui.ui.chat.generator_header import GeneratorHeader, ModelScreen, with_model_actions
from shammah_tui.ui.chat.welcome import Welcome
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.frame.base_app import BaseApp
from shammah_tui.ui.frame.commands import choices_of, run_command
from shammah_tui.ui.frame.key_line import KeyLine
from shammah_tui.ui.frame.keys import BindingOwner, KeyCommand, MessageAction, bindings_of
from shammah_tui.ui.frame.theme import ROOMY

if TYPE_CHECKING:
    from shammah_tui.core.wording.status import StatusKeys
    from shammah_tui.services.services import Services
    from shammah_tui.ui.composer.completion_list import CompletionList
    from shammah_tui.ui.panels.conversations import Chosen

_OF_MESSAGES = frozenset({"go_on", "thoughts", "focus_last_message", "do", "undo_delete"})
"""Actions on messages, of which there are none before ``attach``."""


class StartPhase(IntEnum):
    """How far the chat screen is; each phase can do all that the one before can."""

    COMPOSING = auto()
    """The first frame is being made; nothing takes keys."""
    TYPING = auto()
    """The composer takes text."""
    RESTORING = auto()
    """The services are there; the last draft or conversation is being read."""
    READY = auto()
    """Everything works."""


class KeyChanged(Message):
    """A key for Claude has come or gone; posted on any thread."""


class ChatScreen(ModelScreen[None]):
    """Header, conversation, composer and footer.

    They take keys from the first frame on. ``attach`` brings the controllers, which do what the
    screen's actions name: one for turns, one for the open conversation, one for messages, one for
    the local model.
    """

    AUTO_FOCUS = ""

    class Mounted(Message):
        """The composer is there and has the focus."""

    BINDINGS: ClassVar[list[BindingType]] = with_model_actions(bindings_of(BindingOwner.CHAT))

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

    def begin_with(self, text: str) -> None:
        self._composer.begin_with(text)

    def compose(self) -> ComposeResult:
        yield self._header.data_bind(ChatScreen.snapshot)
        yield self._pane
        yield self._composer
        yield KeyLine()

    def on_mount(self) -> None:
        # Here and now: once the screen is laid out, the change of colours would have it drawn
        # again, after the 8 ms that Textual lets pass from one drawing to the next.
        self.set_focus(self._composer)
        self.app.post_message(self.Mounted())

    @on(ScreenSuspend)
    @on(ScreenResume)
    def _draw_keys(self) -> None:
        """Name no keys while a panel has them, then name them again."""
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

    def attach(self, services: Services, keys: StatusKeys) -> None:
        """Make the controllers; from now on everything works."""
        # The one place that imports them: 70 ms, which the first frame does without. By now
        # another thread has imported them.
        from shammah_tui.ui.chat.conversation_controller import ConversationController
        from shammah_tui.ui.chat.message_actions import MessageActions
        from shammah_tui.ui.chat.model_controller import ModelController
        from shammah_tui.ui.chat.question import Question
        from shammah_tui.ui.chat.reading_ahead import ReadingAhead
        from shammah_tui.ui.chat.turn_controller import TurnController
        from shammah_tui.ui.reply.reply_view import ReplyView

        self._services = services
        session = self._session = services.session
        header, pane, composer = self._header, self._pane, self._composer
        pane.attach(session.conversation, Question, ReplyView)
        header.keys = keys
        self._reading = reading = ReadingAhead(self, session, composer, header)
        self._conversation = conversation = ConversationController(
            session.conversation, session.store, self, reading, pane, composer, header
        )
        self._turns = TurnController(self, session, conversation, reading, pane, composer, header)
        self._messages = MessageActions(
            self, session, conversation, self._turns, pane, composer, services.clipboard
        )
        self._model = ModelController(
            self, session, reading, pane, composer, header, services.models, keys
        )
        self._welcome.problems = services.problems
        services.key.follow(lambda: self.post_message(KeyChanged()))
        if services.key.has_key != self._header.claude_available:
            self.post_message(KeyChanged())
        self.follow(services.loader)
        self.phase = StartPhase.RESTORING

    async def restore(self) -> None:
        try:
            await self._conversation.restore(continue_last=self._continue_last)
        except Exception as error:  # noqa: BLE001 - what was there before is missed, and no more
            assert isinstance(self.app, BaseApp)
            self.app.tell_fault(error)
        await self._send_held()
        self.phase = StartPhase.READY
        # There may be something to go on with.
        self.refresh_bindings()

    # What is sent

    @on(Composer.Submitted)
    @on(Composer.Commanded)
    async def _take(self, event: Composer.Submitted | Composer.Commanded) -> None:
        """Do what was written after a slash, or ask what was written, in order.

        So a message does not overtake a ``/private`` before it. What comes before there is a
        conversation, or while one is opened, waits for that.
        """
        event.stop()
        self._unsent.append(event)
        if self.phase is StartPhase.READY:
            await self._send_held()

    async def _send_held(self) -> None:
        while self._unsent and not self._conversation.is_opening:
            event = self._unsent.pop(0)
            if isinstance(event, Composer.Commanded):
                await self._command(event)
            else:
                self._turns.ask(event.text, event.edited_id)

    async def on_conversation_controller_opened(self) -> None:
        if self.phase is StartPhase.READY:
            await self._send_held()

    def on_reading_ahead_done(self) -> None:
        self._conversation.show_title()

    async def _command(self, event: Composer.Commanded) -> None:
        command = event.command
        if not await run_command(command, event.argument, self.app, self):
            nothing = notices.does_nothing(command.usage)
            self.notify(notices.NOTHING_TO_DO.get(command.id, nothing), markup=False)
        elif command.id == "private" and not self._session.conversation.is_private:
            # What is typed next is meant for a private conversation: behind this it is not sent.
            self._composer.put_back(f"/{command.slash} ")

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
        self._conversation.keep()

    @on(Composer.Changed)
    @on(ChatPane.Moved)
    def _keep_place_soon(self) -> None:
        if self.phase is StartPhase.READY:
            self._conversation.keep_soon()

    @on(Composer.Changed)
    def _follow_draft(self) -> None:
        self.call_after_refresh(self._place_notices)
        if self.phase is StartPhase.READY:
            self._reading.look_soon()

    def _place_notices(self) -> None:
        for rack in self.query("ToastRack"):
            rack.styles.margin = (0, 1, max(1, self.size.height - self._composer.region.y - 1), 0)

    def on_completion_list_chosen(self, event: CompletionList.Chosen) -> None:
        self._composer.complete(event.completion)

    # What can be done now

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
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
        can_go_on = self.phase is StartPhase.READY and self._turns.can_go_on
        hidden = frozenset() if can_go_on else frozenset({"go_on"})
        # Enter does it, and is named for it.
        return hidden | {"download_model"} if self._composer.can_agree else hidden

    @property
    def _is_replying(self) -> bool:
        return self.is_following and self._turns.is_running

    def _choices_of(self, command: KeyCommand) -> Sequence[str]:
        # Before there is somebody behind the screen, nobody knows what there is to choose from.
        return choices_of(command, self.app, self) if self.is_following else ()

    # Turns and messages

    def action_stop(self) -> None:
        self._turns.stop()

    async def action_go_on(self) -> None:
        await self._turns.go_on()

    async def action_ask_again(self, side: str = "") -> None:
        await self._turns.last_again(side)

    def choices_ask_again(self) -> Iterable[str]:
        return self._turns.side_names

    async def action_do(self, action: str) -> None:
        box = self._pane.focused_box
        if box is not None:
            await self._messages.do(box, MessageAction(action))

    def action_focus_last_message(self) -> None:
        self._pane.focus_box(self._pane.last_in_view, is_selected=True)

    def action_thoughts(self) -> None:
        self._messages.fold_thoughts()

    def action_copy_reply(self) -> None:
        self._messages.copy_last_reply()

    def action_scroll_pane(self, pages: int) -> None:
        if pages < 0:
            self._pane.scroll_page_up(animate=False)
        else:
            self._pane.scroll_page_down(animate=False)

    async def action_follow_end(self) -> None:
        await self._pane.to_end()

    # Conversations

    async def action_new(self) -> None:
        await self._conversation.begin(is_private=False)

    async def action_private(self) -> None:
        await self._conversation.begin(is_private=True)

    async def action_undo_delete(self) -> None:
        await self._conversation.undo()

    async def open_conversation(
        self, conversation_id: int | None, message_id: int | None = None
    ) -> None:
        """Open a conversation, None the last one, at a message of it or where it was left."""
        await self._conversation.open(conversation_id, message_id)

    async def action_search(self, words: str = "") -> None:
        # Deferred, like every panel: with its widgets it costs 15 ms, and few sessions begin so.
        from shammah_tui.ui.panels.conversations import Conversations

        # The next key is for the panel: with the composer, Enter would send what stands there.
        await self.app.push_screen(Conversations(self._conversation, words), self._open_soon)

    def _open_soon(self, chosen: Chosen | None) -> None:
        # There may be a deletion to undo now.
        self.refresh_bindings()
        if chosen is not None:
            self.run_worker(self._open_chosen(chosen))

    async def _open_chosen(self, chosen: Chosen) -> None:
        if self._conversation.may_change():
            await self.open_conversation(chosen.conversation_id, chosen.message_id)
            if chosen.query is not None and chosen.message_id is not None:
                self._pane.mark(chosen.message_id, chosen.query)

    @work
    async def action_rename(self, title: str = "") -> None:
        from shammah_tui.ui.panels.rename import Rename

        summary = await self._conversation.listed_summary()
        if summary is not None:
            new: str | None = " ".join(title.split())
            new = new or await self.app.push_screen_wait(Rename(summary.title))
            if new:
                self._conversation.rename(summary.id, new)

    @work
    async def action_pin(self) -> None:
        summary = await self._conversation.listed_summary()
        if summary is not None:
            self._conversation.pin(summary)

    @work
    async def action_export(self, name: str = "") -> None:
        from shammah_tui.ui.panels.export import export_from

        await export_from(self, self._session, name)

    # Claude's key and the local model

    @work
    async def action_claude_key(self, argument: str = "") -> None:
        """Take a key for Claude, or forget the one that is kept."""
        from shammah_tui.ui.panels.key_panel import change_key

        await change_key(self, self._services, argument)

    def choices_claude_key(self) -> Iterable[str]:
        return ("forget",)

    @on(KeyChanged)
    def _show_key(self) -> None:
        """Show at once that there is a key for Claude, or none any more."""
        has_key = self._services.key.has_key
        self._header.claude_available = self._pane.welcome.claude_available = has_key
        self._pane.welcome.follow(self.snapshot, self._model.keys)
        self._model.show_offer()
        self.refresh_bindings()

    def action_models(self, name: str = "") -> None:
        if name:
            self._model.switch_to(name)
        else:
            from shammah_tui.ui.panels.model_panel import ModelPanel

            has_key = self._header.claude_available
            models, keys = self._model.models, self._model.keys
            self.app.push_screen(ModelPanel(self.loader, models, keys, claude_available=has_key))

    @on(Composer.Answered)
    def _answer_offer(self, event: Composer.Answered) -> None:
        event.stop()
        (self.loader.agree if event.agrees else self.loader.decline)()

    def choices_models(self) -> Iterable[str]:
        return self._model.names()

    def choose_of_several(self) -> None:
        if self.is_current:
            self.action_models()
