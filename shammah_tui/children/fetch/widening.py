"""Decides how many connections to use: one, and more while more bring more."""

MOST_CONNECTIONS = 6
_GAIN = 1.15
"""Further connections must raise the rate by this factor to stay."""
_FAST_ENOUGH_BYTES_PER_S = 400e6
"""Above this the processor is the bound, not the connection (one core receives 830 MB/s)."""


class Widening:
    """Decides on the number of connections, from the rate over spans of equal length.

    Args:
        settle_s: Length of a span; half of it passes unmeasured after each change, because a new
            connection begins slowly.
        again_s: After connections that brought nothing, until others are tried.
    """

    def __init__(self, settle_s: float, again_s: float) -> None:
        self._settle_s = settle_s
        self._again_s = again_s
        self._measure_from_s: float | None = None
        self._measure_from_bytes = 0
        self._not_before_s = 0.0
        self._tried = 0
        self._rate = 0.0

    def decide(self, now_s: float, received_bytes: int, left_bytes: int, connections: int) -> int:
        """Return how many connections to add; below 0, how many of the newest to take away.

        They are doubled while that helps: one, two, four, and then as many as are allowed.
        """
        if self._measure_from_s is None:
            self._begin(now_s, received_bytes)
            return 0
        span = now_s - self._measure_from_s
        if span < 0:
            self._measure_from_bytes = received_bytes
            return 0
        if span < self._settle_s:
            return 0
        rate = (received_bytes - self._measure_from_bytes) / span
        tried, self._tried = self._tried, 0
        self._begin(now_s, received_bytes)
        if tried and rate < self._rate * _GAIN:
            self._not_before_s = now_s + self._again_s
            return -min(tried, connections - 1)
        self._rate = rate
        worth_it = left_bytes > rate * self._settle_s * 4 and rate < _FAST_ENOUGH_BYTES_PER_S
        if worth_it and now_s >= self._not_before_s:
            self._tried = min(connections, MOST_CONNECTIONS - connections)
        return self._tried

    def lost_one(self, now_s: float) -> None:
        """Take note that a connection broke while others go on: the server may not like many."""
        self._tried = 0
        self._not_before_s = now_s + self._again_s
        self._measure_from_s = None

    def _begin(self, now_s: float, received_bytes: int) -> None:
        self._measure_from_s = now_s + self._settle_s / 2
        self._measure_from_bytes = received_bytes
