"""What can be said about a weights file before llama.cpp opens it."""

import struct
from pathlib import Path

from shammah_tui.core.engine_messages import EngineProblem
from shammah_tui.engine.llama.load_error import LoadError

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
            EngineProblem.NO_FILE, f"{path.name} was deleted or moved: download it again."
        ) from error
    except OSError as error:
        raise LoadError(
            EngineProblem.NO_FILE,
            f"{path.name} cannot be read ({error.strerror}): check the file and its permissions.",
        ) from error
    if header[:4] != MAGIC:
        raise LoadError(
            EngineProblem.DAMAGED,
            f"{path.name} is not a GGUF file: choose another file, or delete it and download it "
            "again.",
        )
    if len(header) < _HEADER.size:
        raise damaged(path)
    _, version, tensors, entries = _HEADER.unpack(header)
    if version not in VERSIONS:
        raise LoadError(
            EngineProblem.UNSUPPORTED,
            f"{path.name} is GGUF version {version}, which llama.cpp does not read:"
            " choose another file.",
        )
    if tensors < 0 or entries < 0:
        raise damaged(path)


def damaged(path: Path) -> LoadError:
    """Return the error for a file whose bytes are wrong or missing."""
    return LoadError(
        EngineProblem.DAMAGED,
        f"{path.name} is damaged or incomplete: delete it and download it again.",
    )
