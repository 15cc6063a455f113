"""Files that the user has written out of the chat."""

from pathlib import Path


class SavingError(Exception):
    """A file could not be written; the message is a sentence for the screen."""


def path_of(name: str, default_name: str) -> Path:
    """Return the file that the user means: ``~`` is their home, a folder takes the default name.

    Raises:
        SavingError: There is no such home.
    """
    try:
        path = Path(name).expanduser()
        return path / default_name if path.is_dir() or name.endswith("/") else path
    except (RuntimeError, OSError, ValueError) as error:
        raise SavingError(f"“{name}” is not a place to save in: {error}") from error


def write_text(path: Path, text: str, *, overwrite: bool) -> None:
    """Write a file, in UTF-8 and with the line ends of ``text``.

    Args:
        path: Where to.
        text: What to write.
        overwrite: Whether a file that is there may be lost.

    Raises:
        FileExistsError: It is there, and may not be lost.
        SavingError: It cannot be written.
    """
    try:
        with path.open("w" if overwrite else "x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise
    except FileNotFoundError as error:
        raise SavingError(f"There is no folder {path.parent}: choose another place") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SavingError(f"{path} cannot be written: {reason}") from error
