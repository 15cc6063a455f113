"""The digest of a file while it arrives: it follows the contiguous stretch from the beginning."""

import hashlib
import threading
from collections.abc import Callable
from typing import Any

from shammah_tui.engine.fetch.partial import Partial

_READ_BYTES = 1 << 20
_SHA256_DIGITS = 64


class FileDigest:
    """Hashes a partial file on a thread of its own, never ahead of what is there.

    What it reads was written a moment ago and comes from memory, at many times the pace of
    SHA-256 (1.9 GB/s where the processor has instructions for it). On its own thread it costs the
    connection nothing, wherever in the file the blocks arrive.

    Args:
        partial: The file.
        etag: The digest it should have; its length tells which kind it is.
    """

    def __init__(self, partial: Partial, etag: str) -> None:
        self._partial = partial
        self._etag = etag
        self._position = 0
        self._stopped = False
        self._error: OSError | None = None
        self._progress = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True, name="digest")
        self._thread.start()

    @property
    def position(self) -> int:
        """Bytes hashed so far."""
        return self._position

    def matches(self, on_wait: Callable[[int], None], tick_s: float) -> bool:
        """Wait until the whole file is hashed; return whether the digest is the right one.

        Args:
            on_wait: Called with the bytes hashed, every ``tick_s`` seconds of waiting.
            tick_s: See there.

        Raises:
            OSError: The disk cannot be read.
        """
        size = self._partial.header.size_bytes
        while True:
            with self._progress:
                done = self._progress.wait_for(
                    lambda: self._position == size or self._error is not None, tick_s
                )
            if self._error is not None:
                raise self._error
            if done:
                return bool(self._hash.hexdigest() == self._etag)
            on_wait(self._position)

    def stop(self) -> None:
        """End the thread and return when it is over."""
        self._stopped = True
        self._partial.grown.set()
        self._thread.join()

    def _new_hash(self) -> Any:
        if len(self._etag) == _SHA256_DIGITS:
            return hashlib.sha256()
        # The name Git gives to a file's content: SHA-1 over a header and the bytes. No security
        # hangs on it; such files are the small ones that the Hub keeps in Git itself.
        header = b"blob %d\0" % self._partial.header.size_bytes
        return hashlib.sha1(header, usedforsecurity=False)

    def _run(self) -> None:
        buffer = memoryview(bytearray(_READ_BYTES))
        generation = self._partial.generation
        self._hash = self._new_hash()
        while not self._stopped:
            self._partial.grown.clear()
            if generation != self._partial.generation:
                generation = self._partial.generation
                self._hash = self._new_hash()
                self._position = 0
            ahead = self._partial.prefix_bytes - self._position
            if ahead <= 0:
                self._partial.grown.wait()
                continue
            try:
                count = self._partial.read_into(buffer[: min(ahead, _READ_BYTES)], self._position)
            except OSError as error:
                self._error = error
                count = 0
            self._hash.update(buffer[:count])
            with self._progress:
                self._position += count
                self._progress.notify_all()
            if self._error is not None:
                return
