"""Backends of ``keyring`` for ``PYTHON_KEYRING_BACKEND``, each with a fault of its own."""

import json
import os
import time
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

FILE_VARIABLE = "KEYRINGS_FILE"
"""Names the file of a ``FileKeyring``."""


def named(kind: type[KeyringBackend]) -> str:
    """Return what the variable is to be."""
    return f"{kind.__module__}.{kind.__qualname__}"


class FileKeyring(KeyringBackend):  # type: ignore[misc] # it is Any to mypy
    """Keeps passwords in a file, as if it were the system's."""

    priority: float = 5

    @property
    def _path(self) -> Path:
        return Path(os.environ[FILE_VARIABLE])

    def _read(self) -> dict[str, str]:
        return dict(json.loads(self._path.read_text())) if self._path.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._path.write_text(json.dumps({**self._read(), f"{service} {username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        kept = self._read()
        if kept.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError("not there")
        self._path.write_text(json.dumps(kept))


class LockedKeyring(FileKeyring):
    """Its user does not type the password."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("dismissed")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("dismissed")


class HangingKeyring(FileKeyring):
    """Nobody answers, as on a broken D-Bus."""

    def get_password(self, service: str, username: str) -> str | None:
        time.sleep(600)
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        time.sleep(600)


class SlowKeyring(FileKeyring):
    """Answers after a while."""

    def get_password(self, service: str, username: str) -> str | None:
        time.sleep(0.6)
        return super().get_password(service, username)


class TornKeyring(FileKeyring):
    """Fails with an error of its own, which holds what it was given."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise ZeroDivisionError(password)


class PlainKeyring(FileKeyring):
    """One that the library does not recommend."""

    priority = 0.5
