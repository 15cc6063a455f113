"""The lock of one file of the cache: the kernel's, and a heartbeat where that cannot be trusted."""

import contextlib
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from filelock import BaseFileLock, FileLock, Timeout

log = logging.getLogger(__name__)

_SETTLE_S = 0.2
"""After which who took a dead lock over looks whether another did so in the same moment."""


class HeartbeatLock:
    """A lock file that its holder keeps touching; one that went stale is taken over.

    Nothing bad happens where two hold it after all (a laptop that slept): both write the same bytes
    to the same places. ``stale_s`` is measured here from look to look, for the clocks of two
    machines may differ.
    """

    def __init__(self, path: Path, beat_s: float, stale_s: float) -> None:
        self._path = path
        self._beat_s = beat_s
        self._stale_s = stale_s
        self._own = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(8)}"
        self._seen: object = None
        self._seen_at_s = 0.0
        self._released = threading.Event()

    def try_to_hold(self) -> bool:
        """Return whether it is held now.

        Raises:
            OSError: The folder cannot be written.
        """
        try:
            descriptor = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        except FileExistsError:
            if not self._take_over():
                return False
        else:
            with os.fdopen(descriptor, "w") as file:
                file.write(self._own)
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        return True

    def release(self) -> None:
        self._released.set()
        with contextlib.suppress(OSError):
            if self._holder() == self._own:
                self._path.unlink()

    def _take_over(self) -> bool:
        try:
            holder, touched = self._holder(), self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return False
        now = time.monotonic()
        if (holder, touched) != self._seen:
            self._seen, self._seen_at_s = (holder, touched), now
        if now - self._seen_at_s < self._stale_s and not _is_of_dead_process(holder):
            return False
        beside = self._path.with_name(f"{self._path.name}.{secrets.token_hex(4)}")
        beside.write_text(self._own)
        beside.replace(self._path)
        time.sleep(_SETTLE_S)
        return self._holder() == self._own

    def _holder(self) -> str:
        return self._path.read_text(errors="replace")

    def _beat(self) -> None:
        while not self._released.wait(self._beat_s):
            # Deleted by hand, or on a disk that is gone for the moment: the transfer will tell.
            with contextlib.suppress(OSError):
                os.utime(self._path)


def _is_of_dead_process(holder: str) -> bool:
    host, _, rest = holder.partition(" ")
    number = rest.partition(" ")[0]
    if host != socket.gethostname() or not number.isdecimal() or os.name == "nt":
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


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
