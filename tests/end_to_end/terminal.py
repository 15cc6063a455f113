"""The real program in a real pseudo-terminal, under a shell, as a person has it."""

import os
import queue
import re
import select
import signal
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import pexpect
import psutil

from tests.end_to_end.screen import EmulatedScreen

TIMEOUT_S = 30.0
"""Bound of every wait: what takes a second alone may take ten on a machine that is busy."""

ENTER, ESCAPE = "\r", "\x1b"
CTRL_A, CTRL_J, CTRL_K, CTRL_O, CTRL_Q = "\x01", "\n", "\x0b", "\x0f", "\x11"
F2, F4, F8, F9, F10, F12 = "\x1bOQ", "\x1bOS", "\x1b[19~", "\x1b[20~", "\x1b[21~", "\x1b[24~"
F6 = "\x1b[17~"
UP, DOWN, DELETE = "\x1b[A", "\x1b[B", "\x1b[3~"

BRACKETED_PASTE = 2004
PLACEHOLDER = "Ask anything"

Found = TypeVar("Found")

_SHELL = """
read -r _ <"$1"; shift
"$@"
printf '\\n[shell] status %s\\n' "$?"
exec cat
"""
"""Waits until the terminal's modes were looked at, runs the program, then is there again."""


class Terminal:
    """A terminal window with a shell that runs one program; a context manager that closes it.

    The shell leads the session, as it does in a real window: when the leader of a session ends,
    Linux resets the modes, and a program that leaves them broken would not be found out.

    Args:
        command: The program and its arguments.
        environment: Its whole environment; its ``HOME`` tells its processes from all others.
        folder: Where the fifo may lie that holds the shell back.
        columns: Width in cells.
        rows: Height in cells.
        typed_ahead: What was typed while the shell had not started the program yet.
        is_stalled: Whether it takes no output from the beginning.

    Attributes:
        written: All bytes that came out so far.
        read_s: When the last of them came, by ``time.perf_counter``.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        columns: int = 80,
        rows: int = 24,
        typed_ahead: str = "",
        *,
        is_stalled: bool = False,
    ) -> None:
        self._home = environment["HOME"]
        self._changed = threading.Condition()
        self._emulated = EmulatedScreen(columns, rows)
        self.written = bytearray()
        self.read_s = 0.0
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        fifo = folder / f"go-{time.monotonic_ns()}"
        os.mkfifo(fifo)
        self._shell = pexpect.spawn(
            "/bin/sh",
            ["-c", _SHELL, "sh", str(fifo), *command],
            env=dict(environment),
            cwd=self._home,
            dimensions=(rows, columns),
        )
        self._descriptor: int = self._shell.child_fd
        self.modes_before = self._emulated.modes
        self.attributes_before = self.attributes
        self._stop_reading, self._tell_to_stop = os.pipe()
        self._flows = threading.Event()
        if not is_stalled:
            self._flows.set()
        self._threads = [
            threading.Thread(target=target, daemon=True) for target in (self._read, self._write)
        ]
        for thread in self._threads:
            thread.start()
        os.write(self._descriptor, typed_ahead.encode())
        with fifo.open("w") as gate:
            gate.write("\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for process in self.processes():
            # By its id; the program's children end when their stdin closes, or are killed here.
            process.kill()
        self.hang_up()
        psutil.wait_procs(self.processes(), TIMEOUT_S)

    # What it shows

    @property
    def screen(self) -> list[str]:
        """The rows that are shown, without the white space at their ends."""
        with self._changed:
            return self._emulated.lines

    def row(self, number: int) -> str:
        """Return one row of the screen, from 0."""
        with self._changed:
            return self._emulated.row(number)

    @property
    def text(self) -> str:
        """The screen as one line in which all white space is a single space."""
        return _collapsed("\n".join(self.screen))

    @property
    def composer(self) -> str:
        """The text in the composer's box, a line each; empty where the box cannot be found."""
        lines = self.screen
        tops = [i for i, line in enumerate(lines) if line.lstrip().startswith("╭")]
        if not tops:
            return ""
        inside = []
        for line in lines[tops[-1] + 1 :]:
            if line.lstrip().startswith("╰"):
                break
            inside.append(line.strip().removeprefix("│").removesuffix("│").strip())
        text = "\n".join(inside)
        return "" if text == PLACEHOLDER else text

    @property
    def header(self) -> str:
        """The first row."""
        return self.screen[0]

    @property
    def footer(self) -> str:
        """The last row."""
        return self.screen[-1]

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the cursor, from 0."""
        with self._changed:
            return self._emulated.cursor

    @property
    def modes(self) -> frozenset[str]:
        """What a program must put back: private modes, alternate screen, kitty keyboard."""
        with self._changed:
            return self._emulated.modes

    @property
    def attributes(self) -> list[Any]:
        """The line discipline's modes, as ``termios`` tells them."""
        return termios.tcgetattr(self._descriptor)

    def wait_for(
        self, wanted: str | Callable[["Terminal"], Found], timeout_s: float = TIMEOUT_S
    ) -> Found:
        """Return as soon as a text is on the screen, or a predicate holds, with its value.

        Args:
            wanted: The text, in which all white space counts as one space; or the predicate, which
                is asked whenever something was written, and ten times a second.
            timeout_s: Bound of the wait; it is over at once when the program has ended.
        """
        if isinstance(wanted, str):
            needle = _collapsed(wanted)
            return self.wait_for(lambda terminal: needle in terminal.text, timeout_s)  # type: ignore[return-value]
        return self._wait(wanted, timeout_s, while_running=True)

    def wait_for_match(self, pattern: str, timeout_s: float = TIMEOUT_S) -> re.Match[str]:
        """Return the first match of ``pattern`` in ``text`` as soon as there is one."""
        compiled = re.compile(pattern)
        found = self.wait_for(lambda terminal: compiled.search(terminal.text), timeout_s)
        assert found is not None
        return found

    def wait_for_reply(self, text: str) -> None:
        """Return when a reply with ``text`` is shown and over: Enter sends the next question."""
        needle = _collapsed(text)
        self.wait_for(lambda each: needle in each.text and "Stop" not in each.footer)

    # What a person does

    def send(self, keys: str) -> None:
        """Type; returns at once, what the program has not read yet waits in order."""
        self._outgoing.put(keys.encode())

    def paste(self, text: str) -> None:
        """Paste as terminals do: line ends as Enter, in brackets where the program wants them."""
        text = text.replace("\n", "\r")
        with self._changed:
            is_bracketed = BRACKETED_PASTE in self._emulated.private_modes
        self.send(f"\x1b[200~{text}\x1b[201~" if is_bracketed else text)

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size and tell the program."""
        with self._changed:
            self._emulated.resize(columns, rows)
        self._shell.setwinsize(rows, columns)

    def stall(self) -> None:
        """Take no more output, as a line does that has broken off."""
        self._flows.clear()

    def flow(self) -> None:
        """Take output again."""
        self._flows.set()

    def hang_up(self) -> None:
        """Close the window: the kernel sends SIGHUP to whoever runs in it."""
        if self._descriptor < 0:
            return
        self._outgoing.put(None)
        os.write(self._tell_to_stop, b"x")
        self._flows.set()
        for thread in self._threads:
            thread.join(TIMEOUT_S)
        self._descriptor = -1
        self._shell.close(force=True)
        for descriptor in (self._stop_reading, self._tell_to_stop):
            os.close(descriptor)

    # The processes

    @property
    def program(self) -> psutil.Process:
        """The program itself; it must be running."""
        (process,) = _wait_until(lambda: psutil.Process(self._shell.pid).children())
        return process

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program, and to it only."""
        self.program.send_signal(number)

    def processes(self) -> list[psutil.Process]:
        """Return the program, its children and theirs, also those that have lost their parent."""
        return [each for each in processes_of(self._home) if each.pid != self._shell.pid]

    def children(self, module: str = "") -> list[psutil.Process]:
        """Return the processes whose command line names ``module``, without the program."""
        program = self.program.pid
        return [
            each for each in self.processes() if each.pid != program and module in _command(each)
        ]

    def wait_for_exit(self, timeout_s: float = TIMEOUT_S) -> int:
        """Return the program's status once the shell is back; 128 and more is a signal."""
        found = self._wait(lambda terminal: terminal._status, timeout_s)
        assert found is not None
        return int(found[1])

    def assert_no_process_left(self, timeout_s: float = TIMEOUT_S) -> None:
        """Wait until the program and everything that it started are gone."""
        _, alive = psutil.wait_procs(self.processes(), timeout_s)
        assert not [_command(each) for each in alive]
        # Somebody may have been started in between.
        assert not [_command(each) for each in self.processes()]

    def assert_intact(self) -> None:
        """Assert that the shell has its terminal back just as it was, and that it works."""
        assert self.attributes == self.attributes_before
        assert self.modes == self.modes_before
        self.send("echo\n")
        # Once by the terminal's echo, once by the shell's cat.
        self._wait(lambda terminal: terminal.screen.count("echo") == 2)

    @property
    def _status(self) -> re.Match[bytes] | None:
        # Not from the screen: a program that was killed leaves the other one on.
        return re.search(rb"\[shell\] status (\d+)\s", self.written)

    def _wait(
        self,
        wanted: Callable[["Terminal"], Found],
        timeout_s: float = TIMEOUT_S,
        *,
        while_running: bool = False,
    ) -> Found:
        until = time.monotonic() + timeout_s
        with self._changed:
            while not (found := wanted(self)):
                left = until - time.monotonic()
                if left <= 0 or (while_running and self._status):
                    shown = "\n".join(self._emulated.lines)
                    raise AssertionError(f"It did not come to that; the screen is\n{shown}")
                # Now and then also without output: a predicate may look at processes.
                self._changed.wait(min(left, 0.1))
        return found

    def _read(self) -> None:
        while True:
            self._flows.wait()
            readable, _, _ = select.select([self._descriptor, self._stop_reading], [], [], 0.1)
            if self._stop_reading in readable:
                return
            if not readable or not self._flows.is_set():
                continue
            try:
                data = os.read(self._descriptor, 65536)
            except OSError:
                return
            read_s = time.perf_counter()
            with self._changed:
                self.read_s = read_s
                self.written += data
                answers = self._emulated.feed(data)
                self._changed.notify_all()
            if answers:
                self._outgoing.put(answers)

    def _write(self) -> None:
        while (data := self._outgoing.get()) is not None:
            # Only as much as goes in without waiting, so that the window can be closed meanwhile.
            while data:
                stop, _, _ = select.select([self._stop_reading], [self._descriptor], [])
                if stop:
                    return
                try:
                    data = data[os.write(self._descriptor, data[:256]) :]
                except OSError:
                    return


def processes_of(home: str) -> list[psutil.Process]:
    """Return the processes that were started with this ``HOME``, zombies left out."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("HOME") == home:
                found.append(process)
        except psutil.Error:
            continue
    return found


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _collapsed(text: str) -> str:
    return " ".join(text.split())


def _wait_until(look: Callable[[], Found]) -> Found:
    until = time.monotonic() + TIMEOUT_S
    while not (found := look()):
        assert time.monotonic() < until, "It did not come to that"
        time.sleep(0.005)
    return found
