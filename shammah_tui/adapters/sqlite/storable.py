"""Text as SQLite takes it, and as it comes back from a file that may be damaged."""

from enum import Enum
from typing import TypeVar

_T = TypeVar("_T", bound=Enum)


def storable(text: str) -> str:
    """Return ``text`` with halves of surrogate pairs joined, and lone ones replaced by U+FFFD.

    Python's strings may hold them, UTF-8 may not.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def one_of(kind: type[_T], value: object, otherwise: _T) -> _T:
    """Return the member of an enumeration with this value; ``otherwise`` where there is none."""
    try:
        return kind(value)
    except ValueError:
        return otherwise
