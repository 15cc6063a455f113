"""Conversations as JSON and back, losing nothing.

The document is ``{"format": "shammah conversations", "version": 1, "conversations": [...]}``. Ids
are strings of hexadecimal digits, since many JSON readers round numbers beyond 2⁵³; times are in
UTC with milliseconds, as ISO 8601. A reader accepts fields that it does not know in its own
version only: a newer version is refused as a whole rather than read by halves.
"""

import json
import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

from shammah_tui.core.conversation import Role
from shammah_tui.core.pins import Side
from shammah_tui.core.plain_text import plain
from shammah_tui.core.records import ConversationRecord, Receipt, StoredMessage, TitleSource
from shammah_tui.core.reply import StopReason, Usage
from shammah_tui.core.store_error import StoreError

FORMAT = "shammah conversations"
VERSION = 1
MAX_ID = 2**63 - 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MAX_COUNT = 2**48
"""Sums of a few thousand still fit the database's whole numbers, of 63 bits."""

_R = TypeVar("_R")
_T = TypeVar("_T", bound=Enum)


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
    """Return the conversations in a document as ``to_json`` makes it.

    Takes 40 ms a megabyte, during a fifth of which no other thread runs: not for the loop, and with
    many megabytes not for a process that draws a screen.

    Raises:
        StoreError: It is no such document, of a newer version, or something in it is missing, of
            the wrong kind, or does not fit the rest. Nothing of it is returned.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = plain(str(error)) if isinstance(error, ValueError) else "it is nested too deep"
        raise StoreError(f"This is not a JSON file: {reason}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise StoreError("This file was not made by shammah export --json")
    version = document.get("version")
    if not isinstance(version, int) or version < 1:
        raise StoreError("This export says no version; export it again")
    if version > VERSION:
        raise StoreError("This export was made by a newer Shammah; update this one to read it")
    found = tuple(
        _read_conversation(_Fields(each, f"Conversation {number}"))
        for number, each in enumerate(_list(document, "conversations", "The export"), start=1)
    )
    _check_distinct((record.id for record in found), "The export has two conversations with one id")
    messages = (message.id for record in found for message in record.messages)
    _check_distinct(messages, "The export has two messages with one id")
    return found


def _conversation(record: ConversationRecord) -> dict[str, object]:
    return {
        "id": _hex(record.id),
        "title": record.title,
        "title_source": record.title_source.value,
        "pinned": record.is_pinned,
        "created": _time(record.created_ms),
        "active": _time(record.active_ms),
        "leaf": _hex(record.leaf_id),
        "place": _hex(record.place_id),
        "draft": record.draft,
        "messages": [_message(message) for message in record.messages],
    }


def _message(message: StoredMessage) -> dict[str, object]:
    fields: dict[str, object] = {
        "id": _hex(message.id),
        "parent": _hex(message.parent_id),
        "role": message.role.value,
        "created": _time(message.created_ms),
        "text": message.text,
        "complete": message.is_complete,
    }
    if message.receipt is not None:
        fields["receipt"] = _receipt(message.receipt)
    return fields


def _receipt(receipt: Receipt) -> dict[str, object]:
    usage = receipt.usage
    stop = receipt.stop_reason
    return {
        "side": receipt.side.value,
        "label": receipt.label,
        "reason": receipt.reason,
        "model": receipt.model,
        "revision": receipt.revision,
        "prompt_tokens": usage.prompt_tokens,
        "reply_tokens": usage.reply_tokens,
        "tokens_per_s": usage.tokens_per_s,
        "first_token_s": usage.first_token_s,
        "cost_microusd": receipt.cost_microusd,
        "stop_reason": None if stop is None else stop.value,
        "interrupted": receipt.interrupted,
    }


def _hex(number: int | None) -> str | None:
    return None if number is None else f"{number:x}"


def _time(ms: int) -> str:
    return (_EPOCH + ms * _MILLISECOND).isoformat(timespec="milliseconds")


class _Fields:
    """One object of the document, read with the place in mind for the error's sentence."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise StoreError(f"{where} is not an object")
        self.values = value
        self.where = where

    def text(self, key: str) -> str:
        value: str = self._get(key, str)
        if not value.isascii():
            # JSON can spell half a surrogate pair, which no file and no terminal takes.
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return value

    def flag(self, key: str) -> bool:
        return bool(self._get(key, bool))

    def count(self, key: str) -> int | None:
        value: int | None = self._get(key, int, None)
        if value is not None and not 0 <= value <= _MAX_COUNT:
            raise self._wrong(key)
        return value

    def number(self, key: str) -> float | None:
        value = self._get(key, (int, float), None)
        if value is not None and not (math.isfinite(value) and value >= 0):
            raise self._wrong(key)
        return None if value is None else float(value)

    def id(self, key: str) -> int:
        value = self.optional_id(key)
        if value is None:
            raise self._wrong(key)
        return value

    def optional_id(self, key: str) -> int | None:
        value: str | None = self._get(key, str, None)
        if value is None:
            return None
        return self._try(key, _id, value)

    def time_ms(self, key: str) -> int:
        return self._try(key, _ms, self._get(key, str))

    def one_of(self, key: str, kind: type[_T]) -> _T:
        return self._try(key, kind, self._get(key, str))

    def _try(self, key: str, read: Callable[[str], _R], value: str) -> _R:
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


def _list(values: dict[str, object], key: str, where: str) -> list[object]:
    found = values.get(key)
    if not isinstance(found, list):
        raise StoreError(f"{where} has no list of {key}")
    return found


def _read_conversation(fields: _Fields) -> ConversationRecord:
    messages = tuple(
        _read_message(_Fields(each, f"{fields.where}, message {number}"))
        for number, each in enumerate(_list(fields.values, "messages", fields.where), start=1)
    )
    _check_tree(messages, fields.where)
    ids = {message.id for message in messages}
    leaf_id, place_id = fields.optional_id("leaf"), fields.optional_id("place")
    if leaf_id is not None and leaf_id not in ids:
        raise StoreError(f"{fields.where} has a leaf that is none of its messages")
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
        messages=messages,
    )


def _check_tree(messages: Iterable[StoredMessage], where: str) -> None:
    """Refuse a message whose parent does not come before it: that also rules out circles."""
    seen: set[int] = set()
    for message in messages:
        if message.parent_id is not None and message.parent_id not in seen:
            raise StoreError(f"{where} has a message whose parent does not come before it")
        seen.add(message.id)


def _check_distinct(ids: Iterable[int], sentence: str) -> None:
    seen: set[int] = set()
    for each in ids:
        if each in seen:
            raise StoreError(sentence)
        seen.add(each)


def _read_message(fields: _Fields) -> StoredMessage:
    receipt = fields.values.get("receipt")
    return StoredMessage(
        id=fields.id("id"),
        parent_id=fields.optional_id("parent"),
        role=fields.one_of("role", Role),
        text=fields.text("text"),
        created_ms=fields.time_ms("created"),
        receipt=None
        if receipt is None
        else _read_receipt(_Fields(receipt, f"{fields.where}, receipt")),
        is_complete=fields.flag("complete"),
    )


def _read_receipt(fields: _Fields) -> Receipt:
    has_stop = fields.values.get("stop_reason") is not None
    return Receipt(
        side=fields.one_of("side", Side),
        label=fields.text("label"),
        reason=fields.text("reason"),
        model=fields.text("model"),
        revision=fields.text("revision"),
        usage=Usage(
            prompt_tokens=fields.count("prompt_tokens"),
            reply_tokens=fields.count("reply_tokens"),
            tokens_per_s=fields.number("tokens_per_s"),
            first_token_s=fields.number("first_token_s"),
        ),
        cost_microusd=fields.count("cost_microusd"),
        stop_reason=fields.one_of("stop_reason", StopReason) if has_stop else None,
        interrupted=fields.text("interrupted"),
    )
