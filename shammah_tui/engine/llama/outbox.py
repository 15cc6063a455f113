"""The way out: events as JSON lines on the real stdout."""

import os
import threading
import time

from shammah_tui.core.engine_messages import EngineEvent
from shammah_tui.core.wire import encode


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
        """Write one event; ends the process when nobody reads any more."""
        line = memoryview(encode(event).encode() + b"\n")
        self.sent_s = time.perf_counter()
        try:
            with self._lock:
                while line:
                    line = line[os.write(self._descriptor, line) :]
        except BrokenPipeError:
            os._exit(0)
