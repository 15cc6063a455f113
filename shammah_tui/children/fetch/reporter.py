"""Reports to the app: the figures over all parts, their rate, and how often they are told."""

import os
import threading
import time
from collections import deque
from collections.abc import Sequence

from shammah_tui.core.protocol.fetch_messages import Checked, FetchEvent, Progressed, Waiting
from shammah_tui.core.protocol.wire import encode


class Outlet:
    """Writes events, one line each, to a descriptor that nothing else writes to."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def emit(self, event: FetchEvent) -> None:
        """Write one event.

        Raises:
            BrokenPipeError: The app is gone.
        """
        line = memoryview(encode(event).encode() + b"\n")
        with self._lock:
            while line:
                line = line[os.write(self._descriptor, line) :]


class RateWindow:
    """Rate over a sliding window of ``window_s`` that begins with the attempt, never before it."""

    # A rate over less than this is noise: the first bytes come in a burst.
    _SHORTEST_S = 1.0

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._samples: deque[tuple[float, int]] = deque()

    def add(self, now_s: float, received_bytes: int) -> None:
        self._samples.append((now_s, received_bytes))
        while len(self._samples) > 2 and self._samples[1][0] <= now_s - self._window_s:
            self._samples.popleft()

    def clear(self) -> None:
        self._samples.clear()

    @property
    def bytes_per_s(self) -> float | None:
        """The rate, or None while it is unknown or nothing has arrived."""
        if not self._samples:
            return None
        (first_s, first), (last_s, last) = self._samples[0], self._samples[-1]
        if last_s - first_s < min(self._SHORTEST_S, self._window_s) or last <= first:
            return None
        return (last - first) / (last_s - first_s)


class Reporter:
    """Keeps the figures over all parts and reports them."""

    def __init__(self, outlet: Outlet, rate_window_s: float, tick_s: float) -> None:
        self._outlet = outlet
        self._rate = RateWindow(rate_window_s)
        self._tick_s = tick_s
        self._done: list[int] = [0]
        self._sizes: list[int] = [0]
        self._part = 0
        self._checked_at_s = 0.0

    @property
    def done_bytes(self) -> int:
        return sum(self._done)

    @property
    def total_bytes(self) -> int:
        """Bytes of all parts; 0 while unknown."""
        return sum(self._sizes)

    def begin(self, done: Sequence[int], sizes: Sequence[int]) -> None:
        """Set what is there of each part, and the parts' sizes (0 for unknown)."""
        self._done, self._sizes, self._part = list(done), list(sizes), 0

    def set_done(self, part: int, done_bytes: int) -> None:
        """Set what is there of one part, counted from 0."""
        self._done[part] = done_bytes

    def begin_attempt(self) -> None:
        self._rate.clear()

    def progressed(self, part: int, done_bytes: int, received_bytes: int) -> None:
        """Report on a part under way, counted from 0."""
        self._done[part] = done_bytes
        self._part = part
        self._rate.add(time.monotonic(), received_bytes)
        self._outlet.emit(self._progress(self._rate.bytes_per_s))

    def checked(self, part: int, checked_bytes: int, kept_bytes: int) -> None:
        """Report on reading a part again, unless the last report is too fresh."""
        now = time.monotonic()
        if now - self._checked_at_s < self._tick_s and checked_bytes < kept_bytes:
            return
        self._checked_at_s = now
        others = self.done_bytes - self._done[part]
        self._outlet.emit(Checked(others + checked_bytes, others + kept_bytes))

    def waiting(self, waits_for: str, retry_in_s: float) -> None:
        self._outlet.emit(Waiting(waits_for, retry_in_s, self._progress()))

    def emit(self, event: FetchEvent) -> None:
        self._outlet.emit(event)

    def _progress(self, rate_bytes_per_s: float | None = None) -> Progressed:
        parts = len(self._sizes)
        return Progressed(
            self.done_bytes, self.total_bytes, rate_bytes_per_s, self._part + 1, parts
        )
