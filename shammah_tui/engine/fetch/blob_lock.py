"""The lock that the Hub's programs hold while they fetch a blob."""

import logging
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from filelock import BaseFileLock, FileLock, Timeout

from shammah_tui.engine.fetch.heartbeat_lock import HeartbeatLock

log = logging.getLogger(__name__)

_MODE = 0o664
"""As huggingface_hub makes it: other members of a shared cache's group may wait for it too."""


class BlobLock:
    """Waits for the lock, holds it, and lets go at the end of the ``with`` block.

    The kernel lets go of it when the process ends in whatever way. Where the kernel has no such
    lock (network file systems without a lock service), or gives it to everybody, a heartbeat
    takes its place; a lock file that another machine left there holds nobody up then.

    Args:
        path: The lock file.
        fallback: Takes its place.
        on_busy: Called each time another program is found to hold it, with the file to look at
            where that is not the kernel's word; returns when to look again.
    """

    def __init__(
        self, path: Path, fallback: HeartbeatLock, on_busy: Callable[[bool], None]
    ) -> None:
        self._lock = kernel_lock(path)
        self._probe = kernel_lock(path)
        self._fallback = fallback
        self._on_busy = on_busy
        self._uses_fallback = False

    def __enter__(self) -> None:
        while not self._kernel_holds():
            if self._uses_fallback:
                while not self._fallback.try_to_hold():
                    self._on_busy(True)
                return
            self._on_busy(False)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._uses_fallback:
            self._fallback.release()
        self._lock.release()

    def _kernel_holds(self) -> bool:
        """Return whether the kernel gave the lock, and to nobody else."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except (OSError, NotImplementedError) as error:
            log.warning("There are no locks to be had: %s; going on with a heartbeat", error)
            self._uses_fallback = True
            return False
        try:
            self._probe.acquire(timeout=0)
        except Timeout:
            return True
        except (OSError, NotImplementedError):
            log.debug("The second lock failed where the first did not")
        else:
            self._probe.release()
        log.warning("Locks are given to everybody here; going on with a heartbeat")
        self._uses_fallback = True
        return False


def kernel_lock(path: Path) -> BaseFileLock:
    """Return the lock that huggingface_hub uses too, which is the kernel's or none."""
    return FileLock(path, mode=_MODE, fallback_to_soft=False)
