"""The Hub's own locks, so that nothing is deleted that a program is fetching now."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from shammah_tui.core.errors import ShammahError
from shammah_tui.core.hub_paths import LOCKS_FOLDER, repo_folder


class InUseError(ShammahError):
    """Another program is fetching the file."""


@contextmanager
def locked_blobs(cache_dir: Path, repo: str, names: Mapping[str, str]) -> Iterator[None]:
    """Keep every other program from fetching some files for the time of the block.

    Args:
        cache_dir: The cache's root.
        repo: ``owner/name``.
        names: What to call the files in a message, by the digests that name their blobs.

    Raises:
        InUseError: One is fetching them now.
    """
    # Deferred: 25 ms, and only needed to delete.
    from filelock import FileLock, Timeout

    folder = cache_dir / LOCKS_FOLDER / repo_folder(repo)
    with ExitStack() as stack:
        for etag, name in names.items():
            # Without a lock file nobody has begun to fetch it.
            if not (path := folder / f"{etag}.lock").exists():
                continue
            try:
                stack.enter_context(FileLock(path, timeout=0, mode=0o664))
            except Timeout as error:
                raise InUseError(
                    f"{name} is being fetched by another program now: stop that first"
                ) from error
            except NotImplementedError:
                # A file system without flock tells nothing about other programs.
                continue
        yield
