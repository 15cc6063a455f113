"""Encodes frozen dataclasses as JSON, and decodes them: the children's lines, and small files."""

import dataclasses
import json
import types
import typing
from collections.abc import Iterable
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from shammah_tui.core.errors import WireError

TYPE_KEY = "type"

_T = TypeVar("_T")


def encode(message: object) -> str:
    """Return ``message``, a dataclass instance, as one line of JSON without its newline."""
    assert dataclasses.is_dataclass(message) and not isinstance(message, type)
    fields = dataclasses.asdict(message)
    return json.dumps({TYPE_KEY: type(message).__name__, **fields}, separators=(",", ":"))


def decode(line: str, kinds: Iterable[type[Any]]) -> Any:
    """Return the message that ``line`` holds.

    Args:
        line: One line of JSON as ``encode`` makes it.
        kinds: The dataclasses that may stand in it.

    Raises:
        WireError: The line is no JSON object, or not one of ``kinds``, or a field is missing,
            unknown or of another type.
    """
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise WireError(f"Not a JSON line: {error}") from error
    if not isinstance(fields, dict):
        raise WireError("A message must be a JSON object")
    name = fields.pop(TYPE_KEY, None)
    for kind in kinds:
        if kind.__name__ == name:
            return build(kind, fields, str(name))
    raise WireError(f"Unknown message {name!r}")


def build(kind: type[_T], fields: object, where: str) -> _T:
    """Return a dataclass instance from what JSON gave.

    Args:
        kind: The dataclass.
        fields: An object with its fields; those with a default may be missing.
        where: Its name, ahead of the field's in an error.

    Raises:
        WireError: It is no object, or a field is missing, unknown or of another type.
    """
    if not isinstance(fields, dict):
        raise WireError(f"{where}: not an object")
    hints = _hints(typing.cast(Any, kind))
    unknown = fields.keys() - hints.keys()
    if unknown:
        raise WireError(f"{where}: unknown field {sorted(unknown)[0]!r}")
    values = {key: _value(hints[key], value, f"{where}.{key}") for key, value in fields.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise WireError(f"{where}: {error}") from error


def _value(hint: Any, value: object, where: str) -> Any:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        if value is None and type(None) in typing.get_args(hint):
            return None
        (hint,) = (arm for arm in typing.get_args(hint) if arm is not type(None))
        return _value(hint, value, where)
    if origin is tuple and isinstance(value, list):
        item = typing.get_args(hint)[0]
        return tuple(_value(item, each, f"{where}[{i}]") for i, each in enumerate(value))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return build(hint, value, where)
    if isinstance(hint, type) and issubclass(hint, Enum):
        try:
            return hint(value)
        except ValueError as error:
            raise WireError(f"{where}: not a {hint.__name__}") from error
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError as error:
            raise WireError(f"{where}: too big") from error
    if (
        isinstance(hint, type)
        and isinstance(value, hint)
        and (hint is bool) == (isinstance(value, bool))
    ):
        return value
    # The value itself may be a prompt or a reply, which no log may hold.
    raise WireError(f"{where}: {type(value).__name__} is of the wrong type")


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)
