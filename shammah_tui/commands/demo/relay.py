"""A program in a pseudo-terminal of its own, passed on to this terminal and back as it comes."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from shammah_tui.commands.demo.screen_cells import ScreenCells

_KEY_S = 0.05
"""Between two keys; a person writes about as fast."""
_END_S = 10.0
"""What a program that is told to end may take."""


@contextmanager
def ended(program: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the program, whatever happens meanwhile."""
    try:
        yield
    finally:
        if program.poll() is None:
            program.terminate()
            try:
                program.wait(_END_S)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()


@contextmanager
def _window() -> Iterator[None]:
    """Leave where the window is closed; the signal that says so may come later."""
    try:
        yield
    except OSError:
        raise SystemExit(128 + signal.SIGHUP) from None


class ProgramEndedError(Exception):
    """The program has ended while something else was expected."""


class Relay:
    """The program and what it shows.

    Attributes:
        program: The process.
        screen: What stands on its screen now.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        self._keys, self._shown = sys.stdin.fileno(), sys.stdout.fileno()
        self._master, slave = pty.openpty()
        self._fit()
        self.screen = ScreenCells(*self._fitted)
        self.program = subprocess.Popen(
            command,
            env=environment,
            cwd=folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            # The terminal of its session: it is told of another size.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads yet
        )
        os.close(slave)

    @contextmanager
    def passing_on(self) -> Iterator[None]:
        """Give every key to the program meanwhile, and tell it of each other size; then end it."""
        before = termios.tcgetattr(self._keys)
        handler = signal.signal(signal.SIGWINCH, lambda *_: self._fit())
        tty.setraw(self._keys)
        try:
            yield
        finally:
            # What it writes at its end makes the terminal what it was.
            with ended(self.program), suppress(TimeoutError, SystemExit):
                self.program.terminate()
                self.wait_for_end(_END_S)
            signal.signal(signal.SIGWINCH, handler)
            with suppress(termios.error):
                termios.tcsetattr(self._keys, termios.TCSADRAIN, before)

    def wait_for(self, shows: Callable[[list[str]], bool], timeout_s: float) -> None:
        """Return as soon as ``shows`` holds of the screen's lines.

        Raises:
            TimeoutError: It did not come to that.
            ProgramEndedError: Nor will it.
        """
        until = time.monotonic() + timeout_s
        while not shows(self.screen.lines):
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if not self._pass(left):
                raise ProgramEndedError

    def wait_for_end(self, timeout_s: float) -> None:
        """Return when the program has nothing more to say.

        Raises:
            TimeoutError: It goes on.
        """
        until = time.monotonic() + timeout_s
        while self._pass(until - time.monotonic()):
            if time.monotonic() >= until:
                raise TimeoutError

    def press(self, keys: str) -> None:
        """Type ``keys``, as fast as a person.

        Raises:
            ProgramEndedError: Nobody reads them.
        """
        for key in keys:
            if not self.screen.is_alternate:
                raise ProgramEndedError
            self._give(key.encode())
            self.pause(_KEY_S)

    def pause(self, seconds: float) -> None:
        """Do nothing but pass on.

        Raises:
            ProgramEndedError: There is nothing to wait for.
        """
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not self._pass(left):
                raise ProgramEndedError

    def _pass(self, timeout_s: float) -> bool:
        """Pass on what comes next, from either side; return whether the program is still there."""
        ready, _, _ = select.select([self._master, self._keys], [], [], max(0.0, timeout_s))
        if self._keys in ready:
            with _window():
                keys = os.read(self._keys, 4096)
            self._give(keys)
        if self._master in ready:
            try:
                written = os.read(self._master, 65_536)
            except OSError:
                # How Linux says that nobody has the other side open.
                written = b""
            if not written:
                return False
            self.screen.fit(*self._fitted)
            self.screen.feed(written)
            with _window():
                while written:
                    written = written[os.write(self._shown, written) :]
        return True

    def _give(self, keys: bytes) -> None:
        try:
            os.write(self._master, keys)
        except OSError:
            raise ProgramEndedError from None

    def _fit(self) -> None:
        # In the handler of a signal, which may come in the middle of a line that is written.
        columns, rows = self._fitted = os.get_terminal_size(self._shown)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
