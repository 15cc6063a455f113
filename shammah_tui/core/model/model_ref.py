"""What a user calls a model, turned into a ``ModelSpec``."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from shammah_tui.core.errors import InvalidModelError, MissingFileError
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.hub_address import cleaned, hub_name, local_address
from shammah_tui.core.model.hub_names import is_file_name, is_repo, part_names
from shammah_tui.core.model.model_spec import ModelEntry, ModelSpec, WeightsFile
from shammah_tui.core.model.quant_choice import DEFAULT_QUANT, quant_of
from shammah_tui.core.model.sampling import family_of
from shammah_tui.core.protocol.fetch_messages import Offered
from shammah_tui.core.text.plain_text import plain

FORMS = (
    "an id such as qwen3.5-4b, owner/repo, owner/repo:QUANT, owner/repo/file.gguf, a model's "
    "address or a path"
)

_DIGEST_NAME = re.compile(r"sha256-[0-9a-f]{64}")
_DIGEST_SHOWN = 19
_PARAMS = re.compile(r"(?<![\d.])(\d{1,4}(?:\.\d{1,2})?)b(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """What the parser needs to know about this machine.

    Attributes:
        is_file: Whether a path names an existing file.
        absolute: Returns the absolute form of a path, a leading ``~`` replaced.
        endpoint: The Hub's address as ``HF_ENDPOINT`` names it; empty is the public one.
    """

    is_file: Callable[[str], bool]
    absolute: Callable[[str], str]
    endpoint: str = ""


def parse_model(what: str, models: Iterable[ModelSpec], local: LocalFiles) -> ModelSpec:
    """Return the model that ``what`` names.

    Tried in this order: the id of one of ``models`` in any letter case; a path to a GGUF file,
    which begins with ``/``, ``.`` or ``~``, or ends in ``.gguf`` and exists or has fewer than two
    slashes; then what ``core.hub_address`` understands: ``owner/repo``, ``owner/repo:QUANT``,
    ``owner/repo@revision``, ``owner/repo/path/file.gguf``, and the addresses of these pages. Any
    part of a split model names the whole. Blanks and quotes around it do not count.

    Raises:
        InvalidModelError: It is none of these.
        MissingFileError: It is a path without a file.
    """
    what = cleaned(what)
    models = tuple(models)
    for model in models:
        if model.id.lower() == what.lower():
            return model
    path = local_address(what)
    if path is not None or _is_path(what, local):
        return _from_path(path or what, local)
    named = hub_name(what, local.endpoint)
    if named is not None and named.file:
        return from_hub_file(named.repo, named.file, named.revision)
    if named is not None:
        return _from_repo(named.repo, named.quant.upper() or None, named.revision)
    close = get_close_matches(what.lower(), [model.id.lower() for model in models], n=2, cutoff=0.6)
    meant = f"; did you mean {' or '.join(close)}?" if close else f": give {FORMS}"
    raise InvalidModelError(f"“{plain(what)}” is not a model{meant}")


def from_hub_file(repo: str, name: str, revision: str | None = None) -> ModelSpec:
    """Return the model in the file ``name`` of ``repo``, all parts of it; None follows ``main``.

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
        same = [file.name.lower() for file in known.files] == [each.lower() for each in names]
        if _is_of(known, repo, revision) and same:
            return known
    stem = names[0].rpartition("/")[2][: -len(".gguf")]
    files = tuple(WeightsFile(each) for each in names)
    model_id = f"{repo}/{names[0]}" + (f"@{revision}" if revision else "")
    return _described(ModelSpec(model_id, stem, repo=repo, revision=revision, files=files), stem)


def model_from_entry(entry: ModelEntry, local: LocalFiles) -> ModelSpec:
    """Return the model that an entry of the settings describes, under its id and label.

    Raises:
        InvalidModelError: Its file is not there, or its names cannot be on the Hub.
    """
    if not entry.repo:
        model = _from_path(local_address(entry.file) or entry.file, local)
    else:
        named = hub_name(cleaned(entry.repo), local.endpoint)
        if named is None:
            raise InvalidModelError(f"“{plain(entry.repo)}” is not a repository: give owner/repo")
        if entry.file and (named.quant or named.file):
            raise InvalidModelError("repo already says which file: leave out that or file")
        if entry.file or named.file:
            model = from_hub_file(named.repo, entry.file or named.file, named.revision)
        else:
            model = _from_repo(named.repo, named.quant.upper() or None, named.revision)
    label, size_bytes = entry.label or model.label, entry.size_bytes
    return replace(model, id=entry.id, label=label, expected_bytes=size_bytes)


def offered_choice(model: ModelSpec, offered: Offered) -> ModelSpec:
    """Return one of the models that there are in the repository of ``model``.

    Raises:
        InvalidModelError: Its name is not one that this program will use.
    """
    assert model.repo is not None
    found = from_hub_file(model.repo, offered.files[0].name, model.revision)
    if found in CATALOGUE:
        return found
    return replace(found, id=offered.name, files=offered.files)


def with_found_files(model: ModelSpec, names: Sequence[str]) -> ModelSpec:
    """Return ``model`` with a label that tells the quantization, once its files are known."""
    if model.repo is None or model.quant is not None or model.files or not names:
        return model
    if model.label != _base_of(model.repo) or not (quant := quant_of(names[0])):
        # The user gave it a name of their own.
        return model
    return replace(model, label=f"{model.label} {quant}")


def _base_of(repo: str) -> str:
    return re.sub(r"[-_.]gguf$", "", repo.partition("/")[2], flags=re.IGNORECASE)


def _is_of(known: ModelSpec, repo: str, revision: str | None) -> bool:
    """Return whether the catalogue's model is of this repository at this revision."""
    same = known.repo is not None and known.repo.lower() == repo.lower()
    return same and revision in (None, known.revision)


def _from_repo(repo: str, quant: str | None, revision: str | None) -> ModelSpec:
    for known in CATALOGUE:
        if _is_of(known, repo, revision) and known.quant == (quant or DEFAULT_QUANT):
            return known
    base = _base_of(repo)
    label = base if quant is None else f"{base} {quant}"
    model_id = repo + (f"@{revision}" if revision else "") + (f":{quant}" if quant else "")
    return _described(ModelSpec(model_id, label, repo=repo, revision=revision, quant=quant), base)


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
    if _DIGEST_NAME.fullmatch(stem):
        # Ollama's; its own name for it is not told by the path.
        stem = f"{stem[:_DIGEST_SHOWN]}…"
    return _described(ModelSpec(path, plain(stem), local_path=parts[0]), stem)


def _described(model: ModelSpec, name: str) -> ModelSpec:
    """Return ``model`` with what the catalogue knows of its repository, or its name tells."""
    for known in CATALOGUE:
        if model.repo is not None and _is_of(known, model.repo, None):
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
