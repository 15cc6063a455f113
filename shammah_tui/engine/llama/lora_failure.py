"""Why an adapter cannot be applied, as one sentence for the screen."""

import re
from pathlib import Path

from shammah_tui.engine.llama.weights_file import MAGIC

_NOT_AN_ADAPTER = re.compile(r"expect general\.type to be|expect adapter\.type to be")
_OTHER_ARCHITECTURE = re.compile(r"arch mismatch")
_OTHER_SHAPE = re.compile(r"does not exist in base model|has incorrect shape")
_OLD_FORMAT = re.compile(r"is not transposed")
_NO_MEMORY = re.compile(r"failed to allocate|out of memory|bad_alloc", re.IGNORECASE)


class AdapterError(Exception):
    """The adapter cannot be applied; ``str(error)`` says why and what to do."""


def check_adapter_file(path: Path) -> None:
    """Look at the first bytes of ``path``.

    Raises:
        AdapterError: It is missing, unreadable or no GGUF file.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(len(MAGIC))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise AdapterError(
            f"The adapter {path.name} is not at {path.parent}:"
            " put it there, or remove it from the list."
        ) from error
    except (OSError, ValueError) as error:
        raise AdapterError(
            f"The adapter {path.name} cannot be read: check the file and its permissions."
        ) from error
    if magic != MAGIC:
        raise AdapterError(
            f"The adapter {path.name} is not a GGUF file: convert it with llama.cpp's"
            " convert_lora_to_gguf.py."
        )


def lora_failure(path: Path, complaints: str) -> AdapterError:
    """Return why llama.cpp did not read the adapter at ``path``, from what it logged."""
    name = f"The adapter {path.name}"
    if _NOT_AN_ADAPTER.search(complaints):
        return AdapterError(f"{name} is not a LoRA adapter: choose another file.")
    if _OTHER_ARCHITECTURE.search(complaints):
        return AdapterError(
            f"{name} was made for a model of another architecture: choose one made for this model."
        )
    if _OTHER_SHAPE.search(complaints):
        return AdapterError(
            f"{name} was made for a model of another size: choose one made for this model."
        )
    if _OLD_FORMAT.search(complaints):
        return AdapterError(f"{name} has an old format: convert it again with llama.cpp.")
    if _NO_MEMORY.search(complaints):
        return AdapterError(f"{name} does not fit into memory: choose a smaller model.")
    return AdapterError(f"{name} is damaged or incomplete: download it again.")
