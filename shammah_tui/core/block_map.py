"""The record beside a partial file: which of its blocks have arrived, and their checksums.

A file of 4,096 bytes of JSON, padded with spaces, then one CRC-32 a block, little endian; 0 is a
block that is missing. A block counts as kept only when its bytes on disk give the same CRC. So
neither the order in which blocks arrive nor the order in which the two files reach the disk
matters: whatever was lost or damaged, by SIGKILL, a power cut or a bad disk, is fetched again, and
nothing else. CRC-32 costs 0.2 ms/MB where SHA-256 costs 0.5; the SHA-256 of the whole is still
checked at the end.
"""

import json
import zlib
from array import array
from dataclasses import asdict, dataclass

HEADER_BYTES = 4096
ENTRY_BYTES = 4
_FORMAT = 1
_SMALL_FILE_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class BlockMapHeader:
    """What a partial file is a part of.

    Attributes:
        file: Its name in the repository.
        etag: The digest that names its blob.
        size_bytes: Size of the whole file.
        block_bytes: Size of a block; only the last may be shorter.
    """

    file: str
    etag: str
    size_bytes: int
    block_bytes: int

    @property
    def block_count(self) -> int:
        """How many blocks the file has."""
        return -(-self.size_bytes // self.block_bytes)

    def length_of(self, block: int) -> int:
        """Return how many bytes block number ``block`` has."""
        return min(self.block_bytes, self.size_bytes - block * self.block_bytes)


def block_bytes_for(size_bytes: int) -> int:
    """Return the size of a block: 64 KiB, or 256 KiB in a file of more than 256 MiB.

    A stop loses at most one block, which should not show on the bar of a small file, while a
    large one should not spend its time on bookkeeping (about 10 µs a block).
    """
    return 64 * 1024 if size_bytes <= _SMALL_FILE_BYTES else 256 * 1024


def checksum(data: bytes | bytearray | memoryview) -> int:
    """Return the CRC-32 of a block, never 0."""
    return zlib.crc32(data) or 1


def encode_header(header: BlockMapHeader) -> bytes:
    """Return the header as it stands at the beginning of the record."""
    text = json.dumps({"format": _FORMAT, **asdict(header)}).encode()
    assert len(text) < HEADER_BYTES
    return text.ljust(HEADER_BYTES - 1) + b"\n"


def decode_header(content: bytes) -> BlockMapHeader | None:
    """Return the header of a record, or None when there is no sound one."""
    try:
        fields = json.loads(content[:HEADER_BYTES])
        if fields.pop("format") != _FORMAT:
            return None
        header = BlockMapHeader(**fields)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    sizes = (header.size_bytes, header.block_bytes)
    names = (header.file, header.etag)
    sound = all(type(size) is int and size > 0 for size in sizes)
    return header if sound and all(type(name) is str for name in names) else None


def decode_entries(content: bytes, header: BlockMapHeader) -> "array[int]":
    """Return the blocks' checksums; what is cut off counts as missing."""
    entries = array("I")
    assert entries.itemsize == ENTRY_BYTES
    body = content[HEADER_BYTES : HEADER_BYTES + header.block_count * ENTRY_BYTES]
    entries.frombytes(body[: len(body) // ENTRY_BYTES * ENTRY_BYTES])
    entries.extend([0] * (header.block_count - len(entries)))
    return entries


def kept_bytes(content: bytes) -> int:
    """Return how many bytes a record says are there; 0 when it is not sound."""
    header = decode_header(content)
    if header is None:
        return 0
    entries = decode_entries(content, header)
    count = len(entries) - entries.count(0)
    last = header.block_count - 1
    short = header.block_bytes - header.length_of(last) if entries[last] else 0
    return count * header.block_bytes - short
