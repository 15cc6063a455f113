"""Finds and deletes models and partial files in the Hub's cache on disk, without its library."""

import logging
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from shammah_tui.core.errors import InUseError, InvalidModelError
from shammah_tui.core.model.hub_names import (
    DEFAULT_REVISION,
    HEARTBEAT_STALE_S,
    HEARTBEAT_SUFFIX,
    LOCKS_FOLDER,
    MAP_SUFFIX,
    PARTIAL_SUFFIX,
    check_path,
    folder_among,
    is_commit,
    is_etag,
    part_names,
    repo_folder,
)
from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.model.quant_choice import pick_files
from shammah_tui.core.protocol.block_map import read_record
from shammah_tui.core.wording import notices

log = logging.getLogger(__name__)


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
    return [_partial(blobs, etag) for etag in sorted(filter(is_etag, etags))]


def drop_partial(blobs: Path, etag: str) -> None:
    """Delete a partial file, then its record, which alone takes next to nothing.

    Raises:
        OSError: The cache cannot be written.
    """
    for suffix in (PARTIAL_SUFFIX, MAP_SUFFIX, HEARTBEAT_SUFFIX):
        (blobs / (etag + suffix)).unlink(missing_ok=True)


def _partial(blobs: Path, etag: str) -> PartialFile:
    data_bytes = disk_bytes = 0
    content = b""
    # Either of the two may be gone.
    with suppress(OSError):
        found = (blobs / (etag + PARTIAL_SUFFIX)).stat()
        data_bytes = found.st_size
        # Where several connections were at work it has holes.
        disk_bytes = min(data_bytes, found.st_blocks * _STAT_BLOCK_BYTES)
    with suppress(OSError):
        content = (blobs / (etag + MAP_SUFFIX)).read_bytes()
    record = read_record(etag, content, data_bytes)
    if record is None:
        return PartialFile(etag, "", None, disk_bytes, disk_bytes)
    header = record.header
    return PartialFile(etag, header.file, header.size_bytes, record.kept_bytes, disk_bytes)


class HubCache:
    """Reads and empties the cache."""

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir

    def find(self, model: ModelSpec) -> tuple[Path, ...] | None:
        """Return the paths of a model's files, in order, when all are here with the right size."""
        found = (self._whole(model, snapshot) for snapshot in self._snapshots(model))
        return next(filter(None, found), None)

    def _whole(self, model: ModelSpec, snapshot: Path) -> tuple[Path, ...] | None:
        try:
            files = self._files(model, snapshot, only_whole=True)
        except InvalidModelError:
            return None
        paths = tuple(_named(snapshot, file.name) for file in files)
        for path, file in zip(paths, files, strict=True):
            size = _size(path)
            if size is None or not _is_of(file, path, size):
                return None
            if file.size_bytes not in (None, size):
                return None
        return paths or None

    def kept_bytes(self, model: ModelSpec) -> int:
        """Return how many bytes of a model are here, of whole files and of partial ones."""
        whole, partials = self._begun(model)
        return sum(whole.values()) + sum(partial.kept_bytes for partial in partials)

    def delete(self, model: ModelSpec) -> int:
        """Delete a model's files and partial files; return the bytes that were freed.

        Links of other commits to the same bytes go with them; other files of the repository stay,
        and so does everything that is not in its folder.

        Raises:
            InUseError: Another program is fetching one of them.
            OSError: The cache cannot be written.
        """
        root = self._root(model)
        if root is None:
            return 0
        whole, partials = self._begun(model)
        names = {partial.etag: partial.name or "It" for partial in partials}
        names |= {etag: path.name for path in whole if (etag := etag_behind(path))}
        freed = 0
        with _locked_blobs(root, names):
            for partial in partials:
                drop_partial(root / "blobs", partial.etag)
                freed += partial.frees_bytes
            for path, size in whole.items():
                freed += self._delete_file(root, path, size)
            self._tidy(root)
        return freed

    def _root(self, model: ModelSpec) -> Path | None:
        """Return the repository's folder; None for a name that leads out of the cache."""
        assert model.repo is not None
        try:
            exact = self._cache_dir / repo_folder(model.repo)
            if exact.is_dir():
                return exact
            return self._cache_dir / folder_among(
                (path.name for path in self._cache_dir.glob("models--*")), model.repo
            )
        except InvalidModelError:
            return None

    def _snapshots(self, model: ModelSpec) -> list[Path]:
        """Return the folders in which the model may be, the likeliest first.

        That is the pinned commit, else what the ref says. Where no revision is named, or the bytes
        are known by their digest, any other commit will do: a cache that was filled by commit has
        no ref, and another program may have moved the ref on to a commit without the model.
        """
        root = self._root(model)
        if root is None:
            return []
        wanted = model.revision or DEFAULT_REVISION
        commit = wanted
        if not is_commit(commit):
            try:
                commit = (root / "refs" / check_path(commit)).read_text().strip()
            except (OSError, UnicodeDecodeError, InvalidModelError):
                commit = ""
        there = newest_commits(root / "snapshots")
        first = [path for path in there if path.name == commit]
        if not first and is_commit_prefix(wanted):
            # As `shammah models` names what no other name leads to.
            first = [path for path in there if path.name.startswith(wanted)]
        is_free = model.revision is None or all(file.sha256 for file in model.files)
        if is_free and (model.revision is None or model.files):
            return first + [path for path in there if path not in first]
        return first

    def _files(
        self,
        model: ModelSpec,
        snapshot: Path | None,
        partials: Sequence[PartialFile] = (),
        *,
        only_whole: bool = False,
    ) -> tuple[WeightsFile, ...]:
        """Return the model's files: those it names, else a choice among what is here.

        Raises:
            InvalidModelError: Nothing here belongs to it, or a name is not safe.
        """
        if model.files:
            for file in model.files:
                check_path(file.name)
            return model.files
        names = {partial.name for partial in partials if partial.name}
        if snapshot is not None:
            names.update(
                path.relative_to(snapshot).as_posix()
                for path in snapshot.rglob("*")
                if not path.is_dir()
            )
        # Of a split model perhaps only some parts are here; it is the same model nevertheless.
        every = names
        if not only_whole:
            every = {part for name in names for part in part_names(name) or ()}
        return tuple(WeightsFile(name) for name in pick_files(every, model.quant))

    def _begun(self, model: ModelSpec) -> tuple[dict[Path, int], list[PartialFile]]:
        """Return what is here of the model: whole files with their sizes, and partial ones."""
        root = self._root(model)
        if root is None:
            return {}, []
        partials = partials_in(root / "blobs")
        snapshots = self._snapshots(model)
        snapshot = next((each for each in snapshots if self._whole(model, each)), None)
        if snapshot is None:
            # The ref comes last: it is missing while parts of a split model are.
            snapshot = next(iter(snapshots), None)
        try:
            files = self._files(model, snapshot, partials)
        except InvalidModelError:
            return {}, []
        whole = {}
        for file in files:
            path = _named(snapshot, file.name) if snapshot is not None else None
            size = _size(path) if path is not None else None
            if path is not None and size is not None and _is_of(file, path, size):
                whole[path] = size
        digests = {file.name.lower(): file.sha256 for file in files}
        mine = [
            each
            for each in partials
            # One without a record is known by its digest.
            if (digests.get(each.name.lower(), "") in (None, each.etag))
            or (not each.name and each.etag in digests.values())
        ]
        return whole, mine

    def _delete_file(self, root: Path, pointer: Path, size: int) -> int:
        blob = _blob_of(pointer)
        if blob is None:
            # A cache without links: the snapshot holds the bytes themselves.
            pointer.unlink()
            return size
        if blob.parent != root / "blobs":
            log.warning("A link in the cache leads out of its folder; only the link is deleted")
            pointer.unlink()
            return 0
        for link in (root / "snapshots").rglob("*"):
            if link.is_symlink() and _blob_of(link) == blob:
                link.unlink()
        shared = blob.is_symlink()
        blob.unlink(missing_ok=True)
        # A blob that is a link itself leads to huggingface_hub's store of blobs that several
        # repositories share; the store clears itself of what is no longer linked to.
        return 0 if shared else size

    def _tidy(self, root: Path) -> None:
        """Remove empty folders and refs to commits that are gone."""
        snapshots = root / "snapshots"
        for folder in sorted(snapshots.rglob("*"), reverse=True):
            if folder.is_dir() and not folder.is_symlink():
                _remove_if_empty(folder)
        for ref in sorted((root / "refs").rglob("*"), reverse=True):
            if ref.is_dir():
                _remove_if_empty(ref)
            elif not (snapshots / ref.read_text()).is_dir():
                ref.unlink()
        if not any(snapshots.glob("*")) and not any((root / "blobs").glob("*")):
            for folder in (root / "refs", root / "blobs", snapshots, root):
                _remove_if_empty(folder)


@contextmanager
def _locked_blobs(root: Path, names: Mapping[str, str]) -> Iterator[None]:
    """Hold the Hub's own locks of some files, so that no program downloads what is deleted here.

    ``names`` has what to call the files in a message, by the digests that name their blobs.

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
            # Without a lock file no program has begun to download it.
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
    return InUseError(notices.downloaded_elsewhere(name))


def is_commit_prefix(text: str) -> bool:
    """Return whether ``text`` can be the beginning of a commit."""
    return re.fullmatch(r"[0-9a-f]{7,39}", text) is not None


def newest_commits(snapshots: Path) -> list[Path]:
    """Return the commits' folders, the newest first."""
    found = [path for path in snapshots.glob("*") if is_commit(path.name)]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def _named(snapshot: Path, name: str) -> Path:
    """Return where a file is in a snapshot, in whatever letter case it was named."""
    path = snapshot / name
    if path.is_symlink() or path.exists():
        return path
    for found in snapshot.rglob("*"):
        if found.relative_to(snapshot).as_posix().lower() == name.lower():
            return found
    return path


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _is_of(file: WeightsFile, path: Path, size: int) -> bool:
    """Return whether a snapshot's file is this one, not another version of the same name."""
    etag = etag_behind(path)
    if file.sha256 is None or etag is not None:
        return file.sha256 in (None, etag)
    return file.size_bytes in (None, size)


def _blob_of(path: Path) -> Path | None:
    """Return what a link points to, by its first step; None when it is no link."""
    if not path.is_symlink():
        return None
    return Path(os.path.normpath(path.parent / path.readlink()))


def etag_behind(path: Path) -> str | None:
    """Return the digest in the name of the blob that a snapshot's file is a link to."""
    blob = _blob_of(path)
    return blob.name if blob is not None and is_etag(blob.name) else None


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        # Not empty, or not there.
        return
