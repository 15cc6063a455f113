"""The digest of a file on disk, of the kind that its blob in the Hub's cache is named by."""

import hashlib
from collections.abc import Callable
from pathlib import Path

_READ_BYTES = 1 << 20
_SHA256_DIGITS = 64


def digest_of(path: Path, size_bytes: int, like: str, on_read: Callable[[int], None]) -> str:
    """Return a file's digest in hexadecimal.

    Args:
        path: The file.
        size_bytes: Its size.
        like: The digest that is expected: 64 digits are a SHA-256, 40 the SHA-1 that Git gives to
            the small files that the Hub keeps in Git itself.
        on_read: Called with the bytes read so far, every megabyte.

    Raises:
        OSError: The file cannot be read.
    """
    digest = hashlib.sha256()
    if len(like) != _SHA256_DIGITS:
        digest = hashlib.sha1(b"blob %d\0" % size_bytes, usedforsecurity=False)
    buffer = memoryview(bytearray(_READ_BYTES))
    read = 0
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            digest.update(buffer[:count])
            read += count
            on_read(read)
    return digest.hexdigest()
