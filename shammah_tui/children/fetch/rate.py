"""The rate of a transfer over its last seconds."""

import threading
import time
from collections import deque


class RateWindow:
    """Rate over a sliding window that begins with the attempt, never before it.

    Args:
        window_s: Length of the window.
    """

    # A rate over less than this is noise: the first bytes come in a burst.
    _SHORTEST_S = 1.0

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._samples: deque[tuple[float, int]] = deque()

    def add(self, now_s: float, received_bytes: int) -> None:
        """Note how many bytes have been received in this attempt until now."""
        self._samples.append((now_s, received_bytes))
        while len(self._samples) > 2 and self._samples[1][0] <= now_s - self._window_s:
            self._samples.popleft()

    def clear(self) -> None:
        """Begin a new attempt."""
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


_BURST_S = 0.1


class TokenBucket:
    """Lets bytes through at a bounded rate, with bursts of a tenth of a second at most.

    Args:
        bytes_per_s: The bound.
    """

    def __init__(self, bytes_per_s: int) -> None:
        self._rate = max(1, bytes_per_s)
        self._free_at = time.monotonic()
        self._lock = threading.Lock()

    @property
    def most_at_once(self) -> int:
        """Bytes to ask for in one go."""
        return max(1, int(self._rate * _BURST_S))

    def take(self, size_bytes: int) -> float:
        """Account for bytes that have arrived; return how long to pause before the next ones."""
        with self._lock:
            now = time.monotonic()
            self._free_at = max(self._free_at, now - _BURST_S) + size_bytes / self._rate
            return max(0.0, self._free_at - now)
