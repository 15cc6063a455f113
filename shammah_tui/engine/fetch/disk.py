"""Space on the disk, and what the disk's errors mean for the user."""

import errno
import shutil
from pathlib import Path

from shammah_tui.core.fetch_messages import FetchProblem
from shammah_tui.core.units import format_size
from shammah_tui.engine.fetch.faults import LastingError

MARGIN_BYTES = 64 * 2**20
"""Left free: for the records, the file system's own needs, and everybody else."""

_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def check_space(folder: Path, missing_bytes: int) -> None:
    """Return when ``missing_bytes`` more fit on the disk of ``folder``.

    Raises:
        LastingError: They do not; the sentence says how much is missing.
    """
    free = shutil.disk_usage(folder).free
    if missing_bytes and free < missing_bytes + MARGIN_BYTES:
        raise no_space(folder, missing_bytes + MARGIN_BYTES - free)


def no_space(folder: Path, lacking_bytes: int) -> LastingError:
    """Return the refusal for a disk on which ``lacking_bytes`` are lacking."""
    return LastingError(
        FetchProblem.NO_SPACE,
        f"{format_size(max(1, lacking_bytes))} too little free space in {folder}: make room, then "
        "retry; the partial download is kept.",
        retryable=True,
    )


def refusal_of(error: OSError, folder: Path, missing_bytes: int) -> LastingError:
    """Return what an error of the disk means.

    Args:
        error: The error.
        folder: The cache's root.
        missing_bytes: Bytes still to be fetched.
    """
    if error.errno in _FULL:
        try:
            free = shutil.disk_usage(folder).free
        except OSError:
            free = 0
        return no_space(folder, missing_bytes + MARGIN_BYTES - free)
    if error.errno in _DENIED:
        return LastingError(
            FetchProblem.READ_ONLY,
            f"{folder} cannot be written: allow it, or set HF_HUB_CACHE to a folder of your own.",
        )
    if error.errno == errno.EFBIG:
        return LastingError(
            FetchProblem.NO_SPACE,
            f"The disk of {folder} cannot hold a file this large: set HF_HUB_CACHE to another "
            "disk, or choose a smaller model.",
        )
    return LastingError(
        FetchProblem.INTERNAL,
        f"The disk of {folder} fails ({error.strerror or error}): check it, then try again.",
        retryable=True,
    )
