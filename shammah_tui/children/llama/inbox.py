"""Both ends of the child's protocol: commands from stdin, events to the real stdout."""

import ctypes
import logging
import os
import resource
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from shammah_tui.core.errors import WireError
from shammah_tui.core.protocol.engine_messages import (
    ENGINE_COMMANDS,
    Alive,
    EngineCommand,
    EngineEvent,
    LoadModel,
    RequestReply,
    SetLoras,
    StopReply,
    WarmUp,
)
from shammah_tui.core.protocol.wire import decode, encode

log = logging.getLogger(__name__)


class Outbox:
    """Writes events to a file descriptor, each at once; from any thread.

    Attributes:
        sent_s: When the last event was sent, in seconds of ``time.perf_counter``.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self.sent_s = time.perf_counter()

    def send(self, event: EngineEvent) -> None:
        """Write one event; ends the process when the app is gone."""
        line = memoryview(encode(event).encode() + b"\n")
        self.sent_s = time.perf_counter()
        try:
            with self._lock:
                while line:
                    line = line[os.write(self._descriptor, line) :]
        except BrokenPipeError:
            os._exit(0)


class StopFlag:
    """A flag that asks for a stop; set from any thread.

    Attributes:
        callback: Address of a C function that returns other than 0, given ``data``, while the flag
            is set.
        data: Address of the flag; it stays where it is for as long as this object lives.
    """

    def __init__(self) -> None:
        self._text = (ctypes.c_char * 2)()
        self.data = ctypes.addressof(self._text)
        strlen = ctypes.CDLL(None).strlen
        self.callback = ctypes.cast(strlen, ctypes.c_void_p).value

    def set(self) -> None:
        self._text[0] = b"\x01"

    def clear(self) -> None:
        self._text[0] = b"\x00"

    def is_set(self) -> bool:
        return self._text[0] != b"\x00"


INTERVAL_S = 1.0


class Heartbeat:
    """Sends ``Alive`` where nothing else was sent for ``INTERVAL_S``."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def beat(self) -> None:
        """Note that a computation has come further; 0.2 µs unless a sign is due."""
        if time.perf_counter() - self._outbox.sent_s >= INTERVAL_S:
            self._outbox.send(Alive())

    @contextmanager
    def watching_the_process(self) -> Iterator[None]:
        """Send signs, from a thread, for as long as this process works and the block lasts."""
        is_over = threading.Event()
        thread = threading.Thread(target=self._watch, args=(is_over,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()

    def _watch(self, is_over: threading.Event) -> None:
        before = _work_done()
        while not is_over.wait(INTERVAL_S):
            now = _work_done()
            # This thread's own look takes some microseconds each time.
            if now[0] - before[0] > 0.001 or now[1:] != before[1:]:
                self.beat()
            before = now


def _work_done() -> tuple[float, int, int]:
    """Return the seconds of processor, the pages and the blocks that this process has had."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, used.ru_majflt, used.ru_inblock


READ_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Received:
    """A request and when it came, in seconds of ``time.perf_counter``."""

    request: RequestReply
    at_s: float


class Inbox:
    """Reads commands from a file descriptor; the end of the stream ends the process.

    Commands are taken in the order in which they came, but a warm-up only when there is no other;
    any that comes later stops it.

    The app closes stdin when it ends or has no more use for the model; whatever llama.cpp is busy
    with then is of no interest, so the thread does not wait for it.

    Attributes:
        stop_requested: Set while the reply or warm-up under way is to be stopped.
    """

    def __init__(self, descriptor: int) -> None:
        self._lines = _lines(descriptor)
        self._commands: deque[Received | SetLoras] = deque()
        self._warm_up: WarmUp | None = None
        self._dropped: deque[WarmUp] = deque()
        self._lock = threading.Condition()
        self._open: set[int] = set()
        self._stopped: set[int] = set()
        self._current: Received | WarmUp | None = None
        self.stop_requested = StopFlag()

    def read_job(self) -> LoadModel:
        """Read the first line.

        Raises:
            WireError: It is no ``LoadModel``.
        """
        for line in self._lines:
            job: LoadModel = decode(line, (LoadModel,))
            return job
        raise WireError("stdin was closed before the first line")

    def start(self) -> None:
        threading.Thread(target=self._read, name="read stdin", daemon=True).start()

    def is_waiting(self) -> bool:
        """Tell whether a command other than a warm-up has come and was not taken yet."""
        return bool(self._commands)

    def next_command(self) -> Received | WarmUp | SetLoras:
        """Wait for the next command; ``stop_requested`` then speaks of it if it can be stopped."""
        with self._lock:
            self._lock.wait_for(lambda: self._dropped or self._commands or self._warm_up)
            command: Received | WarmUp | SetLoras
            if self._dropped:
                command = self._dropped.popleft()
            elif self._commands:
                command = self._commands.popleft()
            else:
                assert self._warm_up is not None
                command, self._warm_up = self._warm_up, None
            if isinstance(command, SetLoras):
                return command
            self._current = command
            if _id(command) in self._stopped:
                self.stop_requested.set()
            else:
                self.stop_requested.clear()
        return command

    def finish(self, id_: int) -> None:
        """Note that ``id_`` is over: a stop that comes too late means nothing."""
        with self._lock:
            self._current = None
            self._open.discard(id_)
            self._stopped.discard(id_)
            self.stop_requested.clear()

    def _read(self) -> None:
        for line in self._lines:
            try:
                command = decode(line, ENGINE_COMMANDS)
            except WireError:
                # Without its text, which may hold a prompt.
                log.error("A command could not be read")  # noqa: TRY400
                continue
            self._take(command)
        os._exit(0)

    def _take(self, command: EngineCommand) -> None:
        with self._lock:
            if isinstance(command, StopReply):
                self._stop(command.id)
            else:
                self._end_warm_up()
                if isinstance(command, SetLoras):
                    self._commands.append(command)
                elif isinstance(command, WarmUp):
                    self._open.add(command.id)
                    self._warm_up = command
                else:
                    self._open.add(command.id)
                    self._commands.append(Received(command, time.perf_counter()))
            self._lock.notify_all()

    def _end_warm_up(self) -> None:
        """Stop the one under way, and the one that waits before it begins."""
        if isinstance(self._current, WarmUp):
            self._stop(self._current.id)
        if self._warm_up is not None:
            self._stop(self._warm_up.id)
            self._dropped.append(self._warm_up)
            self._warm_up = None

    def _stop(self, id_: int) -> None:
        if id_ in self._open:
            self._stopped.add(id_)
            if self._current is not None and id_ == _id(self._current):
                self.stop_requested.set()


def _id(command: Received | WarmUp) -> int:
    return command.id if isinstance(command, WarmUp) else command.request.id


def _lines(descriptor: int) -> Iterator[str]:
    # Not sys.stdin: its buffer's lock, held by a waiting thread, makes the interpreter abort at
    # shutdown.
    kept = b""
    while block := os.read(descriptor, READ_BYTES):
        *lines, kept = (kept + block).split(b"\n")
        for line in lines:
            yield line.decode(errors="replace")
