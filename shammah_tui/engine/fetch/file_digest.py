"""The digest of a file while it arrives: it follows the contiguous stretch from the beginning."""

import hashlib
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shammah_tui.engine.fetch.partial import Partial

_SPARE_BUFFERS = 8
_SHA256_DIGITS = 64


@dataclass(frozen=True, slots=True)
class _Handed:
    """A block in its buffer, and how often everything had been thrown away before it."""

    block: int
    generation: int
    buffer: bytearray


class FileDigest:
    """Hashes a partial file on a thread of its own, never ahead of what is there.

    On its own thread it costs the connection nothing where there is a second core: SHA-256 makes
    1.9 GB/s where the processor has instructions for it, half of that in older ones. A block that
    arrives next in order is handed over in its buffer; any other is read from the file again,
    which was written a moment ago and comes from memory.

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
        block_bytes = partial.header.block_bytes
        self._window_bytes = _SPARE_BUFFERS * block_bytes
        self._spare = deque(bytearray(block_bytes) for _ in range(_SPARE_BUFFERS))
        self._handed: deque[_Handed] = deque()
        self._thread = threading.Thread(target=self._run, daemon=True, name="digest")
        self._thread.start()

    def hand_over(self, block: int, buffer: bytearray) -> bytearray | None:
        """Take over a block that was written, to hash it and to note its checksum.

        Args:
            block: Its number; it must not be counted yet.
            buffer: Its bytes, which the caller must not touch any more.

        Returns:
            The buffer to go on with, or None where the block is not near the present position:
            then the caller keeps its buffer, and has to note the checksum.
        """
        ahead = block * self._partial.header.block_bytes - self._position
        if not 0 <= ahead < self._window_bytes:
            return None
        try:
            spare = self._spare.popleft()
        except IndexError:
            return None
        self._handed.append(_Handed(block, self._partial.generation, buffer))
        return spare

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
        header = self._partial.header
        buffer = memoryview(bytearray(header.block_bytes))
        generation = self._partial.generation
        self._hash = self._new_hash()
        while not self._stopped:
            self._partial.grown.clear()
            if generation != self._partial.generation:
                generation = self._partial.generation
                self._hash = self._new_hash()
                self._position = 0
            if self._partial.prefix_bytes <= self._position:
                self._partial.grown.wait()
                continue
            block = self._position // header.block_bytes
            data = buffer[: header.length_of(block)]
            try:
                if not self._hash_handed(block):
                    self._partial.read_into(data, self._position)
                    self._hash.update(data)
            except OSError as error:
                self._error = error
            with self._progress:
                self._position += len(data)
                self._progress.notify_all()
            if self._error is not None:
                return

    def _hash_handed(self, block: int) -> bool:
        """Hash ``block`` if it was handed over; deal with those before it that came too late."""
        while self._handed and self._handed[0].block <= block:
            handed = self._handed[0]
            data = memoryview(handed.buffer)[: self._partial.header.length_of(handed.block)]
            current = handed.generation == self._partial.generation
            if handed.block == block and current:
                self._hash.update(data)
            self._partial.note_checksum(handed.block, data, handed.generation)
            self._handed.popleft()
            self._spare.append(handed.buffer)
            if handed.block == block and current:
                return True
        return False
