"""One object of an exported document, read with its place in mind for the error's sentence."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

from shammah_tui.core.moments import utc_time
from shammah_tui.core.store_error import StoreError

MAX_ID = 2**63 - 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MAX_COUNT = 2**48
"""Sums of a few thousand still fit the database's whole numbers, of 63 bits."""

_R = TypeVar("_R")
_T = TypeVar("_T", bound=Enum)


def hex_of(number: int | None) -> str | None:
    """Return an id as it stands in a document."""
    return None if number is None else f"{number:x}"


def time_of(ms: int) -> str:
    """Return a time as it stands in a document."""
    return utc_time(ms).isoformat(timespec="milliseconds")


def list_in(values: dict[str, object], key: str, where: str) -> list[object]:
    """Return the list that is called so, or raise the ``StoreError`` that it is missing."""
    found = values.get(key)
    if not isinstance(found, list):
        raise StoreError(f"{where} has no list of {key}")
    return found


class Fields:
    """Every method returns one field, or raises a ``StoreError`` that says where it is wrong.

    Args:
        value: What stands where an object should.
        where: The place, for the sentence.
    """

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise StoreError(f"{where} is not an object")
        self.values = value
        self.where = where

    def has(self, key: str) -> bool:
        """Return whether there is such a field; an earlier version may have had none."""
        return key in self.values

    def text(self, key: str) -> str:
        """Text, without halves of surrogate pairs."""
        value: str = self._get(key, str)
        if not value.isascii():
            # JSON can spell half a surrogate pair, which no file and no terminal takes.
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return value

    def flag(self, key: str) -> bool:
        """True or false."""
        return bool(self._get(key, bool))

    def count(self, key: str) -> int | None:
        """A whole number from 0, or None."""
        value: int | None = self._get(key, int, None)
        if value is not None and not 0 <= value <= _MAX_COUNT:
            raise self._wrong(key)
        return value

    def number(self, key: str) -> float | None:
        """A number from 0, or None."""
        value = self._get(key, (int, float), None)
        return None if value is None else self._try(key, _number, value)

    def id(self, key: str) -> int:
        """An id."""
        value = self.optional_id(key)
        if value is None:
            raise self._wrong(key)
        return value

    def optional_id(self, key: str) -> int | None:
        """An id, or None."""
        value: str | None = self._get(key, str, None)
        if value is None:
            return None
        return self._try(key, _id, value)

    def time_ms(self, key: str) -> int:
        """A time, in milliseconds since 1970."""
        return self._try(key, _ms, self._get(key, str))

    def one_of(self, key: str, kind: type[_T]) -> _T:
        """One of an enumeration's values."""
        return self._try(key, kind, self._get(key, str))

    def _try(self, key: str, read: Callable[[Any], _R], value: Any) -> _R:
        try:
            return read(value)
        except (ValueError, OverflowError) as error:
            raise self._wrong(key) from error

    def _get(self, key: str, kind: type | tuple[type, ...], *also: None) -> Any:
        if key not in self.values:
            raise StoreError(f"{self.where} has no {key}")
        value = self.values[key]
        if value is None and also:
            return None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self._wrong(key)
        return value

    def _wrong(self, key: str) -> StoreError:
        return StoreError(f"{self.where} has a {key} that cannot be used")


def _number(value: int | float) -> float:
    number = float(value)
    if not (math.isfinite(number) and number >= 0):
        raise ValueError
    return number


def _id(value: str) -> int:
    number = int(value, 16)
    if not 0 < number <= MAX_ID:
        raise ValueError
    return number


def _ms(value: str) -> int:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return (moment - _EPOCH) // _MILLISECOND
