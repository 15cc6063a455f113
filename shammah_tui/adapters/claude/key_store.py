"""The key for Claude that was given in the program: in the system's keyring, else in a file."""

import json
import logging
import os
import stat
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from shammah_tui.adapters.claude.claude_key import KEY
from shammah_tui.adapters.files.state_file import APP_NAME, MOST_BYTES, replace_file
from shammah_tui.core.settings.key_places import ForgottenKey, KeptKey, KeyPlace, KeyringTrouble

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

PATIENCE_S = 15.0
"""For one call of the keyring: it may ask for its password in a window of its own."""

log = logging.getLogger(__name__)


def in_thread(call: Callable[[], T]) -> Future[T]:
    """Begin ``call`` on a thread that does not hold up the end of the program."""
    future: Future[T] = Future()

    def run() -> None:
        future.set_running_or_notify_cancel()
        try:
            result = call()
        except BaseException as error:  # noqa: BLE001 - whoever waits for it is told
            future.set_exception(error)
        else:
            future.set_result(result)

    Thread(target=run, name="key", daemon=True).start()
    return future


class KeyringError(Exception):
    """The keyring is of no use.

    Attributes:
        trouble: Why.
    """

    def __init__(self, trouble: KeyringTrouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


class KeyStore:
    """One key, kept between two starts. Every call may take its time; call from a thread.

    The file is there whenever a key is kept: it has the key, or says that the keyring has it. So
    the keyring is only asked, and only imported (0.1 s and more), where it has been given one.

    Args:
        path: The file.
        patience_s: Longest wait for the keyring.
    """

    def __init__(self, path: Path, patience_s: float = PATIENCE_S) -> None:
        self.path = path
        self._patience_s = patience_s

    @property
    def is_used(self) -> bool:
        """Whether a key is kept, as far as the file tells."""
        return self.path.exists()

    def read(self) -> tuple[str, KeyPlace]:
        """Return the key and where it is; an empty one where none is kept.

        Raises:
            KeyringError: It is in the keyring, which does not give it.
        """
        kept = self._read_file()
        if kept.get("place") == KeyPlace.KEYRING.value:
            key = self._ask(lambda keyring: keyring.get_password(APP_NAME, KEY))
            if not key:
                raise KeyringError(KeyringTrouble.LOST)
            return key, KeyPlace.KEYRING
        key = kept.get("key", "")
        return (key if isinstance(key, str) else ""), KeyPlace.FILE

    def keep(self, key: str) -> KeptKey:
        """Keep a key in place of the one before: in the keyring, else in the file."""
        path, trouble = str(self.path), None
        try:
            self._ask(lambda keyring: _put(keyring, key))
        except KeyringError as error:
            trouble = error.trouble
        place = KeyPlace.KEYRING if trouble is None else KeyPlace.FILE
        kept = {"place": place.value} | ({} if trouble is None else {"key": key})
        try:
            replace_file(self.path, json.dumps(kept).encode())
        except OSError as error:
            if trouble is None:
                # Nothing would say that it is there.
                self._delete_from_keyring()
            return KeptKey(KeyPlace.MEMORY, path, trouble, error.strerror or type(error).__name__)
        return KeptKey(place, path, trouble)

    def forget(self) -> ForgottenKey:
        """Delete the key wherever it is kept."""
        places, reason, was_in_keyring = [], "", False
        if self.is_used:
            was_in_keyring = self._read_file().get("place") == KeyPlace.KEYRING.value
            try:
                self.path.unlink()
            except OSError as error:
                reason = error.strerror or type(error).__name__
            else:
                places += [] if was_in_keyring else [KeyPlace.FILE]
        deleted = self._delete_from_keyring()
        if deleted is True:
            places.append(KeyPlace.KEYRING)
        trouble = deleted if isinstance(deleted, KeyringTrouble) else None
        if trouble is KeyringTrouble.NONE and not was_in_keyring:
            # Then it was never in one.
            trouble = None
        return ForgottenKey(tuple(places), trouble, str(self.path), reason)

    def _delete_from_keyring(self) -> bool | KeyringTrouble:
        try:
            return self._ask(_delete)
        except KeyringError as error:
            return error.trouble

    def _ask(self, call: Callable[["KeyringBackend"], T]) -> T:
        """Return what the keyring says to ``call``, within the patience."""
        try:
            return in_thread(lambda: call(_backend())).result(self._patience_s)
        except KeyringError:
            raise
        except TimeoutError:
            raise KeyringError(KeyringTrouble.SILENT) from None
        except Exception as error:  # noqa: BLE001 - told below
            # Whatever it is: backends raise their own, those of D-Bus, OSError.
            kind = type(error).__name__
            # Not its text, which may hold anything.
            log.warning("The keyring failed: %s", kind)
            locked = "locked" in kind.lower()
            trouble = KeyringTrouble.LOCKED if locked else KeyringTrouble.FAILED
            raise KeyringError(trouble) from None

    def _read_file(self) -> dict[str, object]:
        try:
            # No link: nobody else decides what is read as the key.
            descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(descriptor, "rb") as file:
                if stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077:
                    os.fchmod(descriptor, 0o600)
                kept = json.loads(file.read(MOST_BYTES))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            log.warning("%s: %s", self.path.name, type(error).__name__)
            return {}
        return kept if isinstance(kept, dict) else {}


def _backend() -> "KeyringBackend":
    try:
        import keyring
    except ImportError:
        raise KeyringError(KeyringTrouble.NONE) from None
    backend = keyring.get_keyring()
    # keyring's own mark for those to be recommended. Others keep nothing, or keep it in plain text,
    # or ask for a password on the terminal, which is the screen.
    if backend.priority < 1:
        raise KeyringError(KeyringTrouble.NONE)
    return backend


def _put(keyring: "KeyringBackend", key: str) -> None:
    keyring.set_password(APP_NAME, KEY, key)
    if keyring.get_password(APP_NAME, KEY) != key:
        raise KeyringError(KeyringTrouble.LOST)


def _delete(keyring: "KeyringBackend") -> bool:
    """Delete the key; return whether there was one."""
    if keyring.get_password(APP_NAME, KEY) is None:
        return False
    keyring.delete_password(APP_NAME, KEY)
    return True
