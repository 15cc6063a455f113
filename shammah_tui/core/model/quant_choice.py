"""Which files of a repository make up one quantization of its model."""

import re
from collections.abc import Iterable, Sequence

from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.model.hub_names import check_path, part_names

DEFAULT_QUANT = "Q4_K_M"
"""What is picked from a repository when nothing is said, as llama.cpp's ``-hf`` does."""

# Companions of a model that cannot hold a conversation: the vision projector, the importance matrix
# that a quantization was made with, a smaller model that guesses ahead, an adapter, and so on.
_GLUED_COMPANION = re.compile(r"mmproj|imatrix", re.IGNORECASE)
_COMPANIONS = frozenset(
    {
        *("mmproj", "projector", "imatrix", "vocab", "vocabonly", "tokenizer"),
        *("mtp", "nextn", "draft", "drafts", "drafter", "eagle", "eagle3", "speculator"),
        *("embed", "embedder", "embedding", "embeddings", "reranker"),
        *("lora", "loras", "adapter", "adapters", "cvector"),
        *("clip", "vae", "vocoder", "wavtokenizer", "medusa"),
    }
)
# ``UD-`` marks Unsloth's dynamic quantizations, which mix in other types.
_QUANT = re.compile(
    r"(?<![A-Za-z0-9])(?:UD-)?"
    r"(?:I?Q\d(?:_[A-Z0-9]+)*|TQ\d_\d|BF16|F16|FP16|F32|MXFP4(?:_MOE)?|NVFP4)(?![A-Za-z0-9_])",
    re.IGNORECASE,
)
_SIZE = re.compile(r"(?<![A-Za-z\d.])((?:\d+x)?\d{1,4}(?:\.\d{1,2})?[bm])(?![a-z])", re.IGNORECASE)

Parts = tuple[str, ...]
"""The files of one model, in order."""


class ChoiceNeededError(InvalidModelError):
    """Several models are there, and nothing tells which one is meant: each name, and its files."""

    def __init__(self, sentence: str, choices: Sequence[tuple[str, Parts]]) -> None:
        super().__init__(sentence)
        self.choices = tuple(choices)


def pick_files(
    names: Iterable[str], quant: str | None, repo: str = "", *, asks: bool = False
) -> Parts:
    """Return the files of one quantization, the parts of a split one in order.

    A plain quantization is preferred over its ``UD-`` variant, and a name that says the
    quantization itself over a folder that does. Letter case does not matter.

    Args:
        names: Paths of the repository's files.
        quant: The quantization wanted, such as ``UD-Q4_K_XL``; None is ``Q4_K_M``, else the only
            one that is there.
        repo: ``owner/name``, for names in the error.
        asks: Whether several are a choice where no quantization is wanted.

    Raises:
        ChoiceNeededError: What is wanted is not there and something else is, or it is there in
            several sizes or versions.
        InvalidModelError: There is no model, or a name that would be used is not safe.
    """
    names = frozenset(names)
    models = _models(names)
    if not models:
        raise InvalidModelError(_nothing_in(names))
    wanted = quant or DEFAULT_QUANT
    found = _of_quant(models, wanted)
    if quant is None and len(models) == 1:
        return _checked(models[0])
    if quant is None and _several_sizes(models):
        raise _choice(models, "Models of several sizes are here", repo)
    if quant is None and asks:
        raise _choice(models, "Several quantizations are here", repo)
    if not found:
        offered = [parts for parts in models if quant_of(parts[0])] or models
        raise _choice(offered, f"There is no {wanted} here", repo)
    rank, best = min((rank, parts) for rank, parts in found)
    rivals = [parts for other, parts in found if other[:2] == rank[:2]]
    if _several_sizes([parts for _, parts in found]) or len({*map(_stem, rivals)}) > 1:
        raise _choice([parts for _, parts in found], f"{wanted} is here several times", repo)
    return _checked(best)


def quant_of(name: str) -> str:
    """Return the quantization that a file's name tells, or its folder; empty where none does."""
    match = _QUANT.search(name.rpartition("/")[2]) or _QUANT.search(name)
    return match[0].upper() if match else ""


def is_model_file(name: str) -> bool:
    """Return whether a file of a repository is a model or a part of one, and no companion of it."""
    return _is_gguf(name) and not _is_companion(name)


def _is_gguf(name: str) -> bool:
    return name.lower().endswith(".gguf")


def _is_companion(name: str) -> bool:
    if _GLUED_COMPANION.search(name):
        return True
    # "LoRA" is one word and "DraftModel" are two: both ways of reading count.
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = re.findall(r"[A-Za-z0-9]+", f"{name} {split}")
    return not _COMPANIONS.isdisjoint(word.lower() for word in words)


def _nothing_in(names: Iterable[str]) -> str:
    companions = sorted(name for name in names if _is_gguf(name))
    if not companions:
        return "This repository has no GGUF model in it: choose one that has."
    return (
        f"This repository has no GGUF model in it, only companions of one "
        f"({', '.join(companions[:3])}): choose one that has."
    )


def _models(names: frozenset[str]) -> list[Parts]:
    """Return the complete models among ``names``, each as its parts in order."""
    models = []
    for name in sorted(names):
        if not is_model_file(name):
            continue
        parts = part_names(name)
        if parts is not None and parts[0] == name and names.issuperset(parts):
            models.append(parts)
    return models


def _of_quant(models: Iterable[Parts], wanted: str) -> list[tuple[tuple[bool, bool, int], Parts]]:
    """Return the models of a quantization, each with its rank: the lowest is meant."""
    token = re.compile(
        rf"(?<![A-Za-z0-9])(?P<dynamic>UD-)?{re.escape(wanted)}(?![A-Za-z0-9_])", re.IGNORECASE
    )
    found = []
    for parts in models:
        first = parts[0]
        in_name = token.search(first.rpartition("/")[2])
        match = in_name or token.search(first)
        if match is not None:
            found.append(((match["dynamic"] is not None, in_name is None, len(first)), parts))
    return found


def _several_sizes(models: Sequence[Parts]) -> bool:
    sizes = (
        _SIZE.search(parts[0].rpartition("/")[2]) or _SIZE.search(parts[0]) for parts in models
    )
    return len({size[1].lower() for size in sizes if size is not None}) > 1


def _stem(parts: Parts) -> str:
    """Return a model's own name, without quantization, ending and number of the part."""
    base = re.sub(r"(-\d{5}-of-\d{5})?\.gguf$", "", parts[0].rpartition("/")[2].lower())
    return re.sub(r"[^a-z0-9]+", "-", _QUANT.sub("", base)).strip("-")


def _choice(models: Sequence[Parts], why: str, repo: str) -> ChoiceNeededError:
    quants = [quant_of(parts[0]) for parts in models]
    choices = []
    for parts, quant in zip(models, quants, strict=True):
        if not quant or quants.count(quant) > 1 or _hides_another(quant, models):
            choices.append((f"{repo}/{parts[0]}".lstrip("/"), parts))
        else:
            choices.append((f"{repo}:{quant}".lstrip(":"), parts))
    choices.sort(key=lambda each: each[0])
    named = ", ".join(name for name, _ in choices)
    is_quant = any(name.endswith(quant_of(parts[0]) or "\0") for name, parts in choices)
    verb = "choose one of" if repo or is_quant else "name one of its files:"
    return ChoiceNeededError(f"{why}; {verb} {named}.", choices)


def _hides_another(quant: str, models: Sequence[Parts]) -> bool:
    """Return whether a quantization's name would be taken for more than one of the models."""
    stems = {_stem(parts) for _, parts in _of_quant(models, quant)}
    return len(stems) > 1


def _checked(parts: Parts) -> Parts:
    return tuple(check_path(name) for name in parts)
