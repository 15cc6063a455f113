"""Signs of life: how the app tells a long computation from one that hangs.

While something is computed, they come from between two of its operations, so that they prove
progress. While the weights are loaded, llama.cpp reports once a tensor at best, and not at all
while it makes the context; there the use of processor and disk stands for progress.
"""

import resource
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from shammah_tui.core.engine_messages import Alive
from shammah_tui.engine.llama.outbox import Outbox

INTERVAL_S = 1.0


class Heartbeat:
    """Sends ``Alive`` where nothing else was sent for ``INTERVAL_S``.

    Args:
        outbox: Where to.
    """

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
