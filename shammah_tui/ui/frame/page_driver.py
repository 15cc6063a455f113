"""Textual's driver for a page of ``shammah serve``: the browser's terminal is behind two pipes."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import suppress
from typing import Any

from textual.app import App
from textual.drivers.web_driver import WebDriver
from textual.events import AppFocus

from shammah_tui.ui.frame.terminal_driver import cleaned

_MODES = (
    "\x1b[?2026l"  # a picture that had begun is given up
    "\x1b[?1049h\x1b[?25l"  # the alternate screen, no cursor
    "\x1b[?1000h\x1b[?1003h\x1b[?1015h\x1b[?1006h\x1b[?2004h"  # mouse, pastes
)
"""What Textual sets at its start; a page that was loaded anew knows nothing of it."""


class PageDriver(WebDriver):
    """Textual's web driver, which draws everything anew for another page, and ends with its server.

    The server reads at once whatever is written, so that writing waits for no browser.
    """

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._shown_app = app
        self._app_loop = asyncio.get_running_loop()

    def start_application_mode(self) -> None:
        super().start_application_mode()
        # Textual takes the page to be without the focus until it tells; it tells when that
        # changes, and may have done so before.
        self._shown_app.call_later(self._shown_app.post_message, AppFocus())

    def write(self, data: str) -> None:
        self._write_packet(b"D", cleaned(data).encode())

    def write_meta(self, data: dict[str, object]) -> None:
        self._write_packet(b"M", json.dumps(data).encode())

    def _write_packet(self, kind: bytes, payload: bytes) -> None:
        packet = kind + len(payload).to_bytes(4, "big") + payload
        try:
            while packet:
                packet = packet[os.write(self.fileno, packet) :]
        except OSError:
            self._leave()

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        super().on_meta(packet_type, payload)
        if packet_type == "redraw":
            self._call(self._redraw)

    def run_input_thread(self) -> None:
        super().run_input_thread()
        # The pipe was closed, or holds what is no packet.
        self._leave()

    def _redraw(self) -> None:
        self.write(_MODES)
        self._shown_app.refresh()

    def _leave(self) -> None:
        if not self.exit_event.is_set():
            self._call(self._shown_app.exit)

    def _call(self, callback: Any) -> None:
        # A loop that has ended needs no telling.
        with suppress(RuntimeError):
            self._app_loop.call_soon_threadsafe(callback)
