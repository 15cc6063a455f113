"""Exports of other chats: ChatGPT's, Claude's and LibreChat's, as conversations of ours.

Taken are titles, times, the texts of both sides, and branches. What has no text here is left out:
calls of tools and what they returned, hidden messages, pictures (a word stands for them). Ids are
made of theirs, so that the same file adds nothing when it is read again.
"""

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.records import ConversationRecord, StoredMessage, TitleSource
from shammah_tui.core.conversation.titles import title_from
from shammah_tui.core.errors import StoreError
from shammah_tui.core.text.units import EARLIEST_MS, LATEST_MS
from shammah_tui.core.wording import storage as words

_HASH_BITS = 20
_MOST_MS = 2**43 - 1
_PICTURE = "[picture]"


@dataclass(frozen=True, slots=True)
class _Foreign:
    """A message as any of them has it; what follows one without text or role follows its parent."""

    key: str
    parent: str
    role: Role | None
    text: str
    at_ms: int | None


def foreign_records(document: Any) -> tuple[ConversationRecord, ...] | None:
    """Return the conversations of another chat's export; None where it is none that is known.

    Raises ``StoreError`` where it is one of a form that is not known.
    """
    found = document if isinstance(document, list) else [document]
    first = next((each for each in found if isinstance(each, dict)), None)
    if first is None:
        return None
    if "mapping" in first:
        name, read = "ChatGPT", _chatgpt
    elif "chat_messages" in first:
        name, read = "Claude", _claude
    elif "messages" in first and ("conversationId" in first or "endpoint" in first):
        name, read = "LibreChat", _librechat
    else:
        return None
    try:
        records = [_record(name, each, *read(each)) for each in found]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreError(words.unknown_form(name)) from error
    return tuple({record.id: record for record in records if record.messages}.values())


def _chatgpt(value: Mapping[str, Any]) -> tuple[str, str, list[_Foreign], str]:
    nodes: Mapping[str, Any] = value["mapping"]
    messages = [_chatgpt_message(key, node) for key, node in nodes.items()]
    key = value.get("conversation_id") or value.get("id") or next(iter(nodes), "")
    return str(key), value.get("title") or "", messages, value.get("current_node") or ""


def _chatgpt_message(key: str, node: Mapping[str, Any]) -> _Foreign:
    message = node.get("message") or {}
    content = message.get("content") or {}
    metadata = message.get("metadata") or {}
    role = _role((message.get("author") or {}).get("role"))
    is_said = (
        content.get("content_type") in ("text", "multimodal_text")
        and message.get("recipient") in (None, "all")
        and not metadata.get("is_visually_hidden_from_conversation")
    )
    text = "\n\n".join(_parts(content.get("parts") or ())) if is_said else ""
    return _Foreign(key, node.get("parent") or "", role, text, _ms(message.get("create_time")))


def _claude(value: Mapping[str, Any]) -> tuple[str, str, list[_Foreign], str]:
    messages: list[_Foreign] = []
    before = ""
    for number, each in enumerate(value["chat_messages"]):
        key = str(each.get("uuid") or number)
        parent = before if "parent_message_uuid" not in each else each["parent_message_uuid"] or ""
        said = each.get("content") or ()
        text = "\n\n".join(_parts(said)) or each.get("text") or ""
        role = _role(each.get("sender"))
        messages.append(_Foreign(key, str(parent), role, text, _ms(each.get("created_at"))))
        before = key
    leaf = value.get("current_leaf_message_uuid") or before
    return str(value.get("uuid") or ""), value.get("name") or "", messages, str(leaf)


def _librechat(value: Mapping[str, Any]) -> tuple[str, str, list[_Foreign], str]:
    messages: list[_Foreign] = []
    waiting = list(reversed(value["messages"]))
    while waiting:
        each = waiting.pop()
        waiting += reversed(each.get("children") or ())
        role = Role.USER if each.get("isCreatedByUser") else Role.ASSISTANT
        text = each.get("text") or "\n\n".join(_parts(each.get("content") or ()))
        key, parent = str(each["messageId"]), str(each.get("parentMessageId") or "")
        messages.append(_Foreign(key, parent, role, text, _ms(each.get("createdAt"))))
    leaf = messages[-1].key if messages else ""
    return str(value.get("conversationId") or ""), value.get("title") or "", messages, leaf


def _parts(parts: Iterable[Any]) -> Iterator[str]:
    """Return the texts among the parts of a message, and a word for each picture."""
    for part in parts:
        if isinstance(part, str):
            text = part
        else:
            kind = str(part.get("type") or part.get("content_type") or "")
            said = part.get("text") if kind in ("", "text", "audio_transcription") else ""
            told = said.get("value") if isinstance(said, dict) else said
            text = told or (_PICTURE if "image" in kind else "")
        if text and text.strip():
            yield text


def _role(name: object) -> Role | None:
    return {"user": Role.USER, "human": Role.USER, "assistant": Role.ASSISTANT}.get(str(name))


def _ms(value: object) -> int | None:
    """Return a time, however it is told; None where it is not."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return round(value * 1000) if math.isfinite(value) else None
    moment = datetime.fromisoformat(str(value))
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def _record(
    name: str,
    value: Mapping[str, Any],
    key: str,
    title: str,
    messages: list[_Foreign],
    leaf: str,
) -> ConversationRecord:
    begun = _ms(value.get("create_time") or value.get("created_at") or value.get("createdAt"))
    told = [each.at_ms for each in messages if each.at_ms is not None]
    begun_ms = _in_calendar(begun if begun is not None else min(told, default=0))
    by_key: dict[str, _Foreign] = {}
    for number, each in enumerate(messages):
        known = by_key.get(each.key)
        if known is not None and known.text != each.text:
            # Two under one name: the second one follows under another, and nothing is lost.
            leaf = f"{each.key} {number}" if leaf == each.key else leaf
            each = replace(each, key=f"{each.key} {number}")  # noqa: PLW2901
        by_key[each.key] = each
    kept = [each for each in by_key.values() if each.role is not None and each.text.strip()]
    parents = {each.key: _kept_before(each.parent, by_key) for each in kept}
    ids: dict[str, int] = {}
    taken: set[int] = set()
    stored: list[StoredMessage] = []
    for each in _parents_first(kept, parents):
        at_ms = _in_calendar(each.at_ms if each.at_ms is not None else begun_ms)
        parent_id = ids.get(parents[each.key])
        message_id = max(_id(at_ms, name, key, each.key), (parent_id or 0) + 1)
        while message_id in taken:
            message_id += 1
        ids[each.key] = message_id
        taken.add(message_id)
        assert each.role is not None
        stored.append(StoredMessage(message_id, parent_id, each.role, each.text, at_ms))
    first = next((each.text for each in stored if each.role is Role.USER), "")
    active = [message.created_ms for message in stored]
    return ConversationRecord(
        id=_id(begun_ms, name, key, ""),
        title=title or title_from(first),
        title_source=TitleSource.USER if title else TitleSource.WORDS,
        is_pinned=False,
        created_ms=begun_ms,
        active_ms=max(active, default=begun_ms),
        leaf_id=ids.get(_kept_before(leaf, by_key)) or (stored[-1].id if stored else None),
        place_id=None,
        draft="",
        messages=tuple(stored),
    )


def _kept_before(key: str, by_key: Mapping[str, _Foreign]) -> str:
    """Return a message that is kept: this one, or the nearest that it follows."""
    seen: set[str] = set()
    while key in by_key and key not in seen:
        seen.add(key)
        each = by_key[key]
        if each.role is not None and each.text.strip():
            return key
        key = each.parent
    return ""


def _parents_first(kept: list[_Foreign], parents: Mapping[str, str]) -> Iterator[_Foreign]:
    """Yield every message after the one it follows; circles begin the conversation anew."""
    children: dict[str, list[_Foreign]] = {}
    for each in kept:
        children.setdefault(parents[each.key], []).append(each)
    done: set[str] = set()
    for root in ("", *(each.key for each in kept)):
        waiting = list(reversed(children.get(root, ()))) if root == "" or root not in done else []
        while waiting:
            each = waiting.pop()
            if each.key not in done:
                done.add(each.key)
                yield each
                waiting += reversed(children.get(each.key, ()))


def _in_calendar(ms: int) -> int:
    return min(max(ms, EARLIEST_MS), LATEST_MS)


def _id(at_ms: int, *names: str) -> int:
    """Return an id that grows with time and is the same each time; see ``adapters.sqlite.ids``."""
    digest = hashlib.sha256("\0".join(names).encode("utf-8", "replace")).digest()
    chance = int.from_bytes(digest[:4]) >> (32 - _HASH_BITS)
    return max(1, (min(max(at_ms, 0), _MOST_MS) << _HASH_BITS) | chance)
