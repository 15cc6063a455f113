"""The terminal from the first picture on, until Textual has taken it over."""

import os
import sys

from shammah_tui.start.keys import EarlyText
from shammah_tui.start.look import Look, find_look
from shammah_tui.start.picture import LEAST_COLUMNS, LEAST_ROWS, picture
from shammah_tui.start.terminal import (
    BRACKETED_PASTE_OFF,
    BRACKETED_PASTE_ON,
    PATIENCE_S,
    give_back,
    modes_of,
    take_keys,
    write_within,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ALTERNATE_ON, ALTERNATE_OFF = "\x1b[?1049h", "\x1b[?1049l"
_BEGIN = f"{ALTERNATE_ON}\x1b[?25l\x1b[?7l{BRACKETED_PASTE_ON}"
_END = f"{BRACKETED_PASTE_OFF}\x1b[?7h{ALTERNATE_OFF}\x1b[?25h"
_READ_BYTES = 65_536


class FirstScreen:
    """Shows the first picture and what is typed into it; keeps every byte for Textual.

    ``keyboard`` and ``display`` are descriptors of the terminal.

    Attributes:
        text: What the composer begins with, from ``hand_over`` on.
        modes_before: The terminal's modes as they were found; None before ``show``.
    """

    def __init__(self, look: Look, keyboard: int, display: int) -> None:
        self._look = look
        self.text = ""
        self._keyboard = keyboard
        self._display = display
        self.modes_before: list[Any] | None = None
        self._early = EarlyText()
        self._shown = ("", False)
        self._read: list[bytes] = []
        self._stop = -1
        self._stopped: object = None
        self._is_drawing = False
        self._is_taken = False

    def show(self) -> bool:
        """Take the terminal and draw; return whether there was room to."""
        columns, rows = os.get_terminal_size(self._display)
        if columns < LEAST_COLUMNS or rows < LEAST_ROWS:
            return False
        self.modes_before = modes_of(self._keyboard)
        take_keys(self._keyboard, self.modes_before)
        self._take_typed_ahead()
        self._is_drawing = True
        self._shown = (self._early.text, self._early.is_sent)
        self._write(_BEGIN + self._picture(columns, rows))
        return True

    def _picture(self, columns: int, rows: int) -> str:
        text, is_sent = self._shown
        return picture(self._look, columns, rows, text, is_sent=is_sent)

    def _take_typed_ahead(self) -> None:
        """Take what was typed while the terminal was the shell's: Enter came as the newline then.

        The kernel turns one into the other as it is typed, so from here on they differ. Of the two
        only Enter is likely: who has not seen the program yet has no lines to write.
        """
        from select import select

        if select([self._keyboard], [], [], 0)[0]:
            data = os.read(self._keyboard, _READ_BYTES).replace(b"\n", b"\r")
            self._read.append(data)
            self._early.feed(data)

    def read_keys(self) -> None:
        """Show what is typed from now on, from a thread that costs nothing while nobody types."""
        # ``threading`` would cost 1 ms here; its place is after the imports that need it anyway.
        import _thread

        reading, self._stop = os.pipe()
        self._stopped = _thread.allocate_lock()
        self._stopped.acquire()
        _thread.start_new_thread(self._read_until_stopped, (reading,))

    def _read_until_stopped(self, stop: int) -> None:
        from select import select

        try:
            while True:
                ready, _, _ = select([self._keyboard, stop], [], [])
                if stop in ready:
                    return
                data = os.read(self._keyboard, _READ_BYTES)
                if not data:
                    return
                self._read.append(data)
                self.echo(data)
        except OSError:
            # The terminal has gone away: SIGHUP tells the rest of the program.
            return
        finally:
            os.close(stop)
            self._stopped.release()  # type: ignore[attr-defined]

    def echo(self, data: bytes) -> None:
        """Show what ``data`` types; whoever has read it keeps it."""
        self._early.feed(data)
        shown = (self._early.text, self._early.is_sent)
        if shown == self._shown or not self._is_drawing:
            return
        self._shown = shown
        columns, rows = os.get_terminal_size(self._display)
        if columns < LEAST_COLUMNS or rows < LEAST_ROWS:
            self._is_drawing = False
            return
        self._write(self._picture(columns, rows))

    def hand_over(self) -> bytes:
        """Stop reading and return the keys that are yet to be pressed, once; ``echo`` still draws.

        What is but text is in ``text`` from now on, and no key.
        """
        read = self._stop_reading()
        # A slash may open a list, which is the composer's business as it is typed.
        if self._early.is_text_alone and "/" not in self._early.text:
            self.text = self._early.text
            return b""
        return read

    def _stop_reading(self) -> bytes:
        if self._stop >= 0:
            os.write(self._stop, b"x")
            self._stopped.acquire()  # type: ignore[attr-defined]
            os.close(self._stop)
            self._stop = -1
        read, self._read = b"".join(self._read), []
        return read

    def be_taken(self) -> None:
        """Leave the alternate screen and the modes to whoever has them now."""
        self._is_taken = True

    def stop_drawing(self) -> None:
        self._is_drawing = False

    def close(self) -> None:
        """Put the terminal back as it was found; what Textual had, Textual has put back.

        Again and again if need be: whoever else keeps the modes may put others back later.
        """
        self.stop_drawing()
        if self.modes_before is None:
            return
        self._stop_reading()
        if not self._is_taken:
            self._write(_END)
            self._is_taken = True
        give_back(self._keyboard, self.modes_before)

    def _write(self, text: str) -> None:
        if not write_within(PATIENCE_S, self._display, text.encode()):
            # Whoever takes over draws everything anew.
            self._is_drawing = False


def open_first_screen() -> FirstScreen | None:
    """Draw the first picture and read keys, on a real terminal; None where that cannot be."""
    if sys.platform == "win32":
        return None
    try:
        if not (os.isatty(0) and os.isatty(1) and os.isatty(2)):
            return None
        look = find_look(os.environ)
        if look is None:
            return None
        first = FirstScreen(look, 0, 2)
        try:
            if not first.show():
                return None
            first.read_keys()
        except BaseException:
            # A signal among them: the terminal must not stay as it is now.
            first.close()
            raise
    except (OSError, ImportError):
        return None
    return first
