"""The screen the program opens with."""

import logging
from contextlib import aclosing
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Footer
from textual.worker import Worker

from shammah_tui.core.generator import Failed
from shammah_tui.core.status import StatusKeys
from shammah_tui.services.bootstrap import BootstrapLoader
from shammah_tui.services.chat_session import ChatSession
from shammah_tui.services.chat_turn import Delta, Finished, Relabelled, Routed, Unanswered
from shammah_tui.services.local_side import Snapshot
from shammah_tui.services.model_shelf import ModelShelf
from shammah_tui.ui.keys import bindings
from shammah_tui.ui.messages import ComposerReady
from shammah_tui.ui.screens.model_panel import ModelPanel
from shammah_tui.ui.screens.model_screen import ModelScreen
from shammah_tui.ui.widgets.chat_pane import ChatPane
from shammah_tui.ui.widgets.composer import Composer
from shammah_tui.ui.widgets.generator_header import GeneratorHeader
from shammah_tui.ui.widgets.welcome import Welcome

log = logging.getLogger(__name__)


class ChatScreen(ModelScreen[None]):
    """Header, conversation, composer and footer.

    Args:
        loader: Who brings the local model up.
        session: Who has questions answered.
        shelf: Who knows the models.
        keys: What the keys are called now.
        claude_available: Whether a Claude key is set.
        problems: What is wrong with the settings, a line each.
    """

    AUTO_FOCUS = ""

    BINDINGS: ClassVar[list[BindingType]] = bindings("stop", "models", "cancel", "retry", "copy")

    def __init__(
        self,
        loader: BootstrapLoader,
        session: ChatSession,
        shelf: ModelShelf,
        keys: StatusKeys,
        *,
        claude_available: bool,
        problems: tuple[str, ...] = (),
    ) -> None:
        super().__init__(loader)
        self._session = session
        self._shelf = shelf
        self._keys = keys
        self._header = GeneratorHeader(claude_available=claude_available)
        self._pane = ChatPane()
        self._welcome = Welcome(claude_available=claude_available, problems=problems)
        self._composer = Composer()
        self._turn: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        """Everything is there from the first frame."""
        yield self._header
        with self._pane:
            yield self._welcome
        yield self._composer
        yield Footer()

    def on_mount(self) -> None:
        """Take keys as soon as there is a picture."""
        self._composer.focus()
        self._header.keys = self._keys
        self.call_after_refresh(self.app.post_message, ComposerReady())

    def watch_snapshot(self, before: Snapshot, after: Snapshot) -> None:
        """Show the state in the header."""
        super().watch_snapshot(before, after)
        self._header.idle_gpus = after.hardware.idle_gpus if after.hardware is not None else ()
        self._header.state = after.state
        if after.notice and after.notice != before.notice:
            self._tell(f"{after.notice.rstrip('.')}. It is being started again.")
        elif isinstance(after.state, Failed) and not (
            before.state == after.state or self._header.says_all
        ):
            self._tell(after.state.reason)

    def _tell(self, sentence: str) -> None:
        """Show what the header has no room for."""
        title = "The local model"
        self.notify(sentence, title=title, severity="error", timeout=15, markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to stop only while there is a reply to stop."""
        if action == "stop":
            return self._is_replying
        return super().check_action(action, parameters)

    @property
    def _is_replying(self) -> bool:
        return self._turn is not None and not self._turn.is_finished

    @on(Composer.Submitted)
    def _send(self, event: Composer.Submitted) -> None:
        if self._is_replying:
            event.composer.put_back(event.text)
            self.notify("One at a time: stop this reply first, or let it finish")
            return
        self._turn = self.run_worker(self._answer(event.text), group="turn", exit_on_error=True)
        self.refresh_bindings()

    async def _answer(self, text: str) -> None:
        view = await self._pane.add_turn(text)
        note = "Stopped"
        try:
            async with aclosing(self._session.ask(text)) as events:
                async for event in events:
                    match event:
                        case Routed() | Relabelled():
                            view.show_label(event.label)
                            await view.show_help_line(event.help_line)
                        case Delta(piece):
                            view.append(piece)
                        case Finished():
                            view.show_label(event.label)
                            note = event.note
                        case Unanswered():
                            view.show_label("")
                            note = event.sentence
                            await view.show_help_line(event.help_line)
                            self._composer.put_back(text)
        except Exception as error:
            log.exception("A turn failed")
            note = f"Something went wrong inside ({type(error).__name__}); the log file says more"
            self._composer.put_back(text)
        finally:
            await view.finish(note)
            self.call_later(self.refresh_bindings)

    def action_stop(self) -> None:
        """Stop the reply and keep what came."""
        if self._turn is not None:
            self._turn.cancel()

    def action_models(self) -> None:
        """Open the model panel."""
        self.app.push_screen(ModelPanel(self.loader, self._shelf, self._keys))

    def action_scroll_pane(self, pages: int) -> None:
        """Scroll the conversation while the composer keeps the focus."""
        if pages < 0:
            self._pane.scroll_page_up(animate=False)
        else:
            self._pane.scroll_page_down(animate=False)

    def action_follow_end(self) -> None:
        """Go to the end and stay there."""
        self._pane.anchor()
