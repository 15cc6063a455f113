"""The terminal before Textual has it, and writing to one that may have stopped reading.

Nothing but ``os`` and ``sys`` is imported here until it is needed: the first picture waits for it.
"""

import os
import sys

BRACKETED_PASTE_ON, BRACKETED_PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"
PATIENCE_S = 1.0
"""With a terminal that takes nothing at the moment."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def modes_of(keyboard: int) -> "list[Any]":
    """Return the terminal's modes, as ``termios`` tells them.

    Raises:
        ImportError: This system has no such modes.
    """
    import termios

    return termios.tcgetattr(keyboard)


def take_keys(keyboard: int, before: "list[Any]") -> None:
    """Have the terminal keep what is typed for who reads it later; ``before`` are its modes.

    Until Textual reads keys, some hundred milliseconds pass in imports. A terminal left alone
    would echo what is typed meanwhile over the first picture, and would turn Enter into the
    newline that ctrl+j is.
    """
    import termios

    modes = [*before[:6], list(before[6])]
    modes[0] &= ~(termios.ICRNL | termios.IXON)
    modes[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
    modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
    end_on_signals()
    termios.tcsetattr(keyboard, termios.TCSANOW, modes)


def give_back(keyboard: int, modes: "list[Any]") -> None:
    """Put the terminal's modes back, without waiting for what was written."""
    import termios
    from contextlib import suppress

    # A terminal that has gone away has no modes to restore.
    with suppress(termios.error):
        termios.tcsetattr(keyboard, termios.TCSANOW, modes)


def end_on_signals() -> None:
    """Have SIGTERM, SIGHUP and SIGINT unwind the program, so that the terminal is restored.

    The app has handlers of its own while it runs; the loop that they hang on takes them away, and
    by default these signals end a process without a word.
    """
    # Its own import, 1.5 ms, is the price of never leaving a broken terminal behind.
    import signal

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, end)


class HeldTerminal:
    """Holds the terminal where no first picture does: keys are kept, and it is restored at the end.

    Does nothing where standard input is no terminal.

    Attributes:
        modes_before: The modes before, as ``termios`` tells them; None where there are none.
    """

    def __init__(self) -> None:
        self._keyboard = sys.__stdin__.fileno() if sys.__stdin__ is not None else -1
        self._display = sys.__stderr__.fileno() if sys.__stderr__ is not None else 2
        self.modes_before: list[Any] | None = None

    def __enter__(self) -> "HeldTerminal":
        if os.isatty(self._keyboard):
            try:
                self.modes_before = modes_of(self._keyboard)
            except ImportError:
                return self
            take_keys(self._keyboard, self.modes_before)
            write_within(PATIENCE_S, self._display, BRACKETED_PASTE_ON.encode())
        return self

    def __exit__(self, *_: object) -> None:
        if self.modes_before is not None:
            write_within(PATIENCE_S, self._display, BRACKETED_PASTE_OFF.encode())
            # Textual has put back the modes that it found: those in which keys are kept.
            give_back(self._keyboard, self.modes_before)


def open_unblocked(descriptor: int) -> int:
    """Return a new descriptor of the same terminal, which takes what it can and never waits.

    It is an opening of its own: the flag would count for the shell's descriptor, too. Where the
    terminal cannot be opened again, it is a second number of the same opening, which may wait.

    Raises:
        OSError: The descriptor is none.
    """
    try:
        return os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return os.dup(descriptor)


def write_within(seconds: float, descriptor: int, data: bytes) -> bool:
    """Write; return whether the terminal has taken all of it in time.

    A terminal that has gone away takes nothing more; there is nobody left to tell.
    """
    from time import monotonic, sleep

    opened = -1
    until_s = monotonic() + seconds
    try:
        opened = open_unblocked(descriptor)
        while data:
            try:
                data = data[os.write(opened, data) :]
            except BlockingIOError:
                if monotonic() > until_s:
                    return False
                sleep(0.005)
    except OSError:
        return False
    finally:
        if opened >= 0:
            os.close(opened)
    return True
