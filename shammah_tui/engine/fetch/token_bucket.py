"""An upper bound for the rate of all connections together."""

import threading
import time

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
