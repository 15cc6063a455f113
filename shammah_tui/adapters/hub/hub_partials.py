"""The partial files of this program in a repository's folder, sound or not."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from shammah_tui.core.model.hub_names import HEARTBEAT_SUFFIX, MAP_SUFFIX, PARTIAL_SUFFIX, is_etag
from shammah_tui.core.protocol.block_map import read_record

_STAT_BLOCK_BYTES = 512
"""The unit of ``st_blocks``, whatever the file system's own is (POSIX)."""


@dataclass(frozen=True, slots=True)
class PartialFile:
    """A partial file, its record, or what is left of the two.

    Attributes:
        etag: The digest that names both.
        name: The file in the repository that it is a part of; empty where the record, which
            tells it, is lost. Its digest still leads to it.
        size_bytes: Size of the whole file; None where nothing tells.
        kept_bytes: How much of it a fetch goes on with.
        disk_bytes: What it takes on the disk.
    """

    etag: str
    name: str
    size_bytes: int | None
    kept_bytes: int
    disk_bytes: int

    @property
    def frees_bytes(self) -> int:
        """Bytes that deleting it frees: what is kept of a sound one, else all it takes."""
        return self.kept_bytes or self.disk_bytes


def partials_in(blobs: Path) -> list[PartialFile]:
    """Return the partial files in a folder of blobs, by digest."""
    found = (path.name for path in blobs.glob(f"*{PARTIAL_SUFFIX}*"))
    etags = {name.removesuffix(MAP_SUFFIX).removesuffix(PARTIAL_SUFFIX) for name in found}
    return [_read(blobs, etag) for etag in sorted(filter(is_etag, etags))]


def drop_partial(blobs: Path, etag: str) -> None:
    """Delete a partial file, then its record, which alone takes next to nothing.

    Raises:
        OSError: The cache cannot be written.
    """
    for suffix in (PARTIAL_SUFFIX, MAP_SUFFIX, HEARTBEAT_SUFFIX):
        (blobs / (etag + suffix)).unlink(missing_ok=True)


def _read(blobs: Path, etag: str) -> PartialFile:
    data_bytes = disk_bytes = 0
    content = b""
    # Either of the two may be gone.
    with contextlib.suppress(OSError):
        found = (blobs / (etag + PARTIAL_SUFFIX)).stat()
        data_bytes = found.st_size
        # Where several connections were at work it has holes.
        disk_bytes = min(data_bytes, found.st_blocks * _STAT_BLOCK_BYTES)
    with contextlib.suppress(OSError):
        content = (blobs / (etag + MAP_SUFFIX)).read_bytes()
    record = read_record(etag, content, data_bytes)
    if record is None:
        return PartialFile(etag, "", None, disk_bytes, disk_bytes)
    header = record.header
    return PartialFile(etag, header.file, header.size_bytes, record.kept_bytes, disk_bytes)
