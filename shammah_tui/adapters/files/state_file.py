"""Small JSON files that the program keeps for itself between two starts."""

import logging
import os
import tempfile
from pathlib import Path

from platformdirs import user_state_path

APP_NAME = "shammah"

MOST_BYTES = 1_000_000
"""What is bigger was not written by this program."""

log = logging.getLogger(__name__)


def state_folder() -> Path:
    """Return where they belong on this platform, whether it exists or not."""
    return user_state_path(APP_NAME, appauthor=False)


def read_json(path: Path) -> object:
    """Return what ``path`` holds; None where it holds nothing that can be read."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        # Deferred, here and below: 1 ms before the first frame of a first start.
        import json

        return None if len(data) > MOST_BYTES else json.loads(data)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        log.warning("%s: %s", path.name, type(error).__name__)
        return None


def write_json(path: Path, value: object) -> None:
    """Replace ``path`` as a whole; a disk that refuses is logged and nothing else happens."""
    import json

    write_bytes(path, json.dumps(value, indent=1).encode())


def write_bytes(path: Path, data: bytes) -> None:
    """Replace ``path`` as a whole, readable by its owner only; errors as in ``write_json``."""
    try:
        replace_file(path, data)
    except OSError as error:
        log.warning("%s cannot be written: %s", path.name, error.strerror)


def replace_file(path: Path, data: bytes) -> None:
    """Replace ``path`` as a whole by a file that only its owner can read, from its first byte on.

    Where ``path`` is a symbolic link, the link is replaced and what it leads to is left alone.

    Raises:
        OSError: The disk refuses; ``path`` is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
