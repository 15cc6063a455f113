"""Writes to the terminal on a thread of its own, so that nobody else ever waits for it."""

import os
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from select import select

from textual._ansi_sequences import SYNC_END, SYNC_START

from shammah_tui.first.unblocked import open_unblocked

MOST_WAITING = 256 * 1024
"""Characters: five to ten whole pictures of a big window, a second of a slow line."""
LAST_WORDS_S = 1.0
"""How long the terminal may take for what puts it back in order at the end."""
_LOOK_AGAIN_S = 0.1
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
        """Begin to write."""
        self._thread.start()

    def write(self, text: str) -> None:
        """Have ``text`` written after what was given before; takes microseconds."""
        with self._changed:
            if self._is_closed:
                return
            is_due = _MODES.fullmatch(text) is not None and text not in (SYNC_START, SYNC_END)
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
        kept = [each for each in kept if each not in (SYNC_START, SYNC_END)]
        # What is on its way may have begun a picture that is shown only when it is complete.
        self._waiting = deque([SYNC_END, *kept])
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
