"""The Hub's cache on disk: what is there of a model, and deleting it. No network, no library."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shammah_tui.core.block_map import decode_header, kept_bytes
from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.hub_paths import (
    DEFAULT_REVISION,
    MAP_SUFFIX,
    PARTIAL_SUFFIX,
    check_path,
    is_commit,
    is_etag,
    repo_folder,
)
from shammah_tui.core.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.quant_choice import pick_files

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PartialFile:
    """A partial file of this program: which file of the repository, and how much is there."""

    name: str
    etag: str
    kept_bytes: int


class HubCache:
    """Reads and empties the cache.

    Args:
        cache_dir: Its root.
    """

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir

    def find(self, model: ModelSpec) -> tuple[Path, ...] | None:
        """Return the paths of a model's files, in order, when all are here with the right size."""
        try:
            snapshot = self._snapshot(model)
            if snapshot is None:
                return None
            files = self._files(model, snapshot, ())
            paths = tuple(snapshot / check_path(file.name) for file in files)
        except InvalidModelError:
            return None
        for path, file in zip(paths, files, strict=True):
            size = _size(path)
            if size is None or file.size_bytes not in (None, size):
                return None
        return paths or None

    def kept_bytes(self, model: ModelSpec) -> int:
        """Return how many bytes of a model are here, of whole files and of partial ones."""
        return sum(self._whole(model).values()) + sum(
            partial.kept_bytes for partial in self._partials_of(model)
        )

    def partial_bytes(self, model: ModelSpec) -> int:
        """Return how many bytes of it are in partial files, which a new fetch goes on with."""
        return sum(partial.kept_bytes for partial in self._partials_of(model))

    def delete(self, model: ModelSpec) -> int:
        """Delete a model's files and partial files; return the bytes that were freed.

        Links of other commits to the same bytes go with them; other files of the repository stay,
        and so does everything that is not in its folder.

        Raises:
            OSError: The cache cannot be written.
        """
        assert model.repo is not None
        freed = self.discard(model)
        root = self._root(model.repo)
        for path, size in self._whole(model).items():
            freed += self._delete_file(root, path, size)
        self._tidy(root)
        return freed

    def discard(self, model: ModelSpec) -> int:
        """Delete only a model's partial files; return the bytes that were freed.

        Raises:
            OSError: The cache cannot be written.
        """
        assert model.repo is not None
        root = self._root(model.repo)
        freed = 0
        for partial in self._partials_of(model):
            for suffix in (PARTIAL_SUFFIX, MAP_SUFFIX):
                (root / "blobs" / (partial.etag + suffix)).unlink(missing_ok=True)
            freed += partial.kept_bytes
        self._tidy(root)
        return freed

    def etag_of(self, path: Path) -> str | None:
        """Return the digest that names the blob behind a snapshot's file, or None."""
        target = _blob_of(path)
        return target.name if target is not None and is_etag(target.name) else None

    def _root(self, repo: str) -> Path:
        return self._cache_dir / repo_folder(repo)

    def _snapshot(self, model: ModelSpec) -> Path | None:
        """Return the folder of the model's commit: the pinned one, else what the ref says."""
        assert model.repo is not None
        root = self._root(model.repo)
        revision = model.revision or DEFAULT_REVISION
        commit = revision
        if not is_commit(revision):
            try:
                commit = (root / "refs" / check_path(revision)).read_text()
            except (OSError, UnicodeDecodeError):
                return None
        return root / "snapshots" / commit if is_commit(commit) else None

    def _files(
        self, model: ModelSpec, snapshot: Path | None, others: Sequence[str]
    ) -> tuple[WeightsFile, ...]:
        """Return the model's files: those it names, else a choice among what is here."""
        if model.files:
            return model.files
        names = set(others)
        if snapshot is not None:
            names.update(
                path.relative_to(snapshot).as_posix()
                for path in snapshot.rglob("*")
                if not path.is_dir()
            )
        return tuple(WeightsFile(name) for name in pick_files(names, model.quant))

    def _whole(self, model: ModelSpec) -> dict[Path, int]:
        """Return the model's files that are here and whole, with their sizes."""
        try:
            snapshot = self._snapshot(model)
            files = self._files(model, snapshot, ())
            paths = [snapshot / check_path(file.name) for file in files] if snapshot else []
        except InvalidModelError:
            return {}
        sizes = {path: _size(path) for path in paths}
        return {path: size for path, size in sizes.items() if size is not None}

    def _partials_of(self, model: ModelSpec) -> list[PartialFile]:
        assert model.repo is not None
        try:
            partials = self._partials(self._root(model.repo))
            files = self._files(model, self._snapshot(model), [each.name for each in partials])
        except InvalidModelError:
            return []
        wanted = {file.name: file.sha256 for file in files}
        return [
            partial
            for partial in partials
            if partial.name in wanted and wanted[partial.name] in (None, partial.etag)
        ]

    def _partials(self, root: Path) -> list[PartialFile]:
        found = []
        for path in (root / "blobs").glob(f"*{MAP_SUFFIX}"):
            try:
                content = path.read_bytes()
            except OSError:
                continue
            header = decode_header(content)
            if header is not None and path.name == header.etag + MAP_SUFFIX:
                found.append(PartialFile(header.file, header.etag, kept_bytes(content)))
        return found

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
        # repositories share; the store clears itself of what nobody links to any more.
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


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _blob_of(path: Path) -> Path | None:
    """Return what a link points to, by its first step; None when it is no link."""
    if not path.is_symlink():
        return None
    return Path(os.path.normpath(path.parent / path.readlink()))


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        # Not empty, or not there.
        return
