"""Finds models in the folder where llama.cpp kept its downloads before it used the Hub's cache."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.model.hub_names import part_names
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.model.quant_choice import is_model_file, pick_files


def llama_cache_dir(environment: Mapping[str, str]) -> Path:
    """Return the folder as llama.cpp finds it; it need not exist."""
    if given := environment.get("LLAMA_CACHE"):
        return Path(given)
    home = Path(environment.get("HOME") or Path.home())
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "llama.cpp"
    return Path(environment.get("XDG_CACHE_HOME") or home / ".cache") / "llama.cpp"


@dataclass(eq=False)
class LlamaCache:
    """Looks files up in that folder; nothing in it is changed."""

    _folder: Path

    def find(self, model: ModelSpec) -> tuple[Path, ...] | None:
        """Return the paths of a model's files, in order, when all are here.

        A file is called ``owner_repo_name.gguf`` there, slashes in its name made underscores.
        """
        if model.repo is None or model.revision is not None:
            return None
        prefix = model.repo.replace("/", "_").lower() + "_"
        there = {
            path.name[len(prefix) :].lower(): path
            for path in self._paths()
            if path.name.lower().startswith(prefix)
        }
        try:
            names = tuple(file.name for file in model.files) or pick_files(there, model.quant)
        except InvalidModelError:
            return None
        found = tuple(there.get(name.replace("/", "_").lower()) for name in names)
        paths = tuple(path for path in found if path is not None)
        if not paths or len(paths) < len(found):
            return None
        sizes = [file.size_bytes for file in model.files] or [None] * len(paths)
        same = (
            size in (None, path.stat().st_size) for size, path in zip(sizes, paths, strict=True)
        )
        return paths if all(same) else None

    def files(self) -> tuple[Path, ...]:
        """Return the first file of every model that is here."""
        names = {path.name for path in self._paths()}
        return tuple(
            path
            for path in self._paths()
            if is_model_file(path.name)
            and (parts := part_names(path.name)) is not None
            and parts[0] == path.name
            and names.issuperset(parts)
        )

    def _paths(self) -> list[Path]:
        try:
            return sorted(path for path in self._folder.glob("*.gguf") if path.is_file())
        except OSError:
            return []
