"""Makes frozen dataclasses of what a JSON or TOML parser returned, as the types of fields say.

A field is text, a number, true or false, a member of an enumeration (by its value), a dataclass,
``X | None`` or ``tuple[X, ...]``. ``Annotated[X, read]`` is read by ``read``, which takes what was
parsed and returns the value, or raises ``DecodeError``.
"""

import math
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from enum import Enum, auto
from functools import cache, partial
from typing import Annotated, Any, TypeVar

from shammah_tui.core.errors import ShammahError

Reader = Callable[[Any], Any]

_MUST = {
    str: "must be text in quotes",
    bool: "must be true or false",
    int: "must be a whole number",
    float: "must be a number",
}

_T = TypeVar("_T")


class Fault(Enum):
    """What is wrong with what was parsed."""

    WRONG = auto()
    MISSING = auto()
    UNKNOWN = auto()
    NO_OBJECT = auto()
    NO_LIST = auto()


class DecodeError(ShammahError):
    """Something cannot be used; the text follows its name and never holds the value, maybe a key.

    Attributes:
        path: Where it is: keys, and numbers of list items, counted from 1.
    """

    def __init__(self, text: str, fault: Fault = Fault.WRONG, *path: str | int) -> None:
        super().__init__(text)
        self.fault = fault
        self.path = path


@dataclass(frozen=True, eq=False)
class Form:
    """How a format differs from what the dataclasses say.

    Attributes:
        readers: Reads fields of these types.
        key_of: Returns a field's key.
        complete: Returns an object of a dataclass as its newest version has it.
        is_strict: Whether no field may be missing, but others may be there; otherwise those with a
            default may be missing, and others are wrong.
    """

    readers: Mapping[Any, Reader] = field(default_factory=dict)
    key_of: Callable[[str], str] = str
    complete: Callable[[type, dict[str, Any]], dict[str, Any]] = lambda _, value: value
    is_strict: bool = False


PLAIN = Form()


def decode(kind: type[_T], value: object, form: Form = PLAIN) -> _T:
    """Return a dataclass instance, or raise a ``DecodeError`` for the first thing that is wrong."""
    if not isinstance(value, dict):
        raise DecodeError("must be an object", Fault.NO_OBJECT)
    its: Any = kind
    readers = readers_of(its, form)
    names, required = _keys(its, form)
    table = form.complete(kind, value)
    if form.is_strict:
        table = {key: table[key] for key in readers if key in table}
    found, wrong = fields_of(table, readers, required)
    if wrong:
        raise wrong[0]
    return kind(**{names[key]: each for key, each in found.items()})


def fields_of(
    table: Mapping[str, object], readers: Mapping[str, Reader], required: Iterable[str] = ()
) -> tuple[dict[str, Any], list[DecodeError]]:
    """Return what can be used of a table, by its keys, and everything that is wrong."""
    found: dict[str, Any] = {}
    wrong: list[DecodeError] = []
    for key, value in table.items():
        if key not in readers:
            wrong.append(DecodeError("is not known", Fault.UNKNOWN, key))
            continue
        try:
            found[key] = readers[key](value)
        except DecodeError as error:
            error.path = (key, *error.path)
            wrong.append(error)
    wrong += [DecodeError("is missing", Fault.MISSING, k) for k in required if k not in table]
    return found, wrong


@cache
def readers_of(kind: type, form: Form = PLAIN) -> dict[str, Reader]:
    """Return what reads each field of a dataclass, by its key."""
    hints = typing.get_type_hints(kind, include_extras=True)
    return {form.key_of(name): _reader(hint, form) for name, hint in hints.items()}


def whole(least: int, most: int, zero_means: str = "") -> Reader:
    """Return what reads a whole number within bounds, or 0 where that means something."""
    or_zero = f", or 0 for {zero_means}" if zero_means else ""

    def read(value: object) -> int:
        if type(value) is int and (least <= value <= most or (zero_means and value == 0)):
            return value
        raise DecodeError(f"must be a whole number from {least} to {most}{or_zero}")

    return read


def amount(value: object) -> float:
    """Return a finite number of 0 or more."""
    number = of_type(float, value)
    if not 0 <= number < math.inf:
        raise DecodeError("must be a number of 0 or more")
    return number


def positive(value: object) -> float:
    """Return a finite number above 0."""
    if (number := amount(value)) == 0:
        raise DecodeError("must be more than 0")
    return number


@cache
def _keys(kind: Any, form: Form) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the names of the fields by their keys, and the keys that must be there."""
    keys = {form.key_of(each.name): each for each in fields(kind)}
    required = (
        key
        for key, each in keys.items()
        if form.is_strict or (each.default is MISSING and each.default_factory is MISSING)
    )
    return {key: each.name for key, each in keys.items()}, tuple(required)


def _reader(hint: Any, form: Form) -> Reader:
    origin, arms = typing.get_origin(hint), typing.get_args(hint)
    if hint in form.readers:
        return form.readers[hint]
    if origin is Annotated:
        return typing.cast(Reader, arms[1])
    if origin in (types.UnionType, typing.Union):
        (arm,) = (arm for arm in arms if arm is not type(None))
        read = _reader(arm, form)
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        return partial(_items, _reader(arms[0], form))
    if is_dataclass(hint):
        return lambda value: decode(typing.cast(Any, hint), value, form)
    return partial(_member if issubclass(hint, Enum) else of_type, hint)


def _items(read: Reader, value: object) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise DecodeError("must be a list", Fault.NO_LIST)
    found = []
    for number, each in enumerate(value, start=1):
        try:
            found.append(read(each))
        except DecodeError as error:
            error.path = (number, *error.path)
            raise
    return tuple(found)


def _member(kind: type[Enum], value: object) -> Enum:
    try:
        return kind(value)
    except ValueError:
        raise DecodeError(f"must be one of {', '.join(str(each.value) for each in kind)}") from None


def of_type(kind: type[_T], value: object) -> _T:
    """Return text, a number, true or false; a whole number may stand for another."""
    if kind is float and type(value) is int:
        with suppress(OverflowError):
            value = float(value)
    # JSON's and TOML's true would pass as the number 1.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise DecodeError(_MUST[kind])
    return value
