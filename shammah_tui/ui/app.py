"""The Textual application: wiring and lifecycle."""

import asyncio
import gc
import os
import re
import signal
from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Event, Key, Paste
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widgets._footer import FooterKey

from shammah_tui.core.settings import Settings
from shammah_tui.ports import Clipboard
from shammah_tui.services.bootstrap import BootstrapLoader
from shammah_tui.services.chat_session import ChatSession
from shammah_tui.services.local_side import Snapshot
from shammah_tui.services.model_shelf import ModelShelf
from shammah_tui.ui.commands import run_command, system_commands
from shammah_tui.ui.keys import Home, bindings_of, status_keys
from shammah_tui.ui.messages import GeneratorChanged, Notice
from shammah_tui.ui.plain_mode import (
    PLAIN_CLASS,
    PLAIN_CSS,
    PLAIN_INTERVAL_S,
    PLAIN_NOTICE_S,
    Pacer,
)
from shammah_tui.ui.screens.chat import ChatScreen
from shammah_tui.ui.screens.model_screen import ModelScreen
from shammah_tui.ui.terminal_driver import FirstPicture, TerminalDriver
from shammah_tui.ui.theme import (
    DARK,
    THEME_CSS,
    THEMES,
    ThemeMemory,
    find_theme,
    variable_defaults,
)
from shammah_tui.ui.widgets.composer import Composer

_MOST_REFRESHES = 50
"""The first picture waits no longer than this for the footer."""


class ShammahApp(App[None]):
    """The full-screen chat.

    Args:
        settings: The user's settings.
        make_loader: Makes the loader, given where its snapshots go.
        make_session: Makes the session, given the loader and where sentences for the user go.
        make_shelf: Makes the shelf, given the loader.
        claude_available: Whether a Claude key is set.
        problems: What is wrong with the settings, a line each.
        warm_up: Run once after the first frame, for what is slow to import.
        continue_last: Whether to go on with the last conversation.
        theme_memory: Keeps the theme that is chosen for the next start; None keeps nothing.
        clipboard: The system's clipboard; None where only the terminal has one.
    """

    TITLE = "Shammah"
    CSS = THEME_CSS + PLAIN_CSS
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(Home.APP)

    first_picture: FirstPicture | None = None
    """Who has the terminal until this app has drawn itself; set before it runs."""

    def __init__(
        self,
        settings: Settings,
        make_loader: Callable[[Callable[[Snapshot], None]], BootstrapLoader],
        make_session: Callable[[BootstrapLoader, Callable[[str], None]], ChatSession],
        make_shelf: Callable[[BootstrapLoader], ModelShelf],
        *,
        claude_available: bool,
        problems: tuple[str, ...] = (),
        warm_up: Callable[[], Awaitable[None]] | None = None,
        continue_last: bool = False,
        theme_memory: ThemeMemory | None = None,
        clipboard: Clipboard | None = None,
    ) -> None:
        # Textual alone would turn colours to greys; with this it sends none and marks by reversing.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        for theme in THEMES:
            self.register_theme(theme)
        remembered = theme_memory.recall() if theme_memory is not None else ""
        known = remembered if remembered in self.available_themes else ""
        self._theme_said = self.theme = settings.theme or known or DARK.name
        self._theme_memory = theme_memory
        self._theme_set = settings.theme
        self._is_plain = settings.plain
        if settings.plain:
            self.add_class(PLAIN_CLASS)
            self.animation_level = "none"
        self._pacer = Pacer(self, PLAIN_INTERVAL_S if settings.plain else 0.0, self._hand_on)
        self._keys = dict(settings.keys)
        self.set_keymap(self._keys)
        self.loader = make_loader(self._follow)
        self._session = make_session(self.loader, self._notice)
        self._chat = ChatScreen(
            self.loader,
            self._session,
            make_shelf(self.loader),
            status_keys(self._keys),
            claude_available=claude_available,
            problems=problems,
            continue_last=continue_last,
            clipboard=clipboard,
        )
        self._warm_up = warm_up
        self._early: list[Event] | None = []

    def get_driver_class(self) -> type[Driver]:
        """Use our own way to the terminal unless the environment names another one."""
        default = super().get_driver_class()
        return TerminalDriver if default is LinuxDriver else default

    def get_default_screen(self) -> Screen[None]:
        """Begin with the chat: pushing it later would lose keys and 50 ms."""
        return self._chat

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give our own colours to themes that lack them."""
        return variable_defaults(self.current_theme)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Fill the command palette from the table of keys."""
        return system_commands(self, screen, self._keys)

    def get_key_display(self, binding: Binding) -> str:
        """Write function keys as the header does: F8."""
        shown = super().get_key_display(binding)
        return shown.upper() if re.fullmatch(r"f\d+", shown) else shown

    async def on_event(self, event: Event) -> None:
        """Keep keys and pastes that come before the composer can take them, in order."""
        if self._early is not None and isinstance(event, Key | Paste):
            self._early.append(event)
        else:
            await super().on_event(event)

    def _follow(self, snapshot: Snapshot) -> None:
        """Bring a snapshot from the worker thread to the screen's."""
        self.post_message(GeneratorChanged(snapshot))

    def _notice(self, sentence: str) -> None:
        """Bring a sentence from another thread to the screen."""
        self.post_message(Notice(sentence))

    def on_notice(self, message: Notice) -> None:
        """Show a sentence from another thread."""
        self.notify(message.sentence, severity="warning", timeout=15, markup=False)

    async def on_unmount(self) -> None:
        """Write down what is not written yet."""
        self._chat.save_draft()
        await self._session.store.close()

    def on_load(self) -> None:
        """Leave in good order when told to from outside, from before the terminal is taken."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            loop.add_signal_handler(number, self.exit)

    async def on_composer_ready(self) -> None:
        """Type what was typed early, then begin everything that is slow."""
        early, self._early = self._early or [], None
        for event in early:
            await super().on_event(event)
        if self.first_picture is None:
            await self._begin()
        else:
            # After the keys above, in the composer's own queue.
            self.screen.query_one(Composer).call_later(self._reveal, _MOST_REFRESHES)

    def _reveal(self, refreshes: int) -> None:
        """Show the screen in place of the first picture once its last part is drawn, the footer."""
        keys = self._chat.query(FooterKey)
        if refreshes > 1:
            # The keys have their places one refresh before they are drawn.
            is_placed = bool(keys) and all(key.size.width for key in keys)
            self._chat.call_after_refresh(self._reveal, 1 if is_placed else refreshes - 1)
            return
        if isinstance(self._driver, TerminalDriver):
            self._driver.reveal()
        self.first_picture = None
        self.call_later(self._begin)

    async def _begin(self) -> None:
        # What lives now lives to the end: nobody need look through it for garbage again.
        gc.freeze()
        gc.enable()
        self.loader.start()
        await self._chat.restore()
        if self._warm_up is not None:
            self.run_worker(self._warm_up())

    def on_generator_changed(self, message: GeneratorChanged) -> None:
        """Hand the newest state to every screen."""
        self._pacer.take(message.snapshot)

    def _hand_on(self, snapshot: Snapshot) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, ModelScreen):
                screen.snapshot = snapshot

    async def on_composer_commanded(self, event: Composer.Commanded) -> None:
        """Do what was written after a slash."""
        if not await run_command(event.command, event.argument, self, self.screen):
            self.notify(f"{event.command.usage}: there is nothing to do for it now", markup=False)

    def action_help(self) -> None:
        """Show all keys and commands."""
        # Deferred: 1 ms before the first frame, and few sessions need it.
        from shammah_tui.ui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self._keys))

    def action_choose_theme(self, name: str = "") -> None:
        """Change to the theme ``name``; without one, have it chosen from a list."""
        if not name:
            self.search_themes()
            return
        found, hint = find_theme(name, self.available_themes)
        if found:
            self.theme = found
        else:
            self.notify(hint, severity="warning", markup=False)

    def watch_theme(self, name: str) -> None:
        """Keep a theme that was chosen for the next start, unless the settings name one."""
        if name == self._theme_said:
            return
        self._theme_said = name
        if self._theme_set or self._theme_memory is None:
            ends = f"; the settings name {self._theme_set}" if self._theme_set else ""
            self.notify(f"{name} until the program ends{ends}", markup=False)
        else:
            self._theme_memory.choose(name)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a notice; in plain mode long enough for a slow line or a screen reader."""
        if self._is_plain:
            timeout = max(PLAIN_NOTICE_S, timeout or 0.0)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)
