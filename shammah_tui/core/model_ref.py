"""What a user calls a model, turned into a ``ModelSpec``."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from shammah_tui.core.catalogue import CATALOGUE
from shammah_tui.core.errors import InvalidModelError, MissingFileError
from shammah_tui.core.hub_names import is_file_name, is_quant, is_repo, part_names
from shammah_tui.core.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.plain_text import plain
from shammah_tui.core.sampling import family_of
from shammah_tui.core.settings import ModelEntry

DEFAULT_QUANT = "Q4_K_M"
"""What is picked from a repository when nothing is said, as llama.cpp's ``-hf`` does."""

FORMS = "an id such as qwen3.5-4b, owner/repo, owner/repo:QUANT, owner/repo/file.gguf or a path"

_PARAMS = re.compile(r"(?<![\d.])(\d{1,4}(?:\.\d{1,2})?)b(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """What the parser needs to know about the files of this machine.

    Attributes:
        is_file: Whether a path names an existing file.
        absolute: Returns the absolute form of a path, a leading ``~`` replaced.
    """

    is_file: Callable[[str], bool]
    absolute: Callable[[str], str]


def parse_model(what: str, models: Iterable[ModelSpec], local: LocalFiles) -> ModelSpec:
    """Return the model that ``what`` names.

    Tried in this order: the id of one of ``models`` in any letter case; a path to a GGUF file,
    which begins with ``/``, ``.`` or ``~``, or ends in ``.gguf`` and exists or has fewer than two
    slashes; then ``owner/repo``, ``owner/repo:QUANT`` and ``owner/repo/path/file.gguf``. Any part
    of a split model names the whole.

    Raises:
        InvalidModelError: It is none of these.
        MissingFileError: It is a path without a file.
    """
    what = what.strip()
    models = tuple(models)
    for model in models:
        if model.id.lower() == what.lower():
            return model
    if _is_path(what, local):
        return _from_path(what, local)
    repo, colon, quant = what.partition(":")
    if is_repo(repo) and (not colon or is_quant(quant)):
        return _from_repo(repo, quant.upper() or DEFAULT_QUANT)
    match what.split("/", 2):
        case [owner, name, file] if is_repo(f"{owner}/{name}"):
            return from_hub_file(f"{owner}/{name}", file)
    close = get_close_matches(what.lower(), [model.id.lower() for model in models], n=2, cutoff=0.6)
    meant = f"; did you mean {' or '.join(close)}?" if close else f": give {FORMS}"
    raise InvalidModelError(f"“{plain(what)}” is not a model{meant}")


def from_hub_file(repo: str, name: str) -> ModelSpec:
    """Return the model in the file ``name`` of ``repo``, all parts of it.

    Raises:
        InvalidModelError: The names cannot be on the Hub, or are not of a GGUF file.
    """
    if not is_repo(repo):
        raise InvalidModelError(f"“{plain(repo)}” is not a repository: it must be owner/repo")
    names = part_names(name)
    if not is_file_name(name) or not _is_gguf(name) or names is None:
        raise InvalidModelError(f"“{plain(name)}” is not a GGUF file's name in a repository")
    for known in CATALOGUE:
        # The pinned entry: its bytes are known, and what is here already is not fetched twice.
        if known.repo == repo and tuple(file.name for file in known.files) == names:
            return known
    stem = names[0].rpartition("/")[2][: -len(".gguf")]
    files = tuple(WeightsFile(each) for each in names)
    return _described(ModelSpec(f"{repo}/{names[0]}", stem, repo=repo, files=files), stem)


def model_from_entry(entry: ModelEntry, local: LocalFiles) -> ModelSpec:
    """Return the model that an entry of the settings describes, under its id and label.

    Raises:
        InvalidModelError: Its file is not there, or its names cannot be on the Hub.
    """
    if not entry.repo:
        model = _from_path(entry.file, local)
    elif entry.file:
        model = from_hub_file(entry.repo, entry.file)
    else:
        model = parse_model(entry.repo, (), local)
    return replace(model, id=entry.id, label=entry.label or model.label)


def _from_repo(repo: str, quant: str) -> ModelSpec:
    for known in CATALOGUE:
        if known.repo == repo and known.quant == quant:
            return known
    base = re.sub(r"[-_.]gguf$", "", repo.partition("/")[2], flags=re.IGNORECASE)
    label = f"{base} {quant}"
    return _described(ModelSpec(f"{repo}:{quant}", label, repo=repo, quant=quant), base)


def _is_path(what: str, local: LocalFiles) -> bool:
    if what.startswith(("/", ".", "~")):
        return True
    return _is_gguf(what) and (what.count("/") < 2 or local.is_file(what))


def _from_path(what: str, local: LocalFiles) -> ModelSpec:
    path = local.absolute(what)
    parts = part_names(path)
    if parts is None:
        raise InvalidModelError(f"“{plain(what)}” is a part that cannot be: see the numbers in it")
    for part in parts:
        if not local.is_file(part):
            raise MissingFileError(f"There is no file {plain(part)}: check the path")
    stem = re.sub(r"\.gguf$", "", parts[0].rpartition("/")[2], flags=re.IGNORECASE)
    return _described(ModelSpec(path, plain(stem), local_path=parts[0]), stem)


def _described(model: ModelSpec, name: str) -> ModelSpec:
    """Return ``model`` with what the catalogue knows of its repository, or its name tells."""
    for known in CATALOGUE:
        if model.repo is not None and known.repo == model.repo:
            return replace(
                model,
                family=known.family,
                licence=known.licence,
                native_context=known.native_context,
                kv_bytes_per_token=known.kv_bytes_per_token,
                recurrent_state_bytes=known.recurrent_state_bytes,
                n_layer=known.n_layer,
                params_b=known.params_b,
            )
    match = _PARAMS.search(name)
    return replace(model, family=family_of(name), params_b=float(match[1]) if match else 0.0)


def _is_gguf(name: str) -> bool:
    return name.lower().endswith(".gguf")
