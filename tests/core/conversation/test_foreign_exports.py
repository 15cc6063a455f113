"""Exports of other chats: what they say comes in, whatever else is in them."""

import copy
import io
import json
import zipfile
from typing import Any

import pytest

from shammah_tui.adapters.files.export_archive import unpacked
from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.export_format import from_json, to_json
from shammah_tui.core.conversation.records import ConversationRecord
from shammah_tui.core.errors import StoreError


def node(
    key: str, parent: str | None, role: str, *parts: Any, at: float | None = None, **more: Any
) -> dict[str, Any]:
    content = {"content_type": "text", "parts": list(parts)}
    message = {"id": key, "author": {"role": role}, "create_time": at, "content": content, **more}
    return {"id": key, "message": message, "parent": parent, "children": []}


HIDDEN: dict[str, Any] = {"metadata": {"is_visually_hidden_from_conversation": True}}
CHATGPT = [
    {
        "title": "Eggs",
        "create_time": 1_700_000_000.5,
        "conversation_id": "c-1",
        "mapping": {
            "root": {"id": "root", "message": None, "parent": None, "children": ["sys"]},
            "sys": node("sys", "root", "system", "", **HIDDEN),
            "q": node("q", "sys", "user", "How long?", at=1_700_000_001.0),
            "call": node("call", "q", "assistant", "search()", recipient="browser"),
            "tool": node("tool", "call", "tool", "results"),
            "a": node("a", "tool", "assistant", "Six ", "minutes", at=1_700_000_002.0),
            "b": node("b", "q", "assistant", "Seven", at=1_700_000_003.0),
            "p": node("p", "b", "user", {"content_type": "image_asset_pointer"}, "And this?"),
        },
        "current_node": "a",
    }
]
CLAUDE = [
    {
        "uuid": "c-2",
        "name": "Hens",
        "created_at": "2024-01-02T03:04:05.678901Z",
        "chat_messages": [
            {"uuid": "1", "sender": "human", "text": "Why?", "created_at": "2024-01-02T03:04:06Z"},
            {
                "uuid": "2",
                "sender": "assistant",
                "text": "old",
                "content": [{"type": "thinking", "thinking": "x"}, {"type": "text", "text": "So."}],
            },
        ],
    }
]
LIBRECHAT = {
    "conversationId": "c-3",
    "endpoint": "openAI",
    "title": "Nests",
    "messages": [
        {
            "messageId": "m1",
            "parentMessageId": "00000000-0000-0000-0000-000000000000",
            "isCreatedByUser": True,
            "text": "Where?",
            "createdAt": "2024-01-02T03:04:05.000Z",
            "children": [
                {
                    "messageId": "m2",
                    "parentMessageId": "m1",
                    "isCreatedByUser": False,
                    "text": "",
                    "content": [{"type": "text", "text": {"value": "In trees."}}],
                    "children": [],
                }
            ],
        }
    ],
}


def said(record: ConversationRecord) -> list[tuple[Role, str]]:
    return [(message.role, message.text) for message in record.messages]


def test_chatgpt() -> None:
    (record,) = from_json(json.dumps(CHATGPT))
    assert (record.title, record.created_ms) == ("Eggs", 1_700_000_000_500)
    by_text = {message.text: message for message in record.messages}
    question, six, seven = by_text["How long?"], by_text["Six \n\nminutes"], by_text["Seven"]
    assert set(by_text) == {question.text, six.text, seven.text, "[picture]\n\nAnd this?"}
    assert six.parent_id == seven.parent_id == question.id
    assert question.parent_id is None
    assert record.leaf_id == six.id
    assert question.id < six.id < seven.id
    assert six.created_ms == 1_700_000_002_000


def test_claude() -> None:
    (record,) = from_json(json.dumps(CLAUDE))
    assert record.title == "Hens"
    assert said(record) == [(Role.USER, "Why?"), (Role.ASSISTANT, "So.")]
    assert record.leaf_id == record.messages[1].id
    assert record.created_ms == 1_704_164_645_679


def test_two_messages_under_one_name_are_both_kept() -> None:
    messages = [
        {"uuid": "1", "sender": "human", "text": "Why?"},
        {"uuid": "1", "sender": "assistant", "text": "So."},
    ]
    (record,) = from_json(json.dumps([{"uuid": "c", "chat_messages": messages}]))
    assert said(record) == [(Role.USER, "Why?"), (Role.ASSISTANT, "So.")]
    assert record.messages[1].parent_id == record.messages[0].id
    assert record.leaf_id == record.messages[1].id


def test_librechat() -> None:
    (record,) = from_json(json.dumps(LIBRECHAT))
    assert record.title == "Nests"
    assert said(record) == [(Role.USER, "Where?"), (Role.ASSISTANT, "In trees.")]
    assert record.messages[1].parent_id == record.messages[0].id


@pytest.mark.parametrize(
    "document", [CHATGPT, CLAUDE, LIBRECHAT], ids=["ChatGPT", "Claude", "Libre"]
)
def test_the_same_file_is_the_same_conversations_and_can_be_exported(document: Any) -> None:
    records = from_json(json.dumps(document))
    assert from_json(json.dumps(document)) == records
    assert from_json(to_json(records)) == records


def test_archives_as_they_are_sent() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("chat.html", "<html>")
        archive.writestr("export/conversations-000.json", json.dumps(CHATGPT))
        archive.writestr("export/conversations-001.json", json.dumps(CLAUDE[:0]))
    assert from_json(unpacked(packed.getvalue())) == from_json(json.dumps(CHATGPT))


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ([{"mapping": 3}], "ChatGPT"),
        ([{"mapping": {"a": {"message": {"content": 5}}}}], "ChatGPT"),
        ([{"chat_messages": {"x": 1}}], "Claude"),
        ([{"chat_messages": [{"created_at": "soon"}]}], "Claude"),
        ({"conversationId": "x", "messages": [{"text": "no id"}]}, "LibreChat"),
    ],
)
def test_another_form_is_named(document: Any, name: str) -> None:
    sentence = f"This is a {name} export, of a form this version does not know"
    with pytest.raises(StoreError, match=f"^{sentence}$"):
        from_json(json.dumps(document))


def test_no_archive_is_an_end_without_a_word() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("other.json", "{}")
    with pytest.raises(StoreError, match=r"no conversations\.json"):
        from_json(unpacked(packed.getvalue()))
    with pytest.raises(StoreError, match="cannot be opened"):
        unpacked(packed.getvalue()[:40])


def test_circles_and_times_beyond_the_calendar_lose_no_text() -> None:
    document = copy.deepcopy(CHATGPT)
    mapping: dict[str, Any] = document[0]["mapping"]  # type: ignore[assignment]
    mapping["q"]["parent"] = "a"
    mapping["a"]["message"]["create_time"] = 1e15
    mapping["b"]["message"]["create_time"] = -1e15
    (record,) = from_json(json.dumps(document))
    assert len(record.messages) == 4
    assert from_json(to_json((record,))) == (record,)
