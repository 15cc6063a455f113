"""Conversations as a JSON document, written and read; documents of earlier versions, too."""

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.foreign_exports import foreign_records
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import (
    PINNED,
    ConversationRecord,
    Receipt,
    StoredMessage,
    TitleSource,
    receipt_values,
)
from shammah_tui.core.conversation.reply import StopReason, Usage
from shammah_tui.core.errors import StoreError
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import utc_time
from shammah_tui.core.wording import storage as words

_PINNED = frozenset({PINNED, "UserPinned"})
_ASKED = tuple(f"{side.value} · you asked" for side in Side)


def with_old_pins(messages: Sequence[StoredMessage]) -> tuple[StoredMessage, ...]:
    """Return an old conversation's messages with their pins, and what stays here because of them.

    The migration of the database that adds pins does the same.

    Args:
        messages: All messages, parents before their children.
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
        raise StoreError(words.no_list(where, key))
    return found


class Fields:
    """Every method returns one field, or raises a ``StoreError`` that says where it is wrong.

    Args:
        value: What stands where an object should.
        where: The place, for the sentence.
    """

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise StoreError(words.no_object(where))
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
            raise StoreError(words.missing(self.where, key))
        value = self.values[key]
        if value is None and also:
            return None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self._wrong(key)
        return value

    def _wrong(self, key: str) -> StoreError:
        return StoreError(words.unusable(self.where, key))


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


FORMAT = "shammah conversations"
VERSION = 3

DOCUMENT_START = f'{{"format": "{FORMAT}", "version": {VERSION}, "conversations": [\n'
BETWEEN = ",\n"
DOCUMENT_END = "\n]}\n"


def to_json(records: Iterable[ConversationRecord]) -> str:
    """Return the whole document.

    For many conversations write ``DOCUMENT_START``, each one's ``json_conversation`` with
    ``BETWEEN`` them, and ``DOCUMENT_END``: 100 000 messages are 125 MB.
    """
    return DOCUMENT_START + BETWEEN.join(map(json_conversation, records)) + DOCUMENT_END


def json_conversation(record: ConversationRecord) -> str:
    """Return one conversation as it stands in a document."""
    return json.dumps(_conversation(record), ensure_ascii=False, indent=1)


def from_json(text: str | bytes) -> tuple[ConversationRecord, ...]:
    """Return the conversations in a document as ``to_json`` makes it, or another chat's export.

    Takes 13 ms a megabyte, a quarter of them with no other thread running: not for the loop, and
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
    found = tuple(
        _read_conversation(Fields(each, f"Conversation {number}"), has_pins=version > 2)
        for number, each in enumerate(list_in(document, "conversations", "The export"), start=1)
    )
    _check_distinct((record.id for record in found), words.TWO_CONVERSATIONS)
    messages = (message.id for record in found for message in record.messages)
    _check_distinct(messages, words.TWO_MESSAGES)
    return found


def _conversation(record: ConversationRecord) -> dict[str, object]:
    return {
        "id": hex_of(record.id),
        "title": record.title,
        "title_source": record.title_source.value,
        "pinned": record.is_pinned,
        "created": time_of(record.created_ms),
        "active": time_of(record.active_ms),
        "leaf": hex_of(record.leaf_id),
        "place": hex_of(record.place_id),
        "draft": record.draft,
        "messages": [_message(message) for message in record.messages],
    }


def _message(message: StoredMessage) -> dict[str, object]:
    fields: dict[str, object] = {
        "id": hex_of(message.id),
        "parent": hex_of(message.parent_id),
        "role": message.role.value,
        "created": time_of(message.created_ms),
        "text": message.text,
        "complete": message.is_complete,
        "private": message.is_private,
    }
    if message.role is Role.USER:
        fields["pin"] = None if message.pin is None else message.pin.value
    if message.thought:
        fields["thought"] = message.thought
    if message.receipt is not None:
        fields["receipt"] = _receipt(message.receipt)
    return fields


def _receipt(receipt: Receipt) -> dict[str, object]:
    values = receipt_values(receipt)
    return {name.removeprefix("is_"): value for name, value in values.items()}


def _read_conversation(fields: Fields, *, has_pins: bool) -> ConversationRecord:
    messages = tuple(
        _read_message(Fields(each, f"{fields.where}, message {number}"), has_pins=has_pins)
        for number, each in enumerate(list_in(fields.values, "messages", fields.where), start=1)
    )
    _check_tree(messages, fields.where)
    ids = {message.id for message in messages}
    leaf_id, place_id = fields.optional_id("leaf"), fields.optional_id("place")
    if leaf_id is not None and leaf_id not in ids:
        raise StoreError(words.strange_leaf(fields.where))
    return ConversationRecord(
        id=fields.id("id"),
        title=fields.text("title"),
        title_source=fields.one_of("title_source", TitleSource),
        is_pinned=fields.flag("pinned"),
        created_ms=fields.time_ms("created"),
        active_ms=fields.time_ms("active"),
        leaf_id=leaf_id,
        place_id=place_id if place_id in ids else None,
        draft=fields.text("draft"),
        messages=messages if has_pins else with_old_pins(messages),
    )


def _check_tree(messages: Iterable[StoredMessage], where: str) -> None:
    """Refuse a message whose parent does not come before it: that also rules out circles."""
    seen: set[int] = set()
    for message in messages:
        if message.parent_id is not None and message.parent_id not in seen:
            raise StoreError(words.strange_parent(where))
        seen.add(message.id)


def _check_distinct(ids: Iterable[int], sentence: str) -> None:
    seen: set[int] = set()
    for each in ids:
        if each in seen:
            raise StoreError(sentence)
        seen.add(each)


def _read_message(fields: Fields, *, has_pins: bool) -> StoredMessage:
    receipt, role = fields.values.get("receipt"), fields.one_of("role", Role)
    has_pin = has_pins and role is Role.USER and fields.values.get("pin") is not None
    return StoredMessage(
        id=fields.id("id"),
        parent_id=fields.optional_id("parent"),
        role=role,
        text=fields.text("text"),
        created_ms=fields.time_ms("created"),
        receipt=None
        if receipt is None
        else _read_receipt(Fields(receipt, f"{fields.where}, receipt")),
        is_complete=fields.flag("complete"),
        thought=fields.text("thought") if fields.has("thought") else "",
        pin=fields.one_of("pin", Side) if has_pin else None,
        is_private=has_pins and fields.flag("private"),
    )


def _read_receipt(fields: Fields) -> Receipt:
    has_stop = fields.values.get("stop_reason") is not None
    label = fields.text("label")
    return Receipt(
        side=fields.one_of("side", Side),
        label=label,
        reason=fields.text("reason"),
        model=fields.text("model"),
        revision=fields.text("revision"),
        usage=Usage(
            prompt_tokens=fields.count("prompt_tokens"),
            reply_tokens=fields.count("reply_tokens"),
            tokens_per_s=fields.number("tokens_per_s"),
            first_token_s=fields.number("first_token_s"),
            reread_tokens=fields.count("reread_tokens") if fields.has("reread_tokens") else None,
            is_estimated=fields.has("estimated") and fields.flag("estimated"),
        ),
        cost_microusd=fields.count("cost_microusd"),
        stop_reason=fields.one_of("stop_reason", StopReason) if has_stop else None,
        interrupted=fields.text("interrupted"),
        kept_here=(fields.count("kept_here") or 0) if fields.has("kept_here") else 0,
        left_out=(fields.count("left_out") or 0)
        if fields.has("left_out")
        else left_out_of_old(label),
    )
