"""Ids that grow with time, also between programs that write to one file."""

import secrets
import threading
from collections.abc import Callable

RANDOM_BITS = 20


class IdMaker:
    """Makes ids of at most 63 bits.

    43 are milliseconds since 1970, which last until 2248, and 20 are chance, so that two programs
    meet once in a million tries within the same millisecond. Growing with time, they keep a
    conversation's messages together in the file and the newest hits first in the index, without a
    sort. May be called from any thread.

    Args:
        clock: Returns seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0

    def __call__(self) -> int:
        """Return an id greater than all that this object has made."""
        made = (int(self._clock() * 1000) << RANDOM_BITS) | secrets.randbits(RANDOM_BITS)
        with self._lock:
            self._last = max(made, self._last + 1)
            return self._last
