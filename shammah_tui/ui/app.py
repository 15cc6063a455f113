"""The Textual application: wiring and lifecycle."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Event
from textual.message import Message
from textual.screen import Screen

from shammah_tui.core.conversation.draft import from_stored, to_stored
from shammah_tui.core.wording import notices
from shammah_tui.ui.chat.chat_screen import ChatScreen, StartPhase
from shammah_tui.ui.chat.generator_header import ModelScreen
from shammah_tui.ui.frame.base_app import BaseApp, Notice
from shammah_tui.ui.frame.commands import system_commands
from shammah_tui.ui.frame.keys import BindingOwner, bindings_of, key_name
from shammah_tui.ui.frame.plain_mode import (
    PLAIN_CLASS,
    PLAIN_CSS,
    PLAIN_INTERVAL_S,
    Pacer,
)
from shammah_tui.ui.frame.startup import Startup
from shammah_tui.ui.frame.terminal_driver import TerminalDriver
from shammah_tui.ui.frame.theme import (
    APP_CSS,
    SHORT_BREAKPOINTS,
    ThemeChoice,
    ThemeMemory,
    own_first,
    variable_defaults,
)

if TYPE_CHECKING:
    from shammah_tui.core.local.generator import Snapshot
    from shammah_tui.services.conversation.chat_session import ChatSession
    from shammah_tui.services.local.bootstrap import BootstrapLoader
    from shammah_tui.services.services import MakeServices, Services
    from shammah_tui.start.screen import FirstScreen


# Plain: a dataclass costs 1 ms before the first frame.
class GeneratorChanged(Message):
    """The local model's state changed; posted to the app from the loader's thread."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """Let a newer state take the place of one that has not been shown yet."""
        return isinstance(message, GeneratorChanged)


class ShammahApp(BaseApp):
    """The full-screen chat.

    Args:
        make_services: Called on another thread, once what was typed until then is in a frame.
        theme: Name of the theme; empty leaves it to what was chosen last.
        keys: As in ``[keys]``.
        theme_memory: Keeps the theme that is chosen for the next start; None keeps nothing.

    Attributes:
        unkept: Why not all that was said is kept, once the program has ended.
    """

    TITLE = "Shammah"
    CSS = APP_CSS
    VERTICAL_BREAKPOINTS = SHORT_BREAKPOINTS
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(BindingOwner.APP)

    first_picture: FirstScreen | None = None
    """Who has the terminal until this app has drawn itself; set before it runs."""

    modes_before: list[Any] | None = None
    """The terminal's modes, from ``termios``, for whoever has it while the app is suspended."""

    def __init__(
        self,
        make_services: MakeServices,
        *,
        claude_available: bool,
        continue_last: bool = False,
        theme: str = "",
        plain: bool = False,
        keys: Mapping[str, str] | None = None,
        theme_memory: ThemeMemory | None = None,
    ) -> None:
        # Textual alone would turn colours to greys; with this it sends none and marks by reversing.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self._themes = ThemeChoice(self, theme_memory, theme)
        self._themes.begin()
        self._is_plain = plain
        if plain:
            self.add_class(PLAIN_CLASS)
            self.stylesheet.add_source(PLAIN_CSS, read_from=("", "PLAIN_CSS"))
            self.animation_level = "none"
        self._pacer = Pacer(self, PLAIN_INTERVAL_S, self._hand_on)
        self._keys = dict(keys or {})
        self.set_keymap(self._keys)
        self._chat = ChatScreen(claude_available=claude_available, continue_last=continue_last)
        self._make_services = make_services
        self._services: Services | None = None
        self._making = Lock()
        self.unkept = ""
        self._startup = Startup(
            self, self._chat, lambda: self.services, super().on_event, self._keys
        )

    @property
    def services(self) -> Services:
        """What stands behind the screen; made now if need be.

        Raises:
            ShammahError: What the command line asks for is not there to be had.
        """
        with self._making:
            if self._services is None:
                self._services = self._make_services(self._follow, self._notice)
            return self._services

    @property
    def loader(self) -> BootstrapLoader:
        return self.services.loader

    @property
    def _session(self) -> ChatSession:
        return self.services.session

    def close(self) -> None:
        """End what still runs behind the screen, if anything was begun."""
        if self._services is not None:
            self._services.loader.close()

    def get_driver_class(self) -> type[Driver]:
        """Use our own way to the terminal unless the environment names another one."""
        default = super().get_driver_class()
        if default.__module__ == "textual.drivers.web_driver":
            from shammah_tui.ui.frame.page_driver import PageDriver

            return PageDriver
        return TerminalDriver if default is LinuxDriver else default

    def get_default_screen(self) -> Screen[None]:
        """Begin with the chat: pushing it later would lose keys and 50 ms."""
        if self.first_picture is not None:
            self._chat.begin_with(self.first_picture.text)
        return self._chat

    def get_css_variables(self) -> dict[str, str]:
        """Leave the theme's colours out until the theme is known: 1 ms for another one's."""
        return super().get_css_variables() if "_themes" in vars(self) else {}

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults(self.current_theme)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        return system_commands(self, screen, self._keys)

    def get_key_display(self, binding: Binding) -> str:
        """Write function keys as the header does: F8."""
        shown = super().get_key_display(binding)
        return shown.upper() if re.fullmatch(r"f\d+", shown) else shown

    async def on_event(self, event: Event) -> None:
        await self._startup.take(event)

    def _follow(self, snapshot: Snapshot) -> None:
        self.post_message(GeneratorChanged(snapshot))

    def _notice(self, sentence: str) -> None:
        self.post_message(Notice(sentence))

    async def on_unmount(self) -> None:
        """Write down what is not written yet."""
        if self.failure is not None or (self.crash is not None and self._services is None):
            return
        if self._chat.phase is StartPhase.READY:
            self._chat.keep_place()
        elif not (written := self._chat.written).is_blank:
            store = self._session.store
            draft, set_aside = from_stored(await store.draft(None))
            store.save_draft(None, to_stored(draft.before(written), set_aside))
        if self._services is not None:
            await self._session.store.close()
            self.unkept = self._session.store.unkept

    def on_load(self) -> None:
        """Leave in good order when told to from outside, from before the terminal is taken."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            loop.add_signal_handler(number, self.exit)

    def on_chat_screen_mounted(self) -> None:
        self.run_worker(self._startup.run())

    def on_generator_changed(self, message: GeneratorChanged) -> None:
        """Hand the newest state to every screen."""
        show = self._pacer.take if self._is_plain else self._hand_on
        show(message.snapshot)

    def _hand_on(self, snapshot: Snapshot) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, ModelScreen):
                screen.snapshot = snapshot

    def action_help_quit(self) -> None:
        """Say what Ctrl+C is not: it stops no reply, and leaves nothing."""
        stop, leave = key_name("stop", self._keys), key_name("quit", self._keys)
        is_replying = self.screen is self._chat and bool(self._chat.check_action("stop", ()))
        hint = notices.what_ends(stop, leave, is_replying=is_replying)
        self.notify(hint, markup=False)

    def action_help(self) -> None:
        # Deferred: 1 ms before the first frame, and few sessions need it.
        from shammah_tui.ui.panels.help import HelpPanel

        self.push_screen(HelpPanel(self._keys))

    def action_choose_theme(self, name: str = "") -> None:
        self._themes.choose(name)

    def choices_choose_theme(self) -> Iterable[str]:
        return own_first(self.available_themes)

    def action_usage(self) -> None:
        """Show what was asked of whom, and what it cost and saved."""
        # Deferred: 2 ms before the first frame, and few sessions need it.
        from shammah_tui.ui.panels.ledger import LedgerPanel

        settings = self.services.settings
        store = self._session.store
        self.push_screen(LedgerPanel(store, settings.claude.model, settings.prices))
