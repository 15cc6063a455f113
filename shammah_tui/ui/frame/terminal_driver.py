"""Textual's driver for this program: reads keys and pastes, writes on a thread of its own."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import termios
import threading
import time
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from select import select
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

from textual.app import App

from shammah_tui.start.terminal import open_unblocked
from shammah_tui.ui.frame.paste_filter import QUIET_S, PasteFilter
from shammah_tui.ui.frame.textual_privates import WriterDriver, XTermParser

if TYPE_CHECKING:
    from shammah_tui.start.screen import FirstScreen

MOST_WAITING = 256 * 1024
"""Characters: five to ten whole pictures of a big window, a second of a slow line."""
LAST_WORDS_S = 1.0
"""How long the terminal may take for what puts it back in order at the end."""
_LOOK_AGAIN_S = 0.1
_SYNC_START, _SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
_MODES = re.compile(r"(?:\x1b\[[?<=>][0-9;]*[A-Za-z])+")
"""Switches of the terminal, which stay due when pictures are left out."""


class TerminalWriter:
    """Takes text at once and writes it as fast as the terminal reads it.

    Where the terminal has stopped reading, or reads too slowly, the pictures that wait are left
    out, and ``on_behind`` is called once it has caught up: then everything is to be drawn anew.

    Args:
        descriptor: The terminal.
        encoding: How it spells characters; where it lacks one, "?" takes its cell.
        on_behind: Called on the writing thread.
        on_gone: Called on the writing thread when there is no terminal any more.
    """

    def __init__(
        self,
        descriptor: int,
        encoding: str,
        on_behind: Callable[[], None],
        on_gone: Callable[[], None],
    ) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._on_behind = on_behind
        self._on_gone = on_gone
        self._changed = threading.Condition()
        self._waiting: deque[str] = deque()
        self._waiting_size = 0
        self._is_behind = False
        self._is_closed = False
        self._is_abandoned = False
        self._thread = threading.Thread(target=self._run, name="terminal-output", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def write(self, text: str) -> None:
        """Have ``text`` written after what was given before; takes microseconds."""
        with self._changed:
            if self._is_closed:
                return
            is_due = _MODES.fullmatch(text) is not None and text not in (_SYNC_START, _SYNC_END)
            if self._is_behind and not is_due:
                return
            if self._waiting and self._waiting_size + len(text) > MOST_WAITING and not is_due:
                self._fall_behind()
                return
            self._waiting.append(text)
            self._waiting_size += len(text)
            self._changed.notify()

    def stop(self) -> None:
        """Write what waits, as far as the terminal takes it, and write nothing more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(LAST_WORDS_S)
        self._is_abandoned = True

    def _fall_behind(self) -> None:
        self._is_behind = True
        kept = [each for each in self._waiting if _MODES.fullmatch(each)]
        kept = [each for each in kept if each not in (_SYNC_START, _SYNC_END)]
        # What is on its way may have begun a picture that is shown only when it is complete.
        self._waiting = deque([_SYNC_END, *kept])
        self._waiting_size = sum(map(len, self._waiting))

    def _run(self) -> None:
        opened = -1
        try:
            opened = open_unblocked(self._descriptor)
            while (text := self._next()) is not None:
                self._write_all(opened, text.encode(self._encoding, "replace"))
        except OSError:
            with self._changed:
                self._is_closed = True
                self._waiting.clear()
            self._on_gone()
        finally:
            if opened >= 0:
                os.close(opened)

    def _next(self) -> str | None:
        """Wait for what is to be written; None is the end."""
        while True:
            with self._changed:
                while not (self._waiting or self._is_closed or self._is_behind):
                    self._changed.wait()
                if self._waiting:
                    text = "".join(self._waiting)
                    self._waiting.clear()
                    self._waiting_size = 0
                    return text
                if self._is_closed:
                    return None
                self._is_behind = False
            self._on_behind()

    def _write_all(self, opened: int, data: bytes) -> None:
        was_refused = False
        while data and not self._is_abandoned:
            try:
                data = data[os.write(opened, data) :]
                was_refused = False
            except BlockingIOError:
                if not select([], [opened], [], _LOOK_AGAIN_S)[1]:
                    continue
                if was_refused:
                    # There is room, but less than the next character needs.
                    time.sleep(_LOOK_AGAIN_S / 10)
                was_refused = True


_ALTERNATE_SCREEN = "\x1b[?1049h"
_READ_BYTES = 16_384
_TICK_S = 0.05
_YOUNG_S = 1.5
"""What was typed ahead has come by then."""
_TICKS = 4
"""An escape sequence that has begun is over after 0.1 s; without one, nobody needs to wake."""

_OWN = re.compile(
    r"(?:\x1b\[[?<=>]?[0-9;]*\$?[A-Za-z])+"  # modes and questions
    r"|\x1b\][^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\)"  # the clipboard, the pointer's shape
    r"|\x07"
)
"""What Textual writes besides pictures, each by itself."""
_FOREIGN = re.compile(
    r"[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f]"
    r"|\x1b(?!\[[0-9;:]*[mHABCD]|\]8;[^\x00-\x1f\x7f-\x9f]*\x1b\\|\\)"
)
"""What is in no picture but for a text that holds it: pictures have colours, links and places."""


def cleaned(data: str) -> str:
    """Return what a driver was given to write without what no picture holds, cell for cell.

    Everything that is shown comes by here.
    """
    if not _OWN.fullmatch(data):
        data = _FOREIGN.sub("", data)
    if not data.isascii():
        # Deferred: 1 ms before the first frame.
        from shammah_tui.core.text.plain_text import drawable

        data = drawable(data)
    return data


class TerminalDriver(WriterDriver):
    """Textual's driver with a seamless beginning and a quick end, which never waits to write.

    In the beginning the app draws piece by piece: frame, header, footer, each a few hundredths of
    a second after the other. These are held until ``reveal``, while the picture that is there goes
    on showing what is typed. At the end Textual's own loop would sleep for up to 0.2 s.

    A terminal that takes nothing more, over a line that broke say, holds nobody up; one that has
    gone away ends the program, whether a signal says so or not.
    """

    _first: FirstScreen | None = None

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._shown_app, self._is_debugging = app, debug
        self._app_loop = asyncio.get_running_loop()
        self._first = getattr(app, "first_picture", None)
        self._modes_before: list[Any] | None = getattr(app, "modes_before", None)
        self._lock = Lock()
        self._held: list[str] | None = None
        self._early = b""
        self._young_until = 0.0
        self._is_starting = False
        self._wake = (-1, -1)

    @property
    def has_picture(self) -> bool:
        """Whether the first picture is shown, until ``reveal``."""
        return self._first is not None

    def start_application_mode(self) -> None:
        self._wake = os.pipe()
        if self._first is not None:
            self._first.be_taken()
            # Before the screen is composed: what was typed stands in its first drawing then.
            self._early = self._first.hand_over()
        self._is_starting = True
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._is_gone():
            # Nobody reads keys then, who would notice.
            self._leave()
        if self._modes_before is not None:
            # Textual found the modes in which early keys are kept; a shell or an editor that gets
            # the terminal while this is suspended wants its own.
            self.attrs_before = self._modes_before
        with self._lock:
            self._is_starting = False
            if self._first is not None:
                self._held = []

    def make_writer(self) -> TerminalWriter | None:
        file = sys.__stderr__
        if file is None:
            return None
        encoding = getattr(file, "encoding", None) or "utf-8"
        return TerminalWriter(
            file.fileno(), encoding, lambda: self._call(self._draw_anew), self._leave
        )

    def _draw_anew(self) -> None:
        self._shown_app.call_later(self._shown_app.refresh)

    def _leave(self) -> None:
        """There is no terminal any more: end the program."""
        self._call(self._shown_app.exit)

    def _call(self, callback: Callable[[], object]) -> None:
        # A loop that has ended needs no telling.
        with suppress(RuntimeError):
            self._app_loop.call_soon_threadsafe(callback)

    def _is_gone(self) -> bool:
        try:
            termios.tcgetattr(self.fileno)
        except termios.error:
            return self.input_tty
        return False

    def write(self, data: str) -> None:
        """Write, or hold what is drawn before its time."""
        data = cleaned(data)
        with self._lock:
            if self._is_starting and self._first is not None and data == _ALTERNATE_SCREEN:
                # It would clear the picture, and forget where the shell's cursor was.
                return
            if self._held is not None:
                self._held.append(data)
                return
        self._put(data)

    def _put(self, data: str) -> None:
        if self.writer is not None:
            self.writer.write(data)
        elif not self._is_gone():
            raise RuntimeError("Driver must be in application mode")

    def reveal(self) -> None:
        """Show everything that was drawn so far, as one frame."""
        if self._first is None:
            return
        with self._lock:
            self._first.stop_drawing()
            held, self._held, self._first = self._held or [], None, None
        self._young_until = monotonic() + _YOUNG_S
        frames = "".join(held)
        if _SYNC_START in frames:
            frames = frames.replace(_SYNC_START, "").replace(_SYNC_END, "")
            frames = f"{_SYNC_START}{frames}{_SYNC_END}"
        self._put(frames)

    def disable_input(self) -> None:
        if self._wake[1] >= 0:
            os.write(self._wake[1], b"x")
        super().disable_input()

    def stop_application_mode(self) -> None:
        self.reveal()
        super().stop_application_mode()
        for descriptor in self._wake:
            if descriptor >= 0:
                os.close(descriptor)
        self._wake = (-1, -1)

    def run_input_thread(self) -> None:
        parser = XTermParser(self._is_debugging)
        # What is no UTF-8 is shown as such: Textual's own loop would end the program.
        decode = getincrementaldecoder("utf-8")("replace").decode
        wake = self._wake[0]

        pastes = PasteFilter()

        def take(text: str) -> None:
            # Not an empty text: the parser takes it for the end.
            for event in parser.feed(text) if text else ():
                self.process_message(event)

        pastes.is_early = True
        take(pastes.feed(decode(self._early)))
        ticks = _TICKS
        while not self.exit_event.is_set():
            wait_s = QUIET_S if pastes.waits else _TICK_S if ticks else None
            ready, _, _ = select([self.fileno, wake], [], [], wait_s)
            if self.fileno in ready:
                try:
                    data = os.read(self.fileno, _READ_BYTES)
                except BlockingIOError:
                    # Somebody who had the terminal left it so.
                    self.exit_event.wait(_TICK_S)
                    continue
                except OSError:
                    data = b""
                if not data:
                    self._leave()
                    return
                pastes.is_early = self._first is not None
                pastes.is_young = monotonic() < self._young_until
                if self._first is not None:
                    self._first.echo(data)
                take(pastes.feed(decode(data)))
                ticks = _TICKS
            else:
                take(pastes.flush())
                ticks = max(0, ticks - 1)
            for event in parser.tick():
                self.process_message(event)
