"""The Hub's own locks, so that nothing is deleted that a program is fetching now."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from shammah_tui.core.errors import ShammahError
from shammah_tui.core.model.hub_names import HEARTBEAT_STALE_S, HEARTBEAT_SUFFIX, LOCKS_FOLDER


class InUseError(ShammahError):
    """Another program is fetching the file."""


@contextmanager
def locked_blobs(root: Path, names: Mapping[str, str]) -> Iterator[None]:
    """Keep every other program from fetching some files for the time of the block.

    Args:
        root: The repository's folder in the cache.
        names: What to call the files in a message, by the digests that name their blobs.

    Raises:
        InUseError: One is fetching them now.
    """
    # Deferred: 25 ms, and only needed to delete.
    from filelock import FileLock, Timeout

    folder = root.parent / LOCKS_FOLDER / root.name
    with ExitStack() as stack:
        for etag, name in names.items():
            if _beats(root / "blobs" / (etag + HEARTBEAT_SUFFIX)):
                raise _in_use(name)
            # Without a lock file nobody has begun to fetch it.
            if not (path := folder / f"{etag}.lock").exists():
                continue
            try:
                lock = FileLock(path, timeout=0, mode=0o664, fallback_to_soft=False)
                stack.enter_context(lock)
            except Timeout as error:
                raise _in_use(name) from error
            except (NotImplementedError, OSError):
                # A file system without flock tells nothing about other programs.
                continue
        yield


def _beats(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime < HEARTBEAT_STALE_S
    except OSError:
        return False


def _in_use(name: str) -> InUseError:
    return InUseError(f"Another program is downloading {name}: stop that first")
