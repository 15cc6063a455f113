"""One repository's folder in the Hub's cache, the space on its disk, and the disk's errors."""

import contextlib
import errno
import glob
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from shammah_tui.children.fetch.faults import LastingError
from shammah_tui.core.model.hub_names import (
    HEARTBEAT_SUFFIX,
    LOCKS_FOLDER,
    MAP_SUFFIX,
    PARTIAL_SUFFIX,
    check_path,
    folder_among,
    is_commit,
    repo_folder,
)
from shammah_tui.core.protocol.block_map import PartialRecord, read_record
from shammah_tui.core.protocol.fetch_messages import FetchProblem
from shammah_tui.core.text.units import format_size

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
    """Return what an error of the disk means, while ``missing_bytes`` are still to be fetched."""
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


def is_on(environment: Mapping[str, str], *names: str) -> bool:
    """Return whether any of these variables is on, in huggingface_hub's words."""
    return any(environment.get(name, "").upper() in {"1", "ON", "YES", "TRUE"} for name in names)


class CacheFolder:
    """Where the files of one repository go, as huggingface_hub lays them out."""

    def __init__(self, cache_dir: Path, repo: str, environment: Mapping[str, str]) -> None:
        repo_folder(repo)
        name = folder_among((path.name for path in cache_dir.glob("models--*")), repo)
        self.root = cache_dir / name
        self.blobs = self.root / "blobs"
        self._locks = cache_dir / LOCKS_FOLDER / name
        self._no_links = is_on(environment, "HF_HUB_DISABLE_SYMLINKS")

    def prepare(self) -> None:
        """Make the folders.

        Raises:
            OSError: The cache cannot be written.
        """
        self.blobs.mkdir(parents=True, exist_ok=True)
        # Its absence shows itself when the lock is tried, which goes on without.
        with contextlib.suppress(OSError):
            self._locks.mkdir(parents=True, exist_ok=True)
        # Without it the library's scan reports the repository as corrupted while only a partial
        # file is there.
        (self.root / "snapshots").mkdir(exist_ok=True)

    def blob(self, etag: str) -> Path:
        return self.blobs / etag

    def lock(self, etag: str) -> Path:
        return self._locks / f"{etag}.lock"

    def heartbeat(self, etag: str) -> Path:
        """Return the lock file of this program alone, for where the other kind does not work."""
        return self.blobs / (etag + HEARTBEAT_SUFFIX)

    def pointer(self, commit: str, name: str) -> Path:
        """Return where a commit's file is found.

        Raises:
            InvalidModelError: The name would lead out of the snapshot.
        """
        assert is_commit(commit)
        return self.root / "snapshots" / commit / check_path(name)

    def has(self, commit: str, name: str, size_bytes: int | None) -> bool:
        try:
            found = self.pointer(commit, name).stat()
        except OSError:
            return False
        return size_bytes is None or found.st_size == size_bytes

    def elsewhere(self, etag: str, name: str) -> Path | None:
        """Return a file of this name that any commit has with these bytes."""
        for path in sorted((self.root / "snapshots").glob(f"*/{glob.escape(name)}")):
            with contextlib.suppress(OSError):
                if path.readlink().name == etag and path.is_file():
                    return path
        return None

    def link(self, etag: str, commit: str, name: str) -> Path:
        """Let a commit's file point to its blob; move the blob there where links cannot be made.

        Raises:
            OSError: The cache cannot be written.
        """
        pointer, blob = self.pointer(commit, name), self.blob(etag)
        pointer.parent.mkdir(parents=True, exist_ok=True)
        pointer.unlink(missing_ok=True)
        if not self._no_links:
            # Whether links work is found out by trying: it depends on the disk, on Windows also
            # on the user's rights. A full or read-only disk shows itself in the move.
            with contextlib.suppress(OSError, NotImplementedError):
                pointer.symlink_to(os.path.relpath(blob, pointer.parent))
                return pointer
        blob.replace(pointer)
        return pointer

    def write_ref(self, revision: str, commit: str) -> None:
        """Let a branch or tag point to a commit, in one step.

        Raises:
            OSError: The cache cannot be written.
        """
        if is_commit(revision):
            return
        ref = self.root / "refs" / check_path(revision)
        ref.parent.mkdir(parents=True, exist_ok=True)
        beside = ref.with_name(f"{ref.name}.{secrets.token_hex(4)}.tmp")
        beside.write_text(commit)
        beside.replace(ref)

    def partials(self) -> list[PartialRecord]:
        found = []
        for path in self.blobs.glob(f"*{MAP_SUFFIX}"):
            etag = path.name.removesuffix(MAP_SUFFIX)
            try:
                data_bytes = (self.blobs / (etag + PARTIAL_SUFFIX)).stat().st_size
                record = read_record(etag, path.read_bytes(), data_bytes)
            except OSError:
                continue
            if record is not None:
                found.append(record)
        return found

    def drop_partial(self, etag: str) -> None:
        for suffix in (PARTIAL_SUFFIX, MAP_SUFFIX):
            (self.blobs / (etag + suffix)).unlink(missing_ok=True)
