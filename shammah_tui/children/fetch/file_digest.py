"""The digest of a file while it arrives: it follows the contiguous stretch from the beginning."""

import contextlib
import hashlib
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shammah_tui.children.fetch.partial import GROWTH_BLOCKS, Partial

_SPARE_BUFFERS = 8
_SHA256_DIGITS = 64
_CHECKSUMS_BELOW_BYTES_PER_S = 400e6
"""To fetch again what a power cut has spoiled takes seconds on a line that is faster."""


@dataclass(frozen=True, slots=True)
class _Handed:
    """A block in its buffer, and how often everything had been thrown away before it."""

    block: int
    generation: int
    buffer: bytearray


class FileDigest:
    """Hashes a partial file on a thread of its own, and notes the checksums of its blocks.

    On its own thread it costs the connection nothing where there is a second core: SHA-256 makes
    1.9 GB/s where the processor has instructions for it, half of that in older ones. A block that
    arrives next in order is handed over in its buffer; any other is read from the file again,
    which was written a moment ago and comes from memory.

    The checksums come second: they are for the next start, and on a line that is nearly as fast as
    the processor they would slow this one down by a tenth. So one is made when no other blocks
    have come in the time that 400 MB/s would take, and put off until then.

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
        self._window_bytes = (_SPARE_BUFFERS + 1) * block_bytes
        self._buffer = memoryview(bytearray(block_bytes))
        self._pause_s = GROWTH_BLOCKS * block_bytes / _CHECKSUMS_BELOW_BYTES_PER_S
        self._spare = deque(bytearray(block_bytes) for _ in range(_SPARE_BUFFERS))
        self._handed: deque[_Handed] = deque()
        self._owed: deque[tuple[int, int]] = deque()
        self._latest = _Handed(-1, -1, bytearray(block_bytes))
        self._thread = threading.Thread(target=self._run, daemon=True, name="digest")
        self._thread.start()

    def hand_over(self, block: int, buffer: bytearray) -> bytearray:
        """Take over a block that was written, to hash it and to note its checksum.

        Args:
            block: Its number; it must not be counted yet.
            buffer: Its bytes, which the caller must not touch any more.

        Returns:
            The buffer to go on with: another one, or the same where the block is not near the
            present position and will be read from the file.
        """
        generation = self._partial.generation
        start = block * self._partial.header.block_bytes
        if self._partial.prefix_bytes == start:
            self._wait_for_spare(start)
        if 0 <= start - self._position < self._window_bytes:
            with contextlib.suppress(IndexError):
                spare = self._spare.popleft()
                self._handed.append(_Handed(block, generation, buffer))
                return spare
        self._owed.append((block, generation))
        # The stretch from the beginning need not grow by it.
        self._partial.grown.set()
        return buffer

    def matches(self, on_wait: Callable[[int], None], tick_s: float) -> bool:
        """Wait until the whole file is hashed; return whether the digest is the right one.

        ``on_wait`` is given the bytes hashed, every ``tick_s`` seconds.

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
        with self._progress:
            self._stopped = True
            self._progress.notify_all()
        self._partial.grown.set()
        self._thread.join()

    def _wait_for_spare(self, start: int) -> None:
        """Hold the connection back until there is a buffer, where everything before is there.

        Whatever is not handed over has to be read from the file, which takes a quarter longer than
        to hash it alone: once behind, the digest would stay behind, and the file is not here before
        its digest is.
        """
        if self._spare:
            return
        # The blocks before this one may be too few for it to have been told of them.
        self._partial.grown.set()
        with self._progress:
            self._progress.wait_for(
                lambda: (
                    self._spare
                    # It waits for just this block.
                    or self._position >= start
                    or self._stopped
                    or self._error is not None
                )
            )

    def _new_hash(self) -> Any:
        if len(self._etag) == _SHA256_DIGITS:
            return hashlib.sha256()
        # The name Git gives to a file's content: SHA-1 over a header and the bytes. No security
        # hangs on it; such files are the small ones that the Hub keeps in Git itself.
        header = b"blob %d\0" % self._partial.header.size_bytes
        return hashlib.sha1(header, usedforsecurity=False)

    def _run(self) -> None:
        try:
            self._work()
        except OSError as error:
            with self._progress:
                self._error = error
                self._progress.notify_all()

    def _work(self) -> None:
        generation = self._partial.generation
        self._hash = self._new_hash()
        while not self._stopped:
            self._partial.grown.clear()
            if generation != self._partial.generation:
                generation = self._partial.generation
                self._hash = self._new_hash()
                self._position = 0
            if self._position < self._partial.prefix_bytes:
                self._hash_next()
            elif not self._owed:
                self._partial.grown.wait()
            elif not self._partial.grown.wait(self._pause_s):
                self._note_checksum()

    def _hash_next(self) -> None:
        header = self._partial.header
        block = self._position // header.block_bytes
        length = header.length_of(block)
        if not self._hash_handed(block):
            data = self._buffer[:length]
            self._partial.read_into(data, self._position)
            self._hash.update(data)
        with self._progress:
            self._position += length
            self._progress.notify_all()

    def _hash_handed(self, block: int) -> bool:
        """Hash ``block`` if it was handed over; deal with those before it that came too late."""
        while self._handed and self._handed[0].block <= block:
            handed = self._handed.popleft()
            current = handed.generation == self._partial.generation
            if handed.block == block and current:
                length = self._partial.header.length_of(block)
                self._hash.update(memoryview(handed.buffer)[:length])
            self._owed.append((handed.block, handed.generation))
            self._spare.append(self._latest.buffer)
            self._latest = handed
            if handed.block == block and current:
                return True
        return False

    def _note_checksum(self) -> None:
        block, generation = self._owed.pop()
        header = self._partial.header
        length = header.length_of(block)
        if (self._latest.block, self._latest.generation) == (block, generation):
            data = memoryview(self._latest.buffer)[:length]
        else:
            data = self._buffer[:length]
            if self._partial.read_into(data, block * header.block_bytes) != length:
                return
        self._partial.note_checksum(block, data, generation)
