"""Where the key for Claude comes from, and what became of one that was given or forgotten."""

from dataclasses import dataclass
from enum import Enum


class KeyPlace(Enum):
    """Where a key is."""

    ENVIRONMENT = "environment"
    KEYRING = "keyring"
    FILE = "file"
    MEMORY = "memory"
    """Kept nowhere: it is used until the program ends."""


class KeyringTrouble(Enum):
    """Why the system's keyring is of no use."""

    NONE = "none"
    """There is none that is safe and asks in a window of its own."""
    SILENT = "silent"
    LOCKED = "locked"
    FAILED = "failed"
    LOST = "lost"
    """It has no key any more, though one was put into it."""


@dataclass(frozen=True, slots=True)
class KeptKey:
    """What became of a key that was given.

    Attributes:
        place: Where it is kept.
        path: The file, where it is in one or should be.
        keyring: Why it is not in the keyring; None where it is.
        reason: Why the file cannot be written, in the system's words; empty where it can.
    """

    place: KeyPlace
    path: str = ""
    keyring: KeyringTrouble | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ForgottenKey:
    """What became of the kept key.

    Attributes:
        places: Where it was and is no more.
        keyring: Why the keyring may still have it; None where it does not.
        path: The file.
        reason: Why the file cannot be deleted, in the system's words; empty where it is gone.
    """

    places: tuple[KeyPlace, ...] = ()
    keyring: KeyringTrouble | None = None
    path: str = ""
    reason: str = ""
