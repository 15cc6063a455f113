"""From the first frame to where everything works."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from threading import Thread
from typing import TYPE_CHECKING

from textual.events import Event, Key, Paste

from shammah_tui.core.errors import ShammahError
from shammah_tui.ui.chat.chat_screen import ChatScreen, StartPhase
from shammah_tui.ui.frame.base_app import BaseApp
from shammah_tui.ui.frame.garbage import resume_collection, skip_living
from shammah_tui.ui.frame.keys import KEY_COMMANDS, BindingOwner, status_keys
from shammah_tui.ui.frame.terminal_driver import TerminalDriver
from shammah_tui.ui.frame.textual_privates import driver_of

if TYPE_CHECKING:
    from shammah_tui.services.services import Services

_LONGEST = 200
"""Characters in one piece: the composer would fold longer ones, as a paste."""

_NEED_SERVICES = {
    *(
        command.id
        for command in KEY_COMMANDS
        if command.owner in {BindingOwner.CHAT, BindingOwner.MESSAGE}
    ),
    "command_palette",
}
"""Bindings that do something with what stands behind the screen."""


class Startup:
    """Takes the app through the phases, and holds keys back that one of them cannot handle.

    Args:
        app: The app.
        chat: Its first screen, which has the phase.
        make_services: Called on another thread.
        handle: What the app does with an event that is not held back.
        keys: As in ``[keys]``.
    """

    def __init__(
        self,
        app: BaseApp,
        chat: ChatScreen,
        make_services: Callable[[], Services],
        handle: Callable[[Event], Awaitable[None]],
        keys: Mapping[str, str],
    ) -> None:
        self._app = app
        self._chat = chat
        self._make_services = make_services
        self._handle = handle
        self._keys = keys
        self._early: list[Event] = []
        """Keys and pastes that cannot be handled yet, in order."""

    async def take(self, event: Event) -> None:
        """Handle an event now, or when what was typed before it is and it can be."""
        is_first_frame = self._chat.phase is StartPhase.COMPOSING
        if isinstance(event, Key | Paste) and (
            self._early or is_first_frame or self._needs_services(event)
        ):
            self._early.append(event)
        else:
            await self._handle(event)

    def _needs_services(self, event: Event) -> bool:
        if self._chat.phase is StartPhase.READY or not isinstance(event, Key) or event.is_printable:
            return False
        active = self._app.screen.active_bindings.get(event.key)
        return active is not None and bool(
            _NEED_SERVICES & {active.binding.id, active.binding.action}
        )

    async def _handle_early(self) -> bool:
        """Handle what was held, as far as that can be done by now; return whether there was any."""
        self._early[:] = joined(self._early)
        was_any = False
        while self._early and not self._needs_services(self._early[0]):
            await self._handle(self._early[0])
            # Only now: what comes meanwhile must not overtake it.
            del self._early[0]
            was_any = True
        return was_any

    async def run(self) -> None:
        """Go from the first frame to where everything works; a failure ends the program."""
        chat, driver = self._chat, driver_of(self._app)
        picture = driver if isinstance(driver, TerminalDriver) and driver.has_picture else None
        try:
            was_typed = await self._handle_early()
            if picture is not None:
                await chat.drawn(after_keys=was_typed)
                while await self._handle_early():
                    await chat.drawn(after_keys=True)
                picture.reveal()
            chat.phase = StartPhase.TYPING
            modules_of_start = tuple(sys.modules)
            services = await asyncio.to_thread(self.import_and_make)
            if services is None:
                return
            resume_collection()
            chat.attach(services, status_keys(self._keys))
            services.loader.start()
            await chat.restore()
            await self._handle_early()
        except ShammahError as error:
            self._app.failure = error
            self._app.exit(return_code=2)
        except Exception as error:  # noqa: BLE001 - without the services there is nothing to go on with
            self._app.take_fault(error)
        else:
            if services.warm_up is not None:
                await services.warm_up()
            await asyncio.to_thread(prepare_for_replies)
            skip_living()
            if picture is not None:
                from shammah_tui.start.bytecode import keep_bytecode

                # Nobody who leaves meanwhile waits for it.
                Thread(target=keep_bytecode, args=(modules_of_start,), daemon=True).start()

    def import_and_make(self) -> Services | None:
        """Make the services, on another thread; None where the user has left meanwhile."""
        # What ``attach`` imports: on the loop it would hold up keys.
        import shammah_tui.ui.chat.message_actions
        import shammah_tui.ui.chat.model_controller  # noqa: F401

        return self._make_services() if self._app.is_running else None


def joined(events: list[Event]) -> list[Event]:
    """Return ``events`` with characters typed in a row as one paste: 1 ms instead of 1 ms a key."""
    shorter: list[Event] = []
    run = ""
    for event in events:
        typed = event.character if isinstance(event, Key) and event.is_printable else None
        if run and (typed is None or len(run) == _LONGEST):
            shorter.append(Paste(run))
            run = ""
        if typed is None:
            shorter.append(event)
        else:
            run += typed
    return [*shorter, Paste(run)] if run else shorter


def prepare_for_replies() -> None:
    """Import what shows the first reply, and every panel; compile what colours code.

    They take 50, 55 and 30 ms, during which the loop would take no keys.
    """
    import wcwidth  # noqa: F401

    import shammah_tui.ui.panels.help  # It names the keys of every panel, and so imports them all.
    import shammah_tui.ui.reply.reply_markdown  # noqa: F401
    from shammah_tui.ui.reply.code_lines import get_ready

    get_ready()
