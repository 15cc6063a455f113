"""Notices that a child which has something to do has fallen silent."""

import threading
import time
from collections.abc import Callable

GRACE_S = 0.5
"""How much longer it listens: where this process itself was stopped for a while, what the child
said meanwhile still waits to be read."""


class Watchdog:
    """Calls ``on_silence`` once, when what is awaited was not heard of for ``silence_s``.

    Its thread sleeps while nothing is awaited; ``on_silence`` is called there, and that ends it.
    """

    def __init__(
        self,
        silence_s: float,
        on_silence: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._silence_s = silence_s
        self._on_silence = on_silence
        self._clock = clock
        self._changed = threading.Condition()
        self._awaited = 0
        self._closed = False
        self._heard_s = clock()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def begin(self) -> None:
        with self._changed:
            self._awaited += 1
            self._heard_s = self._clock()
            self._changed.notify_all()

    def end(self) -> None:
        with self._changed:
            self._awaited -= 1
            self._changed.notify_all()

    def hear(self) -> None:
        """Note a sign of life; cheap."""
        self._heard_s = self._clock()

    def close(self) -> None:
        """Await nothing any more; may be called twice."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _watch(self) -> None:
        with self._changed:
            while not self._closed:
                if not self._awaited:
                    self._changed.wait()
                    continue
                heard_s = self._heard_s
                left_s = heard_s + self._silence_s - self._clock()
                if left_s > 0:
                    self._changed.wait(left_s)
                    continue
                self._changed.wait_for(lambda: self._closed or not self._awaited, GRACE_S)
                if self._heard_s == heard_s and self._awaited:
                    break
        if not self._closed:
            self._on_silence()
