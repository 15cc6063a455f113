"""A lock for file systems whose own cannot be trusted: a file that its holder keeps touching."""

import contextlib
import os
import secrets
import socket
import threading
import time
from pathlib import Path

_SETTLE_S = 0.2
"""After which who took a dead lock over looks whether another did so in the same moment."""


class HeartbeatLock:
    """Made by whoever comes first, and taken over where nobody has touched it for a while.

    Nothing bad happens where two hold it after all (a laptop that slept): both write the same bytes
    to the same places.

    Args:
        path: The lock file.
        beat_s: How often its holder touches it.
        stale_s: Without a touch for so long, its holder is gone. Measured here from look to look,
            for the clocks of two machines may differ.
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
        """Let others hold it."""
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
    """Return whether a lock was made on this machine by a process that is over."""
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
