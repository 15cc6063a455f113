"""The key that Claude is asked with now: the environment's, else the one that was given here."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass

from shammah_tui.adapters.claude.claude_key import KEPT_FILE, KEY, TOKEN, claude_key
from shammah_tui.adapters.claude.key_store import KeyringError, KeyStore, in_thread
from shammah_tui.adapters.files.log_files import hide_in_log
from shammah_tui.adapters.files.state_file import state_folder
from shammah_tui.core.errors import BackendError
from shammah_tui.core.settings.key_places import ForgottenKey, KeptKey, KeyPlace, KeyringTrouble
from shammah_tui.core.text.secrets import tidied
from shammah_tui.core.wording import claude as words

START_PATIENCE_S = 5.0
"""Longest that a question waits at the start for the keyring; what comes later counts, too."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request is sent with; at most one of the two, for the SDK takes the key first.

    Attributes:
        api_key: A key; empty is none.
        auth_token: A token; empty is none.
        place: Where it comes from.
    """

    api_key: str = ""
    auth_token: str = ""
    place: KeyPlace = KeyPlace.ENVIRONMENT

    @property
    def secret(self) -> str:
        """The one that is there; empty where none is."""
        return self.api_key or self.auth_token

    @property
    def variable(self) -> str:
        """The variable that it stands in; empty where it was given in the program."""
        if self.place is not KeyPlace.ENVIRONMENT or not self.secret:
            return ""
        return KEY if self.api_key else TOKEN

    def __repr__(self) -> str:
        return f"Credential({self.place})"


class KeyHolder:
    """Has the key; what is given or forgotten counts from the next request on.

    Args:
        environment: Where ``ANTHROPIC_API_KEY`` or ``ANTHROPIC_AUTH_TOKEN`` may stand: first.
        store: Where a given key is kept; None keeps none.

    Attributes:
        trouble: Why the keyring did not give the key that it has; None where it did.
    """

    def __init__(self, environment: Mapping[str, str], store: KeyStore | None = None) -> None:
        key, token = claude_key(environment)
        self._set = Credential(key, "" if key else token)
        self._store = store
        self._given = Credential()
        self._reading: Future[None] | None = None
        self._changes = 0
        self._tell: Callable[[], object] = lambda: None
        self.trouble: KeyringTrouble | None = None

    @classmethod
    def of_user(cls, environment: Mapping[str, str]) -> "KeyHolder":
        """Return one that keeps a given key where this user's is kept."""
        return cls(environment, KeyStore(state_folder() / KEPT_FILE))

    @property
    def credential(self) -> Credential:
        """What the next request is sent with."""
        return self._set if self._set.secret else self._given

    @property
    def path(self) -> str:
        """The file that has the key where no keyring has it."""
        return "" if self._store is None else str(self._store.path)

    @property
    def has_key(self) -> bool:
        return bool(self.credential.secret) or self._reading is not None

    @property
    def variable(self) -> str:
        return self._set.variable

    def follow(self, tell: Callable[[], object]) -> None:
        self._tell = tell

    def begin_reading(self) -> None:
        """Begin to read the kept key, if there is one and the environment has none."""
        store, change = self._store, self._changes
        if store is not None and not self._set.secret and store.is_used:
            self._reading = in_thread(lambda: self._read(store, change))

    def wait(self) -> None:
        """Wait until the kept key is read, or for as long as a question may wait for it."""
        reading = self._reading
        if reading is not None:
            with suppress(TimeoutError):
                reading.result(START_PATIENCE_S)
            self._stop_waiting(reading)

    async def settled(self) -> None:
        """Wait as ``wait`` does, on the loop."""
        reading = self._reading
        if reading is not None:
            await asyncio.wait([asyncio.wrap_future(reading)], timeout=START_PATIENCE_S)
            self._stop_waiting(reading)

    def missing(self) -> BackendError:
        """Return why Claude cannot be asked where there is no key."""
        return words.no_key(self.trouble)

    async def keep(self, key: str) -> KeptKey:
        self._change(Credential(key, place=KeyPlace.MEMORY))
        if (store := self._store) is None:
            return KeptKey(KeyPlace.MEMORY)
        kept = await asyncio.wrap_future(in_thread(lambda: store.keep(key)))
        if self._given.api_key == key:
            self._given = Credential(key, place=kept.place)
        return kept

    async def forget(self) -> ForgottenKey:
        self._change(Credential())
        if self._store is None:
            return ForgottenKey()
        return await asyncio.wrap_future(in_thread(self._store.forget))

    def _change(self, given: Credential) -> None:
        self._changes += 1
        self._reading = self.trouble = None
        self._given = given
        hide_in_log(given.secret)
        self._tell()

    def _read(self, store: KeyStore, change: int) -> None:
        """Read the kept key, on a thread; one that was given or forgotten meanwhile counts."""
        key, place, trouble = "", KeyPlace.FILE, None
        try:
            key, place = store.read()
        except KeyringError as error:
            trouble = error.trouble
        hide_in_log(key)
        if self._changes == change:
            self._given, self.trouble = Credential(tidied(key), place=place), trouble
            self._reading = None
            self._tell()

    def _stop_waiting(self, reading: Future[None]) -> None:
        """Hold no other question up for the keyring; what it says later still counts."""
        if self._reading is reading and not reading.done():
            self._reading, self.trouble = None, KeyringTrouble.SILENT
            self._tell()
