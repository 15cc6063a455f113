"""The way in: commands from stdin, read by a thread of their own so that a stop is seen at once."""

import logging
import os
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from shammah_tui.core.engine_messages import (
    ENGINE_COMMANDS,
    LoadModel,
    RequestReply,
    StopReply,
)
from shammah_tui.core.errors import WireError
from shammah_tui.core.wire import decode

log = logging.getLogger(__name__)

READ_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Received:
    """A request and when it came, in seconds of ``time.perf_counter``."""

    request: RequestReply
    at_s: float


class Inbox:
    """Reads commands from a file descriptor; the end of the stream ends the process.

    The app closes stdin when it ends or has no more use for the model; whatever llama.cpp is busy
    with then is of no interest, so the thread does not wait for it.

    Attributes:
        stop_requested: Set while the reply under way is to be stopped.
    """

    def __init__(self, descriptor: int) -> None:
        self._lines = _lines(descriptor)
        self._requests: queue.SimpleQueue[Received] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._open: set[int] = set()
        self._stopped: set[int] = set()
        self._current: int | None = None
        self.stop_requested = threading.Event()

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
        """Read the later lines on a thread."""
        threading.Thread(target=self._read, name="read stdin", daemon=True).start()

    def next_request(self) -> Received:
        """Wait for the next request and make it the one that ``stop_requested`` speaks of."""
        received = self._requests.get()
        with self._lock:
            self._current = received.request.id
            if self._current in self._stopped:
                self.stop_requested.set()
            else:
                self.stop_requested.clear()
        return received

    def finish(self, id_: int) -> None:
        """Note that reply ``id_`` is over: a stop that comes too late means nothing."""
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

    def _take(self, command: RequestReply | StopReply) -> None:
        with self._lock:
            if isinstance(command, RequestReply):
                self._open.add(command.id)
                self._requests.put(Received(command, time.perf_counter()))
            elif command.id in self._open:
                self._stopped.add(command.id)
                if command.id == self._current:
                    self.stop_requested.set()


def _lines(descriptor: int) -> Iterator[str]:
    # Not sys.stdin: its buffer's lock, held by a waiting thread, makes the interpreter abort at
    # shutdown.
    kept = b""
    while block := os.read(descriptor, READ_BYTES):
        *lines, kept = (kept + block).split(b"\n")
        for line in lines:
            yield line.decode(errors="replace")
