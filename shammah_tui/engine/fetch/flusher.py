"""Brings what was written to the disk while the rest arrives."""

import logging
import threading

from shammah_tui.engine.fetch.partial import Partial

log = logging.getLogger(__name__)

_EVERY_S = 1.0


class Flusher:
    """Flushes a partial file once a second, on a thread of its own.

    A power cut then loses about a second, and the flush at the end, which for 2 GB at once took
    0.9 s on a fast disk, finds little left to do.

    Args:
        partial: The file.
    """

    def __init__(self, partial: Partial) -> None:
        self._partial = partial
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="flush")
        self._thread.start()

    def stop(self) -> None:
        """End the thread and return when it is over."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        flushed_bytes = self._partial.done_bytes
        while not self._over.wait(_EVERY_S):
            done_bytes = self._partial.done_bytes
            if done_bytes == flushed_bytes:
                continue
            try:
                self._partial.sync()
            except OSError as error:
                # The flush at the end meets the same trouble, and tells the user.
                log.warning("The disk does not take what was written: %s", error.strerror)
                return
            flushed_bytes = done_bytes
