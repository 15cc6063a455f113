"""Conversations as a JSON document, written and read; documents of earlier versions, too."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any, get_type_hints

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.foreign_exports import foreign_records
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import (
    PINNED,
    ConversationRecord,
    Id,
    Receipt,
    StoredMessage,
    TimeMs,
    receipt_values,
)
from shammah_tui.core.decoding import DecodeError, Fault, Form, amount, decode, of_type, whole
from shammah_tui.core.errors import StoreError
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import utc_time
from shammah_tui.core.wording import storage as words

_PINNED = frozenset({PINNED, "UserPinned"})
_ASKED = tuple(f"{side.value} · you asked" for side in Side)


def with_old_pins(messages: Sequence[StoredMessage]) -> tuple[StoredMessage, ...]:
    """Return an old conversation's messages with their pins, and what stays here because of them.

    Parents stand before their children. The migration that adds pins does the same.
    """
    first: dict[int, StoredMessage] = {}
    for reply in sorted(messages, key=lambda message: message.id):
        if reply.role is Role.ASSISTANT and reply.parent_id is not None:
            first.setdefault(reply.parent_id, reply)
    found: list[StoredMessage] = []
    told: set[int] = set()
    for message in messages:
        new = message
        if message.role is Role.USER and message.id in first:
            new = replace(message, pin=_pin(first[message.id].receipt))
        is_local = message.receipt is not None and message.receipt.side is Side.LOCAL
        if message.parent_id in told and is_local:
            new = replace(new, is_private=True)
        if new.pin is Side.LOCAL or message.parent_id in told:
            told.add(message.id)
        found.append(new)
    return tuple(found)


def _pin(receipt: Receipt | None) -> Side | None:
    if receipt is None:
        return None
    # A reply whose program was killed keeps its label alone.
    is_pinned = receipt.reason in _PINNED or (
        not receipt.reason and receipt.label.startswith(_ASKED)
    )
    return receipt.side if is_pinned else None


_LEFT_OUT = re.compile(r" · without the first (\d{1,9}) messages(?= · |\Z)")


def left_out_of_old(label: str) -> int:
    """Return ``Receipt.left_out`` of a reply from before receipts had it: its label has it."""
    found = _LEFT_OUT.search(label)
    return 0 if found is None else int(found[1])


MAX_ID = 2**63 - 1
FORMAT = "shammah conversations"
VERSION = 3

DOCUMENT_START = f'{{"format": "{FORMAT}", "version": {VERSION}, "conversations": [\n'
BETWEEN = ",\n"
DOCUMENT_END = "\n]}\n"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MAX_COUNT = 2**48
"""Sums of a few thousand still fit the database's whole numbers, of 63 bits."""


def to_json(records: Iterable[ConversationRecord]) -> str:
    """Return the whole document.

    For many conversations write ``DOCUMENT_START``, each one's ``json_conversation`` with
    ``BETWEEN`` them, and ``DOCUMENT_END``: 100 000 messages are 125 MB.
    """
    return DOCUMENT_START + BETWEEN.join(map(json_conversation, records)) + DOCUMENT_END


def json_conversation(record: ConversationRecord) -> str:
    """Return one conversation as it stands in a document."""
    fields = _written(record) | {"messages": [_message(each) for each in record.messages]}
    return json.dumps(fields, ensure_ascii=False, indent=1)


def _message(message: StoredMessage) -> dict[str, object]:
    fields = _written(message)
    if message.role is not Role.USER:
        del fields["pin"]
    if not message.thought:
        del fields["thought"]
    if message.receipt is None:
        del fields["receipt"]
    else:
        values = receipt_values(message.receipt)
        fields["receipt"] = {_key_of(name): value for name, value in values.items()}
    return fields


def _written(record: ConversationRecord | StoredMessage) -> dict[str, object]:
    kind: Any = type(record)
    return {key: write(getattr(record, name)) for name, key, write in _writers(kind)}


@cache
def _writers(kind: Any) -> list[tuple[str, str, Callable[[Any], object]]]:
    write: dict[Any, Callable[[Any], object]] = {
        Id: "{:x}".format,
        Id | None: lambda number: None if number is None else f"{number:x}",
        TimeMs: lambda ms: utc_time(ms).isoformat(timespec="milliseconds"),
    }
    hints = get_type_hints(kind, include_extras=True)
    return [(name, _key_of(name), write.get(hint, lambda v: v)) for name, hint in hints.items()]


def _key_of(field: str) -> str:
    return field.removeprefix("is_").removesuffix("_ms").removesuffix("_id")


@dataclass(frozen=True, slots=True)
class _Document:
    conversations: tuple[ConversationRecord, ...]


def from_json(text: str | bytes) -> tuple[ConversationRecord, ...]:
    """Return the conversations in a document as ``to_json`` makes it, or another chat's export.

    Takes 16 ms a megabyte, a quarter of them with no other thread running: not for the loop, and
    with many megabytes not for a process that draws a screen.

    Raises:
        StoreError: It is no such document, of a newer version, or something in it is missing, of
            the wrong kind, or does not fit the rest. Nothing of it is returned.
    """
    if not text.strip():
        raise StoreError(words.NO_FILE_CONTENT)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = plain(str(error)) if isinstance(error, ValueError) else words.TOO_DEEP
        raise StoreError(words.no_json(reason)) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        records = foreign_records(document)
        if records is None:
            raise StoreError(words.NO_EXPORT)
        return records
    version = document.get("version")
    if not isinstance(version, int) or version < 1:
        raise StoreError(words.NO_VERSION)
    if version > VERSION:
        raise StoreError(words.NEWER)
    has_pins = version > 2
    try:
        found = decode(_Document, document, _NEWEST if has_pins else _WITHOUT_PINS).conversations
    except DecodeError as error:
        raise StoreError(_sentence(error)) from error
    messages = [message.id for record in found for message in record.messages]
    if len({record.id for record in found}) < len(found):
        raise StoreError(words.TWO_CONVERSATIONS)
    if len(set(messages)) < len(messages):
        raise StoreError(words.TWO_MESSAGES)
    return tuple(
        _checked(record, f"Conversation {number}", has_pins=has_pins)
        for number, record in enumerate(found, start=1)
    )


def _sentence(error: DecodeError) -> str:
    path = [each for each in error.path if each != "usage"]
    key = "" if error.fault is Fault.NO_OBJECT else path.pop()
    where = ""
    for each in path:
        if isinstance(each, int):
            where = f"{where.removesuffix('s')} {each}"
        else:
            where = f"{where}, {each}" if where else each.capitalize()
    if not key:
        return words.no_object(where)
    if key in ("conversations", "messages"):
        return words.no_list(where or "The export", key)
    tell = words.missing if error.fault is Fault.MISSING else words.unusable
    return tell(where, str(key))


def _checked(record: ConversationRecord, where: str, *, has_pins: bool) -> ConversationRecord:
    seen: set[int] = set()
    for message in record.messages:
        # That also rules out circles.
        if message.parent_id is not None and message.parent_id not in seen:
            raise StoreError(words.strange_parent(where))
        seen.add(message.id)
    if record.leaf_id is not None and record.leaf_id not in seen:
        raise StoreError(words.strange_leaf(where))
    return replace(
        record,
        place_id=record.place_id if record.place_id in seen else None,
        messages=record.messages if has_pins else with_old_pins(record.messages),
    )


def _text(value: object) -> str:
    text = of_type(str, value)
    # JSON can spell half a surrogate pair, which no file and no terminal takes.
    is_whole = text.isascii()
    return text if is_whole else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _id(value: object) -> int:
    try:
        number = int(_text(value), 16)
    except ValueError:
        number = 0
    if not 0 < number <= MAX_ID:
        raise DecodeError("must be an id")
    return number


def _time_ms(value: object) -> int:
    try:
        return (datetime.fromisoformat(_text(value)) - _EPOCH) // _MILLISECOND
    except (ValueError, TypeError):
        # A time without its zone cannot be subtracted.
        raise DecodeError("must be a time with its zone") from None


def _completed(kind: type, value: dict[str, Any], *, has_pins: bool = True) -> dict[str, Any]:
    """Return a message or a receipt with the fields that earlier versions did not have."""
    if kind is StoredMessage:
        value = {"thought": "", "receipt": None, "pin": None, **value}
        if not has_pins:
            value["private"] = False
        if not has_pins or value.get("role") != Role.USER:
            value["pin"] = None
    elif kind is Receipt:
        left_out = left_out_of_old(str(value.get("label")))
        older = {"kept_here": 0, "left_out": left_out, "stop_reason": None}
        value = {**older, "reread_tokens": None, "estimated": False, **value}
        value["usage"] = value
    return value


_READERS = {Id: _id, TimeMs: _time_ms, str: _text, int: whole(0, _MAX_COUNT), float: amount}
_NEWEST = Form(_READERS, _key_of, _completed, is_strict=True)
_WITHOUT_PINS = replace(_NEWEST, complete=partial(_completed, has_pins=False))
