"""The way out: events as JSON lines on the real stdout."""

import os

from shammah_tui.core.engine_messages import EngineEvent
from shammah_tui.core.wire import encode


class Outbox:
    """Writes events to a file descriptor, each at once; used by the main thread only."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def send(self, event: EngineEvent) -> None:
        """Write one event; ends the process when nobody reads any more."""
        line = memoryview(encode(event).encode() + b"\n")
        try:
            while line:
                line = line[os.write(self._descriptor, line) :]
        except BrokenPipeError:
            os._exit(0)
