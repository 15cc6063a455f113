"""The fetch child with little patience, and with a disk that can be told to fail.

Run as ``python -m tests.children.short_fetch`` in place of the real module: everything is the real
program, only the time spans are shorter, and the system calls named by the variables below fail.
"""

import errno
import fcntl
import os
import shutil
from pathlib import Path
from typing import Any

from shammah_tui.children.fetch.__main__ import main
from shammah_tui.children.fetch.faults import Patience
from shammah_tui.children.fetch.token import find_token

SHORT = Patience(
    first_contact_s=1.5,
    first_waits_s=(0.1, 0.1),
    connect_s=0.5,
    answer_s=0.7,
    silence_s=0.7,
    trickle_s=0.6,
    waits_s=(0.05,),
    longest_retry_after_s=0.4,
    lock_poll_s=0.1,
    beat_s=0.1,
    stale_s=1.0,
    settle_s=0.3,
    widen_again_s=5.0,
)


def break_disk(environment: dict[str, str]) -> None:
    """Let system calls fail as the environment says.

    ``FULL_AFTER`` and ``TOO_LARGE_AFTER`` are bytes that can still be written to blocks, ``FREE``
    is what the disk claims to have free, ``FLOCK`` how locks fail, ``NO_LINKS`` a disk without
    symbolic links, ``USER`` a user id without rights to become.
    """
    for name, number in (("FULL_AFTER", errno.ENOSPC), ("TOO_LARGE_AFTER", errno.EFBIG)):
        if name in environment:
            _limit_writes(int(environment[name]), number)
    if "FREE" in environment:
        free = int(environment["FREE"])
        real = shutil.disk_usage

        def usage(path: Any) -> Any:
            return real(path)._replace(free=free)

        shutil.disk_usage = usage
    if "FLOCK" in environment:
        _break_locks(environment["FLOCK"])
    if "NO_LINKS" in environment:

        def symlink_to(self: Path, target: Any, target_is_directory: bool = False) -> None:
            raise PermissionError(errno.EPERM, "no links here", str(self))

        Path.symlink_to = symlink_to  # type: ignore[method-assign]
    if "USER" in environment:
        # What is imported later may lie where that user may not look.
        find_token()
        "localhost".encode("idna")
        os.setegid(int(environment["USER"]))
        os.seteuid(int(environment["USER"]))


def _break_locks(how: str) -> None:
    """Let the kernel's locks fail with an error of this name, or be given to everybody."""

    def flock(descriptor: int, operation: int) -> None:
        if how != "given to everybody":
            number = getattr(errno, how)
            raise OSError(number, os.strerror(number))

    fcntl.flock = flock  # type: ignore[assignment]


def _limit_writes(left: int, number: int) -> None:
    real = os.pwrite

    def pwrite(descriptor: int, data: Any, offset: int) -> int:
        nonlocal left
        if len(data) >= 4096:
            if left <= 0:
                raise OSError(number, os.strerror(number))
            data = data[:left]
            left -= len(data)
        return real(descriptor, data, offset)

    os.pwrite = pwrite


if __name__ == "__main__":
    # By the second name they come through the app, which lets the Hub's variables pass.
    break_disk({name.removeprefix("HF_TEST_"): value for name, value in os.environ.items()})
    main(SHORT)
