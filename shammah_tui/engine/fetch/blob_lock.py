"""The lock that the Hub's programs hold while they fetch a blob."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from filelock import BaseFileLock, FileLock, SoftFileLock, Timeout

_MODE = 0o664
"""As huggingface_hub makes it: other members of a shared cache's group may wait for it too."""


class BlobLock:
    """Waits for the lock, holds it, and lets go at the end of the ``with`` block.

    The kernel lets go of it when the process ends in whatever way.

    Args:
        path: The lock file.
        on_busy: Called each time another program is found to hold it; returns when to look again.
    """

    def __init__(self, path: Path, on_busy: Callable[[], None]) -> None:
        self._path = path
        self._on_busy = on_busy
        self._lock: BaseFileLock = FileLock(path, mode=_MODE)

    def __enter__(self) -> None:
        while True:
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                self._on_busy()
            except NotImplementedError:
                # A file system without flock; the library falls back to the same kind.
                self._lock = SoftFileLock(self._path, mode=_MODE)
            else:
                return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._lock.release()
