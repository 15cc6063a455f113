"""The terminal before Textual has it: nothing typed is echoed, cooked or lost."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

from shammah_tui.start.unblocked import write_within

BRACKETED_PASTE_ON = "\x1b[?2004h"
BRACKETED_PASTE_OFF = "\x1b[?2004l"


@contextmanager
def held_terminal() -> Iterator[list[Any] | None]:
    """Keep what is typed from now on for whoever reads it later, and restore the terminal after.

    Until Textual reads keys, some hundred milliseconds pass in imports. A terminal left alone
    would echo what is typed meanwhile over the first picture, and would turn Enter into the
    newline that ctrl+j is. Textual remembers the modes it finds, so the modes before are put back
    here, at the very end. Does nothing where standard input is no terminal.

    Yields:
        The modes before, as ``termios`` tells them; None where there are none.
    """
    try:
        # Deferred: not there on Windows.
        import termios
        import tty
    except ImportError:
        yield None
        return
    descriptor = sys.__stdin__.fileno() if sys.__stdin__ is not None else -1
    if not os.isatty(descriptor):
        yield None
        return
    before = termios.tcgetattr(descriptor)
    modes = termios.tcgetattr(descriptor)
    modes[tty.IFLAG] &= ~(termios.ICRNL | termios.IXON)
    modes[tty.LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
    modes[tty.CC][termios.VMIN] = 1
    modes[tty.CC][termios.VTIME] = 0
    end_on_signals()
    try:
        termios.tcsetattr(descriptor, termios.TCSANOW, modes)
        _write(BRACKETED_PASTE_ON)
        yield before
    finally:
        _write(BRACKETED_PASTE_OFF)
        # A terminal that has gone away has no modes to restore.
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, before)


def end_on_signals() -> None:
    """Have SIGTERM, SIGHUP and SIGINT unwind the program, so that the terminal is restored.

    The app has handlers of its own while it runs; the loop that they hang on takes them away, and
    by default these signals end a process without a word.
    """
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _write(text: str) -> None:
    write_within(1.0, sys.__stderr__.fileno() if sys.__stderr__ is not None else 2, text.encode())
