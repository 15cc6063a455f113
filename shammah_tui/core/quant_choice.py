"""Which files of a repository make up one quantization of its model."""

import re
from collections.abc import Iterable

from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.hub_names import part_names
from shammah_tui.core.hub_paths import check_path
from shammah_tui.core.model_ref import DEFAULT_QUANT

# Companions of a model that llama.cpp cannot open as one: the vision projector and the
# importance matrix that a quantization was made with.
_COMPANION = re.compile(r"mmproj|imatrix", re.IGNORECASE)
# ``UD-`` marks Unsloth's dynamic quantizations, which mix in other types.
_QUANT = re.compile(
    r"(?<![A-Za-z0-9])(?:UD-)?"
    r"(?:I?Q\d(?:_[A-Z0-9]+)*|TQ\d_\d|BF16|F16|F32|MXFP4(?:_MOE)?|NVFP4)(?![A-Za-z0-9_])",
    re.IGNORECASE,
)


def pick_files(names: Iterable[str], quant: str | None) -> tuple[str, ...]:
    """Return the files of one quantization, the parts of a split one in order.

    A plain quantization is preferred over its ``UD-`` variant, a name that says the quantization
    itself over a folder that does, and then the shortest name. Letter case does not matter.

    Args:
        names: Paths of the repository's files.
        quant: The quantization wanted, such as ``UD-Q4_K_XL``; None is ``Q4_K_M``. Where that
            default is wanted and no name tells a quantization, the only model there is will do.

    Raises:
        InvalidModelError: There is none; the message names those that there are. Also when a
            name that would be used is not safe.
    """
    models = _models(names)
    wanted = quant or DEFAULT_QUANT
    token = re.compile(
        rf"(?<![A-Za-z0-9])(?P<dynamic>UD-)?{re.escape(wanted)}(?![A-Za-z0-9_])", re.IGNORECASE
    )
    best: tuple[tuple[bool, bool, int, str], tuple[str, ...]] | None = None
    for parts in models:
        first = parts[0]
        base = first.rpartition("/")[2]
        found = token.search(base) or token.search(first)
        if found is None:
            continue
        in_folder_only = token.search(base) is None
        rank = (found["dynamic"] is not None, in_folder_only, len(first), first)
        if best is None or rank < best[0]:
            best = (rank, parts)
    if best is not None:
        return tuple(check_path(name) for name in best[1])
    offered = quants_of(names)
    if wanted == DEFAULT_QUANT and not offered and len(models) == 1:
        return tuple(check_path(name) for name in models[0])
    if not models:
        raise InvalidModelError("This repository has no GGUF model in it: choose one that has.")
    if not offered:
        files = ", ".join(sorted(parts[0] for parts in models)[:6])
        raise InvalidModelError(f"There is no {wanted} here; name one of its files: {files}.")
    raise InvalidModelError(f"There is no {wanted} here; choose one of {', '.join(offered)}.")


def quants_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return the quantizations that the names of the models tell, in alphabetical order."""
    found = set()
    for parts in _models(names):
        base = parts[0].rpartition("/")[2]
        if match := _QUANT.search(base) or _QUANT.search(parts[0]):
            found.add(match[0].upper())
    return tuple(sorted(found))


def is_model_file(name: str) -> bool:
    """Return whether a file of a repository is a model or a part of one, and no companion of it."""
    base = name.rpartition("/")[2]
    return base.lower().endswith(".gguf") and _COMPANION.search(base) is None


def _models(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the complete models among ``names``, each as its parts in order."""
    here = frozenset(names)
    models = []
    for name in sorted(here):
        if not is_model_file(name):
            continue
        parts = part_names(name)
        if parts is not None and parts[0] == name and here.issuperset(parts):
            models.append(parts)
    return models
