"""Checks of single values of the settings file; each raises ``DecodeError`` or returns."""

import re
from collections.abc import Collection
from contextlib import suppress
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import urlsplit

from shammah_tui.core.decoding import DecodeError, Reader, of_type
from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.model import chat_templates
from shammah_tui.core.model.hub_address import cleaned, hub_name
from shammah_tui.core.model.model_spec import Lora
from shammah_tui.core.wording.suggestions import suggestion

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kKMG]?)(i?)B")
_RATE = re.compile(rf"{_SIZE.pattern}/s")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY = re.compile(r"(?:(?:ctrl|shift|alt|super|hyper|meta)\+)*(?:[a-z0-9_]+|[^\s,\w])")


MOST_USD = 100_000

MOST_SCALE = 10
"""Twice what a LoRA was trained for already spoils most models."""


def word(value: object) -> str:
    """Accept a string that has something in it; white space around it is dropped."""
    stripped = of_type(str, value).strip()
    if not stripped or not stripped.isprintable():
        raise DecodeError("must be one line of text that is not empty")
    return stripped


def line(value: object) -> str:
    return word(value) if of_type(str, value).strip() else ""


def one_of(known: Collection[str]) -> Reader:
    """Return a check for one of some names, in any letter case."""
    by_lower = {each.lower(): each for each in known}

    def check(value: object) -> str:
        name = word(value)
        if name.lower() not in by_lower:
            meant = suggestion(name.lower(), by_lower)
            raise DecodeError(f"must be one of {', '.join(known)}{meant}")
        return by_lower[name.lower()]

    return check


def member(kind: type[StrEnum]) -> Reader:
    check = one_of(tuple(kind))
    return lambda value: kind(check(value))


def loras(value: object) -> tuple[Lora, ...]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise DecodeError('must be a list such as [{path = "style.gguf", scale = 1.0}]')
    found = {}
    for number, entry in enumerate(value, start=1):
        for key in entry:
            if key not in {"path", "scale"}:
                raise DecodeError(f"{number}: only path and scale can be given")
        try:
            path = gguf(entry.get("path", ""))
        except DecodeError as error:
            raise DecodeError(f"{number}: path {error}") from error
        scale = entry.get("scale", 1.0)
        is_number = isinstance(scale, int | float) and not isinstance(scale, bool)
        if not is_number or not 0 < abs(scale) <= MOST_SCALE:
            raise DecodeError(f"{number}: scale must be a number up to {MOST_SCALE}, not 0")
        found[path] = Lora(path, float(scale))
    return tuple(found.values())


def chat_template(value: object) -> str:
    written = line(value)
    if not written or chat_templates.is_file(written):
        return written
    if written.lower() in chat_templates.NAMES:
        return written.lower()
    names = ", ".join(chat_templates.NAMES)
    raise DecodeError(
        f"must be one of {names}, or the path of a .jinja file"
        f"{suggestion(written.lower(), chat_templates.NAMES)}"
    )


def rate(value: object) -> int | None:
    """Return ``2MB/s``, ``500 kB/s`` or ``1.5MiB/s`` in bytes a second; empty is no limit."""
    written = of_type(str, value).strip()
    if not written:
        return None
    match = _RATE.fullmatch(written)
    if match is None:
        raise DecodeError("must be a rate such as 2MB/s or 500kB/s")
    limit = _bytes(match)
    if limit < 1000:
        raise DecodeError("must be at least 1kB/s; leave it out for no limit")
    return limit


def size(value: object) -> int:
    """Return ``2.7GB`` or ``530 MB`` in bytes."""
    match = _SIZE.fullmatch(of_type(str, value).strip())
    if match is None or (found := _bytes(match)) < 1:
        raise DecodeError("must be a size such as 2.7GB or 530MB")
    return found


def _bytes(match: re.Match[str]) -> int:
    number, prefix, binary = match.groups()
    power = " KMG".index(prefix.upper() or " ")
    return round(float(number) * (1024.0 if binary else 1000.0) ** power)


def day(value: object) -> date:
    # A TOML time of day is a datetime, which is a date, too.
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(of_type(str, value).strip())
    except ValueError:
        raise DecodeError("must be a day such as 2026-11-01") from None


def usd(value: object) -> float:
    with suppress(DecodeError):
        if 0 <= (number := of_type(float, value)) <= MOST_USD:
            return number
    raise DecodeError("must be a number of dollars such as 3.0")


def keys(value: object) -> str:
    """Return ``"ctrl+q"``, ``"f2,ctrl+o"`` or a list of such as keys joined by commas."""
    if isinstance(value, list) and value:
        return ",".join(keys(each) for each in value)
    names = [name.strip() for name in of_type(str, value).split(",")]
    for name in names:
        if _KEY.fullmatch(name) is None:
            raise DecodeError("must name a key such as escape, f2 or ctrl+q, or a list of keys")
    return ",".join(names)


def address(value: object) -> str:
    """Return the address of a server over HTTP without a slash at its end, or nothing."""
    written = line(value)
    if not written:
        return ""
    try:
        url = urlsplit(written)
        is_server = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:
        is_server = False
    if not is_server or url.query or url.fragment or any(each.isspace() for each in written):
        raise DecodeError("must be an address such as http://gpu-box:8080")
    if "@" in url.netloc:
        raise DecodeError("must not hold a name or password; name a variable with key_env")
    return written.rstrip("/")


def variable(value: object) -> str:
    name = line(value)
    # What is refused may be the key itself: it is not repeated.
    if name and _VARIABLE.fullmatch(name) is None:
        raise DecodeError("must be the name of an environment variable, not the key itself")
    return name


def model_id(value: object) -> str:
    name = word(value)
    if _ID.fullmatch(name) is None:
        raise DecodeError("must be letters, digits, dots, dashes and underscores")
    return name


def repo(value: object) -> str:
    name = cleaned(word(value))
    try:
        is_name = hub_name(name) is not None
    except InvalidModelError as error:
        raise DecodeError(str(error)) from error
    # Whether another address is that of the Hub in use is known where HF_ENDPOINT is.
    if not is_name and "://" not in name:
        raise DecodeError("must be owner/name, owner/name:QUANT or a model's address")
    return name


def gguf(value: object) -> str:
    name = word(value)
    if not name.lower().endswith(".gguf"):
        raise DecodeError("must name a .gguf file")
    return name
