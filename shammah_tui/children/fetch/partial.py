"""A partial file and the record of its blocks; any of it may be lost at any moment."""

import errno
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

from shammah_tui.core.model.hub_names import MAP_SUFFIX, PARTIAL_SUFFIX
from shammah_tui.core.protocol.block_map import (
    ENTRY_BYTES,
    HEADER_BYTES,
    MISSING,
    WRITTEN,
    BlockMapHeader,
    block_bytes_for,
    checksum,
    decode_entries,
    decode_header,
    encode_header,
    is_sound,
)

log = logging.getLogger(__name__)

# macOS has only the one that also waits for the times of the file.
_sync = getattr(os, "fdatasync", os.fsync)
GROWTH_BLOCKS = 4
"""By how many blocks the contiguous stretch grows until that is told. To wake another thread for
every block takes 3 % of the processor time of a fast transfer."""
_PAGE_BYTES = 4096
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)


class Partial:
    """The blocks of one file that have arrived, on disk.

    Different blocks may be written from several threads at once; everything else is for one
    thread at a time. Whatever reads or writes raises ``OSError`` where the disk is full, or fails.

    Args:
        etag: Its digest, from which the names on disk are made: bytes of another file, or of the
            same name after a change, can never be mixed in.

    Attributes:
        grown: Set when the contiguous stretch from the beginning has become ``GROWTH_BLOCKS``
            longer, when it is whole, and when everything was thrown away.
        generation: Counts how often everything was thrown away.
    """

    def __init__(self, blobs: Path, file: str, etag: str, size_bytes: int) -> None:
        self.data_path = blobs / (etag + PARTIAL_SUFFIX)
        self.map_path = blobs / (etag + MAP_SUFFIX)
        self.header = BlockMapHeader(file, etag, size_bytes, block_bytes_for(size_bytes))
        self.grown = threading.Event()
        self.generation = 0
        self._lock = threading.Lock()
        self._map = os.open(self.map_path, _FLAGS, 0o666)
        try:
            self._data = os.open(self.data_path, _FLAGS, 0o666)
        except OSError:
            os.close(self._map)
            raise
        content = _read_all(self._map)
        kept = decode_header(content)
        if kept is not None and (kept.etag, kept.size_bytes) == (etag, size_bytes):
            # Its own size of a block holds, so that a newer default forgets nothing.
            self.header = BlockMapHeader(file, etag, size_bytes, kept.block_bytes)
            self._entries = decode_entries(content, self.header)
        else:
            self._entries = decode_entries(b"", self.header)
            self._salvage()
        self._count_all()

    @property
    def prefix_bytes(self) -> int:
        """Bytes from the beginning up to the first block that is missing."""
        return min(self._prefix * self.header.block_bytes, self.header.size_bytes)

    @property
    def complete(self) -> bool:
        return self.done_bytes == self.header.size_bytes

    def has(self, block: int) -> bool:
        return self._entries[block] != MISSING

    def check(self, on_progress: Callable[[int, int], None]) -> None:
        """Read again what is kept, and forget the blocks that are damaged.

        ``on_progress`` is given the bytes checked so far and those to check.
        """
        kept = self.done_bytes
        buffer = memoryview(bytearray(self.header.block_bytes))
        checked = 0
        for block, expected in enumerate(self._entries):
            if expected == MISSING:
                continue
            length = self.header.length_of(block)
            data = buffer[:length]
            read = self.read_into(data, block * self.header.block_bytes)
            if read != length or not is_sound(data, expected):
                self._set_entry(block, MISSING)
            elif expected == WRITTEN:
                self._set_entry(block, checksum(data))
            checked += length
            on_progress(checked, kept)
        self._count_all()

    def write(self, block: int, data: memoryview) -> None:
        """Store a block, then note on disk that it is there; its checksum is still to come."""
        assert len(data) == self.header.length_of(block)
        _write_all(self._data, data, block * self.header.block_bytes)
        self._set_entry(block, WRITTEN)

    def note_checksum(self, block: int, data: memoryview, generation: int) -> None:
        """Note the checksum of a block, unless it was thrown away since ``generation``."""
        value = checksum(data)
        with self._lock:
            if generation == self.generation:
                self._set_entry(block, value)

    def count(self, block: int) -> None:
        self.done_bytes += self.header.length_of(block)
        before = self._prefix
        self._advance_prefix()
        if self._prefix // GROWTH_BLOCKS != before // GROWTH_BLOCKS or self.complete:
            self.grown.set()

    def read_into(self, view: memoryview, offset: int) -> int:
        """Read bytes that are there into ``view``; return how many."""
        return os.preadv(self._data, [view], offset)

    def reset(self) -> None:
        """Throw everything away; fails, too, where another program has taken the file away."""
        with self._lock:
            if not os.path.samestat(os.fstat(self._data), self.data_path.stat()):
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            self._write_header()
            self._entries = decode_entries(b"", self.header)
            self.done_bytes = self._prefix = 0
            self.generation += 1
        self.grown.set()

    def sync(self) -> None:
        """Make what was written survive a power cut."""
        _sync(self._data)
        _sync(self._map)

    def close(self) -> None:
        os.close(self._data)
        os.close(self._map)

    def publish(self, blob: Path) -> None:
        """Give the whole, verified file its name, and remove the record."""
        self.sync()
        self.data_path.replace(blob)
        self.map_path.unlink(missing_ok=True)

    def _salvage(self) -> None:
        """Begin a new record, with the blocks that are there where the old one was lost.

        Whether they are sound nothing tells but the digest of the whole. A block that ends in
        nothing but zeros is a gap, or was being written when the program ended.
        """
        there = os.fstat(self._data).st_size
        if not 0 < there <= self.header.size_bytes:
            self._write_header()
            return
        self._write_map()
        buffer = memoryview(bytearray(self.header.block_bytes))
        nothing = bytes(_PAGE_BYTES)
        for block in range(self.header.block_count):
            data = buffer[: self.header.length_of(block)]
            whole = self.read_into(data, block * self.header.block_bytes) == len(data)
            if whole and data[-_PAGE_BYTES:] != nothing[-len(data) :]:
                self._set_entry(block, WRITTEN)

    def _write_header(self) -> None:
        os.ftruncate(self._data, 0)
        self._write_map()

    def _write_map(self) -> None:
        os.ftruncate(self._map, 0)
        _write_all(self._map, memoryview(encode_header(self.header)), 0)

    def _set_entry(self, block: int, value: int) -> None:
        self._entries[block] = value
        entry = memoryview(self._entries)[block : block + 1].cast("B")
        _write_all(self._map, entry, HEADER_BYTES + block * ENTRY_BYTES)

    def _count_all(self) -> None:
        missing = self._entries.count(MISSING)
        last = self.header.block_count - 1
        short = self.header.block_bytes - self.header.length_of(last)
        self.done_bytes = (self.header.block_count - missing) * self.header.block_bytes - (
            short if self._entries[last] else 0
        )
        self._prefix = 0
        self._advance_prefix()

    def _advance_prefix(self) -> None:
        entries, count = self._entries, self.header.block_count
        while self._prefix < count and entries[self._prefix]:
            self._prefix += 1


def _read_all(descriptor: int) -> bytes:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)


def _write_all(descriptor: int, data: memoryview, offset: int) -> None:
    while data:
        written = os.pwrite(descriptor, data, offset)
        data, offset = data[written:], offset + written


_EVERY_S = 1.0


class Flusher:
    """Flushes a partial file once a second, on a thread of its own.

    A power cut then loses about a second, and the flush at the end, which for 2 GB at once took
    0.9 s on a fast disk, finds little left to do.
    """

    def __init__(self, partial: Partial) -> None:
        self._partial = partial
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="flush")
        self._thread.start()

    def stop(self) -> None:
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
