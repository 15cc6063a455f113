"""From llama.cpp's complaints to the reason that a person can act on."""

import re
from pathlib import Path

import psutil

from shammah_tui.core.engine_messages import EngineProblem
from shammah_tui.core.units import format_size
from shammah_tui.engine.llama.load_error import LoadError
from shammah_tui.engine.llama.weights_file import damaged

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
            f"A part of {path.name} is missing or damaged: download the model again.",
        )
    if _UNKNOWN_TYPE.search(complaints):
        return LoadError(
            EngineProblem.DAMAGED,
            f"{path.name} is damaged, or newer than this llama.cpp: download it again, or update"
            " llama-cpp-python.",
        )
    return damaged(path)


def is_cache_refused(complaints: str) -> bool:
    """Tell whether llama.cpp complains of keys and values that cannot be stored as was asked."""
    return _NO_SUCH_CACHE.search(complaints) is not None


def no_context(path: Path, complaints: str) -> LoadError:
    """Return why llama.cpp did not make a context for the model at ``path``.

    Args:
        path: The file that was loaded.
        complaints: What llama.cpp logged.
    """
    if is_cache_refused(complaints):
        return LoadError(
            EngineProblem.UNSUPPORTED,
            f"{path.name} cannot be used with a q8_0 cache here, which wants flash attention and"
            ' heads of a multiple of 32: set kv_type = "f16" under [local].',
        )
    return no_memory(path, complaints)


def no_memory(path: Path, complaints: str) -> LoadError:
    """Return the error for weights or a context that do not fit.

    Args:
        path: The file that was loaded.
        complaints: What llama.cpp logged; it names the memory and the size that it could not get.
    """
    if _NO_DEVICE_MEMORY.search(complaints):
        return LoadError(
            EngineProblem.NO_DEVICE_MEMORY,
            f"{path.name} does not fit into the graphics card's memory: close other programs that"
            " use the card, or choose a smaller model.",
        )
    free = format_size(int(psutil.virtual_memory().available))
    refused = [int(size) for size in _REFUSED_BYTES.findall(complaints)]
    needs = f"needs another {format_size(max(refused))} of memory" if refused else "does not fit"
    return LoadError(
        EngineProblem.NO_MEMORY,
        f"{path.name} {needs}, {free} is free: close other programs, or choose a smaller"
        " model or a shorter context.",
    )


def _unsupported(path: Path, what: str) -> LoadError:
    return LoadError(
        EngineProblem.UNSUPPORTED,
        f"{path.name} has {what}, which this llama.cpp does not know: update llama-cpp-python or"
        " choose another model.",
    )


def _quoted(name: str) -> str:
    """Return ``name``, which came out of a file, fit for a sentence."""
    printable = "".join(c for c in name if c.isprintable())
    cut = printable if len(printable) <= LONGEST_NAME else printable[:LONGEST_NAME] + "…"
    return f"“{cut}”"
