"""Explains why a model or a LoRA cannot be used, as one sentence for the screen."""

import re
import struct
from pathlib import Path

import psutil

from shammah_tui.core.protocol.engine_messages import EngineProblem, LoadFailed
from shammah_tui.core.text.units import format_size


class LoadError(Exception):
    """The model cannot be used; the arguments are those of ``LoadFailed``."""

    def __init__(self, problem: EngineProblem, cause: str, advice: str) -> None:
        super().__init__(f"{cause}: {advice}")
        self.failed = LoadFailed(problem, cause, advice)


MAGIC = b"GGUF"
VERSIONS = (2, 3)
"""What llama.cpp reads; version 3 of 2023 is what all write."""

_HEADER = struct.Struct("<4sIqq")
"""Magic, version, number of tensors, number of metadata entries (ggml's gguf.md)."""


def check_weights_file(path: Path) -> None:
    """Look at the first bytes of ``path``.

    Raises:
        LoadError: It is missing, unreadable or no GGUF file.
    """
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER.size)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise LoadError(
            EngineProblem.NO_FILE, f"{path.name} was deleted or moved", "download it again."
        ) from error
    except OSError as error:
        raise LoadError(
            EngineProblem.NO_FILE,
            f"{path.name} cannot be read ({error.strerror})",
            "check the file and its permissions.",
        ) from error
    if header[:4] != MAGIC:
        raise LoadError(
            EngineProblem.DAMAGED,
            f"{path.name} is not a GGUF file",
            "choose another file, or delete it and download it again.",
        )
    if len(header) < _HEADER.size:
        raise damaged(path)
    _, version, tensors, entries = _HEADER.unpack(header)
    if version not in VERSIONS:
        raise LoadError(
            EngineProblem.UNSUPPORTED,
            f"{path.name} is GGUF version {version}, which llama.cpp does not read",
            "choose another file.",
        )
    if tensors < 0 or entries < 0:
        raise damaged(path)


def damaged(path: Path) -> LoadError:
    """Return the error for a file whose bytes are wrong or missing."""
    return LoadError(
        EngineProblem.DAMAGED,
        f"{path.name} is damaged or incomplete",
        "delete it and download it again.",
    )


_LORA_FAILURES = {
    r"expect general\.type to be|expect adapter\.type to be": (
        "is not a LoRA adapter: choose another file."
    ),
    r"arch mismatch": (
        "was made for a model of another architecture: choose one made for this model."
    ),
    r"does not exist in base model|has incorrect shape": (
        "was made for a model of another size: choose one made for this model."
    ),
    r"is not transposed": "has an old format: convert it again with llama.cpp.",
    r"(?i:failed to allocate|out of memory|bad_alloc)": (
        "does not fit into memory: choose a smaller model."
    ),
    r"": "is damaged or incomplete: download it again.",
}
"""What llama.cpp logs of a LoRA, and what that means; the first that is found counts."""


class LoraError(Exception):
    """The LoRA cannot be applied; ``str(error)`` says why and what to do."""


def check_lora_file(path: Path) -> None:
    """Look at the first bytes of ``path``.

    Raises:
        LoraError: It is missing, unreadable or no GGUF file.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(len(MAGIC))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise LoraError(
            f"The LoRA adapter {path.name} is not at {path.parent}:"
            " put it there, or remove it from the list."
        ) from error
    except (OSError, ValueError) as error:
        raise LoraError(
            f"The LoRA adapter {path.name} cannot be read: check the file and its permissions."
        ) from error
    if magic != MAGIC:
        raise LoraError(
            f"The LoRA adapter {path.name} is not a GGUF file: convert it with llama.cpp's"
            " convert_lora_to_gguf.py."
        )


def lora_failure(path: Path, complaints: str) -> LoraError:
    """Return why llama.cpp did not read the LoRA at ``path``, from what it logged."""
    said = next(said for logged, said in _LORA_FAILURES.items() if re.search(logged, complaints))
    return LoraError(f"The LoRA adapter {path.name} {said}")


LONGEST_NAME = 40

_NO_MEMORY = re.compile(
    r"unable to allocate|failed to allocate|out of memory|cudaMalloc failed|bad_alloc"
    r"|not enough memory|Cannot allocate memory",
    re.IGNORECASE,
)
_NO_DEVICE_MEMORY = re.compile(
    r"(?:failed|unable) to allocate (?:CUDA|ROCm|HIP|SYCL|Vulkan|MTL|Metal)\d*[ _](?!Host)\S*"
    r"|cudaMalloc failed|hipMalloc failed|Device memory allocation of size|OutOfDeviceMemory"
)
"""A card's own memory; ``CUDA_Host`` and the like are the machine's, pinned."""
_NO_SUCH_CACHE = re.compile(
    r"quantized V cache (?:was requested, but this )?requires|cache quantization requires"
    r"|cache type \S+ with block size"
)
_REFUSED_BYTES = re.compile(r"failed to allocate \S*\s*buffer of size (\d+)")
_UNKNOWN_ARCHITECTURE = re.compile(r"unknown model architecture: '([^']+)'")
_UNKNOWN_TOKENIZER = re.compile(r"unknown (?:pre-)?tokenizer(?: type)?: '([^']+)'")
_UNKNOWN_TYPE = re.compile(r"has invalid ggml type|unknown type")
_NO_PART = re.compile(r"failed to load GGUF split from|invalid split|missing split")


def load_failure(path: Path, complaints: str) -> LoadError:
    """Return why llama.cpp did not load ``path``, read from what it logged."""
    if found := _UNKNOWN_ARCHITECTURE.search(complaints):
        return _unsupported(path, f"the architecture {_quoted(found[1])}")
    if found := _UNKNOWN_TOKENIZER.search(complaints):
        return _unsupported(path, f"the tokenizer {_quoted(found[1])}")
    if _NO_MEMORY.search(complaints):
        return no_memory(path, complaints)
    if _NO_PART.search(complaints):
        return LoadError(
            EngineProblem.NO_FILE,
            f"A part of {path.name} is missing or damaged",
            "download the model again.",
        )
    if _UNKNOWN_TYPE.search(complaints):
        return LoadError(
            EngineProblem.DAMAGED,
            f"{path.name} is damaged, or newer than this llama.cpp",
            "download it again, or update llama-cpp-python.",
        )
    return damaged(path)


def is_cache_refused(complaints: str) -> bool:
    """Tell whether llama.cpp complains of keys and values that cannot be stored as was asked."""
    return _NO_SUCH_CACHE.search(complaints) is not None


def no_context(path: Path, complaints: str) -> LoadError:
    """Return why llama.cpp made no context for the model at ``path``, from what it logged."""
    if is_cache_refused(complaints):
        return LoadError(
            EngineProblem.UNSUPPORTED,
            f"{path.name} cannot be used with a q8_0 cache here, which wants flash attention and"
            " heads of a multiple of 32",
            'set kv_type = "f16" under [local].',
        )
    return no_memory(path, complaints)


def no_memory(path: Path, complaints: str) -> LoadError:
    """Return the error for weights or a context that do not fit.

    llama.cpp's complaints name the memory and the size that it could not get.
    """
    if _NO_DEVICE_MEMORY.search(complaints):
        return LoadError(
            EngineProblem.NO_DEVICE_MEMORY,
            f"{path.name} does not fit into the graphics card's memory",
            "close other programs that use the card, or choose a smaller model.",
        )
    free = format_size(int(psutil.virtual_memory().available))
    refused = [int(size) for size in _REFUSED_BYTES.findall(complaints)]
    needs = f"needs another {format_size(max(refused))} of memory" if refused else "does not fit"
    return LoadError(
        EngineProblem.NO_MEMORY,
        f"{path.name} {needs}, {free} is free",
        "close other programs, or choose a smaller model or a shorter context.",
    )


def _unsupported(path: Path, what: str) -> LoadError:
    return LoadError(
        EngineProblem.UNSUPPORTED,
        f"{path.name} has {what}, which this llama.cpp does not know",
        "update llama-cpp-python or choose another model.",
    )


def _quoted(name: str) -> str:
    """Return ``name``, which came out of a file, fit for a sentence."""
    printable = "".join(c for c in name if c.isprintable())
    cut = printable if len(printable) <= LONGEST_NAME else printable[:LONGEST_NAME] + "…"
    return f"“{cut}”"
