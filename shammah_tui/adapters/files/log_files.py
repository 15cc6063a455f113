"""The log files: where they are, how they stay small, and what is kept out of them.

Nothing is ever logged to the screen, which belongs to the program. What was asked and replied is
not logged by this program; libraries, which might, are heard from warnings on.
"""

import logging
import os
from collections.abc import Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, Any

from platformdirs import user_log_path

from shammah_tui.core.text.secrets import secrets_of, without_secrets

APP_NAME = "shammah"
FILE_NAME = "shammah.log"
MAX_FILE_BYTES = 1_000_000
OLD_FILES = 2
"""With the present one, three files of a megabyte."""

_CONTROL = {
    code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"
} | {
    # They turn a line round or break it, so that it reads otherwise than it is.
    code: f"\\u{code:04x}"
    for code in (0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
}


def log_folder() -> Path:
    """Return this platform's folder for the program's logs, whether it exists or not."""
    return user_log_path(APP_NAME, appauthor=False)


def start_logging(folder: Path, environment: Mapping[str, str]) -> Path | None:
    """Send all logging of this process to a rotating file in ``folder``, and none anywhere else.

    Call it before libraries that set up logging of their own are imported. Where the file cannot
    be written nothing is logged, and None is returned: a log is no reason not to open.
    """
    path = folder / FILE_NAME
    handler: logging.Handler
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = _PrivateFileHandler(
            path,
            maxBytes=MAX_FILE_BYTES,
            backupCount=OLD_FILES,
            encoding="utf-8",
            errors="backslashreplace",
        )
    except OSError:
        # Without any handler, warnings would go to stderr, which is the screen.
        handler = logging.NullHandler()
    handler.setFormatter(_HidingFormatter(environment))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("shammah_tui").setLevel(logging.INFO)
    logging.captureWarnings(True)
    # A full disk would otherwise print a traceback on the screen for every line.
    logging.raiseExceptions = False
    return path if isinstance(handler, _PrivateFileHandler) else None


def hide_in_log(secret: str) -> None:
    """Keep one more secret out of this process's log: one whose variable's name does not tell."""
    for handler in logging.getLogger().handlers:
        if secret and isinstance(handler.formatter, _HidingFormatter):
            handler.formatter.hide(secret)


def child_log_path(folder: Path, name: str) -> Path:
    """Return where a child's stderr is to be appended; call it before the child is started.

    A file that has grown past ``MAX_FILE_BYTES`` is set aside as ``NAME.log.1`` first. Where
    nothing can be written this is the null device.
    """
    path = folder / f"{name}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists() and path.stat().st_size > MAX_FILE_BYTES:
            path.replace(folder / f"{name}.log.1")
        os.close(_open_private(str(path), os.O_WRONLY | os.O_APPEND | os.O_CREAT))
    except OSError:
        return Path(os.devnull)
    return path


class _PrivateFileHandler(RotatingFileHandler):
    """A rotating file that other users of the machine cannot read."""

    def _open(self) -> IO[Any]:  # type: ignore[override]
        # The handler keeps it open and closes it.
        return open(
            self.baseFilename,
            self.mode,
            encoding=self.encoding,
            errors=self.errors,
            opener=_open_private,
        )


class _HidingFormatter(logging.Formatter):
    """Formats lines without the secrets of an environment, traces and all."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = secrets_of(environment)

    def hide(self, secret: str) -> None:
        self._secrets = sorted({*self._secrets, secret}, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return without_secrets(line, self._secrets).translate(_CONTROL)


def clean_line(line: bytes) -> bytes:
    """Return a line for a log in which nothing steers a terminal, as in our own log."""
    return line.decode(errors="backslashreplace").translate(_CONTROL).encode(errors="replace")


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
