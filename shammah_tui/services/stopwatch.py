"""How fast a reply comes, as far as can be seen from here."""

import time
from collections.abc import Callable


class Stopwatch:
    """Takes the time of one reply, for one that is stopped: its side tells the pace at the end.

    Args:
        clock: Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.begin()

    def begin(self) -> None:
        """Somebody is being asked."""
        self._asked_s = self._clock()
        self._first_s: float | None = None
        self._last_s = self._asked_s

    def note(self) -> None:
        """A piece came."""
        self._last_s = self._clock()
        if self._first_s is None:
            self._first_s = self._last_s

    def first_token_s(self) -> float | None:
        """Return the seconds from asking to the first piece; None without one."""
        return None if self._first_s is None else self._first_s - self._asked_s

    def tokens_per_s(self, tokens: int) -> float | None:
        """Return the pace of so many tokens; None with fewer than two, or all at once."""
        spent_s = 0.0 if self._first_s is None else self._last_s - self._first_s
        return (tokens - 1) / spent_s if tokens > 1 and spent_s > 0 else None
