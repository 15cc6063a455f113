import json
from collections.abc import Callable
from typing import Any

import pytest

from shammah_tui.core.conversation.export_format import (
    BETWEEN,
    DOCUMENT_END,
    DOCUMENT_START,
    FORMAT,
    VERSION,
    from_json,
    json_conversation,
    to_json,
)
from shammah_tui.core.errors import StoreError
from tests.core.export_records import EMPTY, FULL


@pytest.mark.parametrize("records", [(), (FULL,), (FULL, EMPTY)])
def test_nothing_is_lost(records: tuple[Any, ...]) -> None:
    text = to_json(records)
    assert from_json(text) == records
    assert from_json(text.encode()) == records
    assert to_json(from_json(text)) == text


def test_the_document_is_json_that_others_can_read() -> None:
    document = json.loads(to_json((FULL, EMPTY)))
    assert document["format"] == FORMAT
    assert document["version"] == VERSION
    first = document["conversations"][0]
    assert first["created"] == "2026-11-05T00:00:00.123+00:00"
    assert first["messages"][1]["receipt"]["cost_microusd"] == 17
    # Ids beyond 2**53 are no numbers, which JavaScript would round.
    assert int(first["id"], 16) == FULL.id


def test_a_document_may_be_written_in_pieces() -> None:
    pieces = [DOCUMENT_START, json_conversation(FULL), BETWEEN, json_conversation(EMPTY)]
    assert "".join((*pieces, DOCUMENT_END)) == to_json((FULL, EMPTY))


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    document = json.loads(to_json((FULL, EMPTY)))
    change(document)
    return json.dumps(document)


def message(document: dict[str, Any], number: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = document["conversations"][0]["messages"][number]
    return found


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda d: d.update(format="x"),
            (
                "This file is no export of `shammah export --all --format json`, ChatGPT, Claude or"
                " LibreChat"
            ),
        ),
        (lambda d: d.pop("version"), "This export says no version; export it again"),
        (lambda d: d.update(version=0), "This export says no version; export it again"),
        (
            lambda d: d.update(version=VERSION + 1),
            "This export was made by a newer Shammah: update Shammah to read it",
        ),
        (lambda d: d.pop("conversations"), "The export has no list of conversations"),
        (lambda d: d["conversations"].append(3), "Conversation 3 is not an object"),
        (lambda d: d["conversations"][1].pop("title"), "Conversation 2 has no title"),
        (
            lambda d: d["conversations"][1].update(pinned=1),
            "Conversation 2 has a pinned that cannot be used",
        ),
        (
            lambda d: d["conversations"][1].update(leaf="9"),
            "Conversation 2 has a leaf that is none of its messages",
        ),
        (
            lambda d: d["conversations"][1].update(id=d["conversations"][0]["id"]),
            "The export has two conversations with one id",
        ),
        (
            lambda d: message(d).update(id=message(d, 0)["id"]),
            "The export has two messages with one id",
        ),
        (
            lambda d: message(d, 0).update(parent=message(d)["id"]),
            "Conversation 1 has a message whose parent does not come before it",
        ),
        (
            lambda d: message(d).update(parent=message(d)["id"]),
            "Conversation 1 has a message whose parent does not come before it",
        ),
        (
            lambda d: message(d).update(role="robot"),
            "Conversation 1, message 2 has a role that cannot be used",
        ),
        (
            lambda d: message(d).update(text=None),
            "Conversation 1, message 2 has a text that cannot be used",
        ),
        (
            lambda d: message(d).update(created="2026-11-05"),
            "Conversation 1, message 2 has a created that cannot be used",
        ),
        (
            lambda d: message(d)["receipt"].update(prompt_tokens=-1),
            "Conversation 1, message 2, receipt has a prompt_tokens that cannot be used",
        ),
        (
            lambda d: message(d)["receipt"].update(reply_tokens=2**63),
            "Conversation 1, message 2, receipt has a reply_tokens that cannot be used",
        ),
        (
            lambda d: message(d)["receipt"].update(tokens_per_s=float("nan")),
            "Conversation 1, message 2, receipt has a tokens_per_s that cannot be used",
        ),
        (
            lambda d: message(d)["receipt"].update(first_token_s=10**400),
            "Conversation 1, message 2, receipt has a first_token_s that cannot be used",
        ),
        (
            lambda d: message(d)["receipt"].update(cost_microusd=True),
            "Conversation 1, message 2, receipt has a cost_microusd that cannot be used",
        ),
        (
            lambda d: message(d).update(receipt=[]),
            "Conversation 1, message 2, receipt is not an object",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    change: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    with pytest.raises(StoreError) as raised:
        from_json(changed(change))
    assert str(raised.value) == sentence


@pytest.mark.parametrize("wrong", ["0", "-1", "8000000000000000", "zz", "", 7, None])
def test_ids_that_the_database_does_not_take_are_refused(wrong: object) -> None:
    with pytest.raises(StoreError, match="has a id that cannot be used"):
        from_json(changed(lambda d: message(d).update(id=wrong)))


@pytest.mark.parametrize("text", ["", "[", "3", "null", "[]", b"\xff\xfe\x00", "[" * 100_000])
def test_other_files_are_refused_in_words(text: str | bytes) -> None:
    with pytest.raises(StoreError, match=r"^This "):
        from_json(text)


def test_half_a_surrogate_pair_does_not_come_in() -> None:
    text = changed(lambda d: message(d).update(text="a\ud800b\ud83d\udc4d"))
    assert from_json(text)[0].messages[1].text == "a\ufffdb👍"
