"""Conversations as JSON and back, losing nothing.

The document is ``{"format": "shammah conversations", "version": 3, "conversations": [...]}``. Ids
are strings of hexadecimal digits, since many JSON readers round numbers beyond 2⁵³; times are in
UTC with milliseconds, as ISO 8601. A reader accepts fields that it does not know in its own
version only: a newer version is refused as a whole rather than read by halves. Version 1 had no
thoughts, and of a receipt neither ``reread_tokens`` nor ``estimated``. Version 2 had neither
``pin`` nor ``private``, and of a receipt no ``kept_here``: there a question's pin is taken from the
reply that was given first.
"""

import json
from collections.abc import Iterable

from shammah_tui.core.conversation import Role
from shammah_tui.core.export_fields import Fields, hex_of, list_in, time_of
from shammah_tui.core.foreign_exports import foreign_records
from shammah_tui.core.old_pins import with_old_pins
from shammah_tui.core.pins import Side
from shammah_tui.core.plain_text import plain
from shammah_tui.core.records import ConversationRecord, Receipt, StoredMessage, TitleSource
from shammah_tui.core.reply import StopReason, Usage
from shammah_tui.core.store_error import StoreError

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
        raise StoreError("This file is empty: choose another one")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = plain(str(error)) if isinstance(error, ValueError) else "it is nested too deep"
        raise StoreError(f"This is not a JSON file: {reason}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        records = foreign_records(document)
        if records is None:
            raise StoreError(
                "This file is no export of `shammah export --all --format json`, ChatGPT, Claude or"
                " LibreChat"
            )
        return records
    version = document.get("version")
    if not isinstance(version, int) or version < 1:
        raise StoreError("This export says no version; export it again")
    if version > VERSION:
        raise StoreError("This export was made by a newer Shammah: update Shammah to read it")
    found = tuple(
        _read_conversation(Fields(each, f"Conversation {number}"), has_pins=version > 2)
        for number, each in enumerate(list_in(document, "conversations", "The export"), start=1)
    )
    _check_distinct((record.id for record in found), "The export has two conversations with one id")
    messages = (message.id for record in found for message in record.messages)
    _check_distinct(messages, "The export has two messages with one id")
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
        "reread_tokens": usage.reread_tokens,
        "estimated": usage.is_estimated,
        "cost_microusd": receipt.cost_microusd,
        "stop_reason": None if stop is None else stop.value,
        "interrupted": receipt.interrupted,
        "kept_here": receipt.kept_here,
    }


def _read_conversation(fields: Fields, *, has_pins: bool) -> ConversationRecord:
    messages = tuple(
        _read_message(Fields(each, f"{fields.where}, message {number}"), has_pins=has_pins)
        for number, each in enumerate(list_in(fields.values, "messages", fields.where), start=1)
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
        messages=messages if has_pins else with_old_pins(messages),
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
            reread_tokens=fields.count("reread_tokens") if fields.has("reread_tokens") else None,
            is_estimated=fields.has("estimated") and fields.flag("estimated"),
        ),
        cost_microusd=fields.count("cost_microusd"),
        stop_reason=fields.one_of("stop_reason", StopReason) if has_stop else None,
        interrupted=fields.text("interrupted"),
        kept_here=(fields.count("kept_here") or 0) if fields.has("kept_here") else 0,
    )
