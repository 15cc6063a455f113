"""The lines between the app and its children: frozen dataclasses as JSON."""

import dataclasses
import json
from collections.abc import Iterable
from typing import Any

from shammah_tui.core import decoding
from shammah_tui.core.errors import WireError

TYPE_KEY = "type"


def encode(message: object) -> str:
    """Return ``message``, a dataclass instance, as one line of JSON without its newline."""
    assert dataclasses.is_dataclass(message) and not isinstance(message, type)
    fields = dataclasses.asdict(message)
    return json.dumps({TYPE_KEY: type(message).__name__, **fields}, separators=(",", ":"))


def decode(line: str, kinds: Iterable[type[Any]]) -> Any:
    """Return the message, of one of ``kinds``, in a line of JSON, or raise ``WireError``."""
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise WireError(f"Not a JSON line: {error}") from error
    if not isinstance(fields, dict):
        raise WireError("A message must be a JSON object")
    name = fields.pop(TYPE_KEY, None)
    for kind in kinds:
        if kind.__name__ == name:
            try:
                return decoding.decode(kind, fields)
            except decoding.DecodeError as error:
                raise WireError(f"{'.'.join(map(str, (name, *error.path)))} {error}") from error
    raise WireError(f"Unknown message {name!r}")
