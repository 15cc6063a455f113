"""Lists every GGUF model in the Hub's cache, whole or in part, whichever program fetched it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shammah_tui.adapters.hub.hub_cache import etag_behind, newest_commits, partials_in
from shammah_tui.core.model.hub_names import (
    DEFAULT_REVISION,
    is_file_name,
    is_repo,
    part_names,
)
from shammah_tui.core.model.quant_choice import is_model_file

_FOLDER_PREFIX = "models--"


@dataclass(frozen=True, slots=True)
class CachedPart:
    """One file of a model, or one part of a split one.

    Attributes:
        name: Its name in the repository; empty for a partial file whose record is lost.
        size_bytes: Its size as the cache tells it; None when nothing of it is here.
        kept_bytes: How much of it is here.
        etag: The digest that names its blob; None where nothing tells.
        path: The file, once it is whole.
    """

    name: str
    size_bytes: int | None = None
    kept_bytes: int = 0
    etag: str | None = None
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class CachedModel:
    """One model as it lies in the cache.

    Attributes:
        repo: ``owner/name``.
        parts: Its files, in order.
        commits: The commits that have just these bytes; none while only partial files are here.
        is_current: Whether it is what the repository's name stands for in this cache: of the
            commit that ``main`` is, or on its way there; else the newest.
    """

    repo: str
    parts: tuple[CachedPart, ...]
    commits: tuple[str, ...]
    is_current: bool

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(part.name for part in self.parts)

    @property
    def kept_bytes(self) -> int:
        return sum(part.kept_bytes for part in self.parts)

    @property
    def is_nameless(self) -> bool:
        return not any(self.names)

    @property
    def is_whole(self) -> bool:
        """Whether no file is missing; the sizes are not compared with anything."""
        return all(part.path is not None for part in self.parts)


def cached_models(cache_dir: Path) -> tuple[CachedModel, ...]:
    """Return the models in the cache, by repository and name, those of ``main`` first.

    Files with names that this program would not use are left out, and so are the companions of a
    model that llama.cpp cannot open as one.
    """
    found: list[CachedModel] = []
    for root in sorted(cache_dir.glob(f"{_FOLDER_PREFIX}*")):
        repo = root.name.removeprefix(_FOLDER_PREFIX).replace("--", "/")
        if is_repo(repo) and root.is_dir():
            models = _RepositoryScan(root, repo).models()
            found += sorted(models, key=lambda model: (model.names, not model.is_current))
    return tuple(found)


class _RepositoryScan:
    """Reads one repository's folder."""

    def __init__(self, root: Path, repo: str) -> None:
        self._root = root
        self._repo = repo
        self._nameless: list[CachedPart] = []
        self._partials = self._read_partials()

    def models(self) -> list[CachedModel]:
        commits = [path.name for path in newest_commits(self._root / "snapshots")]
        main = self._main()
        # Several commits that have the same blobs are the same model, listed once.
        copies: dict[tuple[object, ...], tuple[tuple[CachedPart, ...], list[str]]] = {}
        for commit in sorted(commits, key=lambda each: each != main):
            for parts in self._models_of(commit):
                same = tuple(part.etag or part.path or part.name for part in parts)
                copies.setdefault((parts[0].name, *same), (parts, []))[1].append(commit)
        models = []
        taken: set[tuple[str, ...]] = set()
        for parts, names in copies.values():
            # What the name stands for is main's; where main has none of it or is not known, as in a
            # cache that was filled by commit, the newest.
            lowered = tuple(part.name.lower() for part in parts)
            is_whole = all(part.path is not None for part in parts)
            is_current = lowered not in taken and (is_whole or main is None or main in names)
            if is_current:
                taken.add(lowered)
            filled = self._with_partials(parts)
            models.append(CachedModel(self._repo, filled, tuple(names), is_current))
        nameless = [CachedModel(self._repo, (part,), (), False) for part in self._nameless]
        return [*models, *self._only_partials(), *nameless]

    def _main(self) -> str | None:
        try:
            return (self._root / "refs" / DEFAULT_REVISION).read_text().strip()
        except (OSError, UnicodeDecodeError):
            return None

    def _models_of(self, commit: str) -> Iterator[tuple[CachedPart, ...]]:
        snapshot = self._root / "snapshots" / commit
        here: dict[tuple[str, ...], dict[str, CachedPart]] = defaultdict(dict)
        for path in sorted(snapshot.rglob("*")):
            name = path.relative_to(snapshot).as_posix()
            names = _names_of_model(name)
            if names and path.is_file():
                size = path.stat().st_size
                here[names][name] = CachedPart(name, size, size, etag_behind(path), path)
        for names, found in here.items():
            yield tuple(found.get(name) or CachedPart(name) for name in names)

    def _with_partials(self, parts: tuple[CachedPart, ...]) -> tuple[CachedPart, ...]:
        """Fill the gaps of a split model with what is here of the missing parts."""
        filled = []
        for part in parts:
            kept = self._partials.get(part.name)
            filled.append(kept.pop() if part.path is None and kept else part)
        return tuple(filled)

    def _only_partials(self) -> Iterator[CachedModel]:
        while names := next((_names_of_model(n) for n, left in self._partials.items() if left), ()):
            gaps = tuple(CachedPart(name) for name in names)
            yield CachedModel(self._repo, self._with_partials(gaps), (), is_current=True)

    def _read_partials(self) -> dict[str, list[CachedPart]]:
        found: dict[str, list[CachedPart]] = defaultdict(list)
        for partial in partials_in(self._root / "blobs"):
            if not partial.name and partial.disk_bytes:
                self._nameless.append(CachedPart("", None, partial.disk_bytes, partial.etag))
            elif partial.kept_bytes and _names_of_model(partial.name):
                kept, size = partial.kept_bytes, partial.size_bytes
                found[partial.name].append(CachedPart(partial.name, size, kept, partial.etag))
        return found


def _names_of_model(name: str) -> tuple[str, ...]:
    """Return the names of all parts of the model that a file belongs to; none for another file."""
    return part_names(name) or () if is_file_name(name) and is_model_file(name) else ()
