"""Every earlier version of the file becomes the present one, with what is in it."""

import json
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from shammah_tui.adapters.sqlite.connection import connect, connect_memory
from shammah_tui.adapters.sqlite.schema import MIGRATIONS, NewerSchemaError, migrate
from shammah_tui.core.conversation.export_format import from_json, to_json
from shammah_tui.core.conversation.ledger import LedgerRow, Period
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt
from shammah_tui.core.conversation.search_query import parse_query
from tests.adapters.sqlite_stores import Notices, check_sound, opened, say, texts

CHAT, ASKED, REPLY, OPEN = 1, 2, 3, 4


def build(path: Path, version: int) -> None:
    """Make the file as that version of the program wrote it, with a conversation in it."""
    path.touch()
    connection = connect(path)
    migrate(connection, version)
    if version >= 1:
        connection.execute(
            "INSERT INTO conversation (id, title, title_source, created_ms, active_ms, leaf_id)"
            " VALUES (?, 'Naïve eggs', 'user', 1793836800000, 1793836800000, ?)",
            (CHAT, REPLY),
        )
        connection.executemany(
            "INSERT INTO message (id, conversation_id, parent_id, role, created_ms, writer, text)"
            " VALUES (?, ?, ?, ?, 1793836800000, ?, ?)",
            (
                (ASKED, CHAT, None, "user", None, "How do I boil an egg?"),
                (REPLY, CHAT, ASKED, "assistant", None, "In hot water."),
                (OPEN, CHAT, ASKED, "assistant", "1:0.0", ""),
            ),
        )
        connection.execute("INSERT INTO piece (message_id, text) VALUES (?, 'Half')", (OPEN,))
        connection.executemany(
            "INSERT INTO receipt (message_id, side, label, reason, model, revision, prompt_tokens,"
            " reply_tokens, cost_microusd, interrupted) VALUES (?, ?, '', '', ?, '', ?, ?, ?, '')",
            ((REPLY, "Claude", "claude", 10, 20, 300), (OPEN, "Local", "", None, None, None)),
        )
    if version >= 2:
        connection.executemany(
            "INSERT INTO message_index (rowid, words) VALUES (?, ?)",
            ((ASKED, "how do i boil an egg"), (REPLY, "in hot water")),
        )
        connection.execute(
            "INSERT INTO title_index (rowid, words) VALUES (?, 'naive eggs')", (CHAT,)
        )
    if version >= 3:
        connection.execute(
            "INSERT INTO ledger VALUES (?, 1793836800000, 'Claude', 'claude', 10, 20, 300)",
            (REPLY,),
        )
    connection.close()


@pytest.mark.parametrize("version", range(len(MIGRATIONS) + 1))
async def test_each_earlier_version_becomes_this_one(tmp_path: Path, version: int) -> None:
    path = tmp_path / "conversations.db"
    build(path, version)
    notices = Notices()
    async with opened(path, notices) as store:
        assert await store.is_stored()
        if version:
            assert await texts(store, CHAT) == ["How do I boil an egg?", "In hot water."]
            hits = await store.search(parse_query("egg"))
            assert [hit.message_id for hit in hits] == [None, ASKED]
            assert [hit.message_id for hit in await store.search(parse_query("half"))] == [OPEN]
            rows = await store.ledger(Period.MONTH)
            assert [row for row in rows if row.side is Side.CLAUDE] == [
                LedgerRow("2026-11", Side.CLAUDE, "claude", 1, 10, 20, 300, 0)
            ]
            assert [row.replies for row in rows if row.side is Side.LOCAL] == [1]
        say(store, CHAT, "More", after=REPLY)
        assert (await texts(store, CHAT))[-2:] == ["More", "Yes"]
    assert notices.told == []
    check_sound(path)


def schema_of(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    return set(connection.execute("SELECT name, sql FROM sqlite_master"))


@pytest.mark.parametrize("version", range(len(MIGRATIONS)))
def test_all_ways_lead_to_one_schema(tmp_path: Path, version: int) -> None:
    build(tmp_path / "c.db", version)
    connection = connect(tmp_path / "c.db")
    migrate(connection)
    fresh = connect_memory()
    migrate(fresh)
    assert schema_of(connection) == schema_of(fresh)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    connection.close()
    fresh.close()


def test_a_step_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path / "c.db", 1)
    connection = connect(tmp_path / "c.db")
    before = schema_of(connection)

    def fails(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half (x)")
        connection.execute("INSERT INTO nothing VALUES (1)")

    steps = (*MIGRATIONS, fails)
    monkeypatch.setattr("shammah_tui.adapters.sqlite.schema.MIGRATIONS", steps)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection)
    assert schema_of(connection) == before
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.close()


def test_a_newer_version_is_refused() -> None:
    connection = connect_memory()
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(NewerSchemaError):
        migrate(connection)
    assert schema_of(connection) == set()
    connection.close()


def test_two_programs_that_migrate_at_once(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    build(path, 1)
    together = threading.Barrier(4)
    failures: list[BaseException] = []

    def start() -> None:
        try:
            connection = connect(path)
            together.wait()
            migrate(connection)
            connection.close()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


async def test_a_diagnosis_that_was_kept_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    build(path, 4)
    connection = connect(path)
    connection.execute("UPDATE conversation SET title = 'Self-Harm', title_source = 'model'")
    connection.execute("UPDATE receipt SET label = 'Claude · crisis', reason = 'Crisis'")
    connection.close()
    async with opened(path) as store:
        conversation = await store.open(CHAT)
        assert conversation is not None
        assert conversation.summary.title == "Conversation of 5 November"
        assert await store.search(parse_query("harm")) == ()
        receipt = conversation.path[1].receipt
        assert receipt is not None
        assert (receipt.label, receipt.reason) == ("Claude", "Forwarded")
    check_sound(path)


# Number, the message it follows, side, reason, label; questions have no side.
OLD = (
    (10, None, None, "", "my salary"),
    (11, 10, "Local", "Pinned", "Local · you asked · Qwen"),
    # Asked again later, by name: the first reply counts.
    (12, 10, "Claude", "Pinned", "Claude · you asked"),
    (13, 11, None, "", "and ten percent of it?"),
    (14, 13, "Local", "Default", "Local · Qwen"),
    (15, 13, "Claude", "Pinned", "Claude · you asked"),
    (16, None, None, "", "Claude, hello"),
    (17, 16, "Claude", "Pinned", "Claude · you asked"),
    # Its program was killed.
    (18, 17, None, "", "half a secret"),
    (19, 18, "Local", "", "Local · you asked · Qwen"),
    (20, None, None, "", "anything"),
    (21, 20, "Local", "Default", "Local · Qwen"),
    # A fork, made before anybody replied in it.
    (22, None, None, "", "my salary"),
)
PINS = {10: "Local", 16: "Claude", 18: "Local", 22: "Local"}
PRIVATE = {11, 14, 19}


def build_old(path: Path) -> None:
    """Make the file as a program without pins wrote it."""
    path.touch()
    connection = connect(path)
    migrate(connection, 4)
    connection.execute(
        "INSERT INTO conversation (id, title, title_source, created_ms, active_ms, leaf_id)"
        " VALUES (1, 'Old', 'user', 0, 0, 21)"
    )
    for number, parent, side, reason, text in OLD:
        role, moment = ("user", 5) if side is None else ("assistant", number)
        connection.execute(
            "INSERT INTO message (id, conversation_id, parent_id, role, created_ms, text)"
            " VALUES (?, 1, ?, ?, ?, ?)",
            (number, parent, role, moment, text),
        )
        if side is not None:
            connection.execute(
                "INSERT INTO receipt (message_id, side, label, reason, model, revision,"
                " interrupted) VALUES (?, ?, ?, ?, '', '', '')",
                (number, side, text, reason),
            )
    connection.close()


async def test_pins_of_old_questions_are_told_by_their_first_replies_once(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    build_old(path)
    async with opened(path) as store:
        (record,) = [each async for each in store.records()]
        pins = {each.id: each.pin.value for each in record.messages if each.pin is not None}
        assert pins == PINS
        assert {each.id for each in record.messages if each.is_private} == PRIVATE
        # From now on the pin is the question's own, whatever becomes of its replies.
        store.delete_messages((11,))
        store.begin_reply(1, 20, Receipt(Side.CLAUDE, "Claude · you asked"))
        (record,) = [each async for each in store.records()]
        assert {each.id for each in record.messages if each.pin is Side.LOCAL} == {10, 18, 22}


async def test_labels_of_old_replies_tell_what_was_left_out_once(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    build(path, 7)
    connection = connect(path)
    label = "Local · Qwen without the first 9 messages · without the first 12 messages · 1 tok/s"
    connection.execute("UPDATE receipt SET label = ? WHERE message_id = ?", (label, REPLY))
    connection.close()
    async with opened(path) as store:
        conversation = await store.open(CHAT)
        assert conversation is not None
        assert conversation.path[1].receipt is not None
        assert conversation.path[1].receipt.left_out == 12
        (record,) = [each async for each in store.records()]
        document = json.loads(to_json((record,)))
        receipt = document["conversations"][0]["messages"][1]["receipt"]
        assert receipt.pop("left_out") == 12
        # So older exports are, and they are read alike.
        assert from_json(json.dumps(document)) == (record,)
    check_sound(path)


async def test_an_old_export_is_read_as_the_old_file_was(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    build_old(path)
    async with opened(path) as store:
        (record,) = [each async for each in store.records()]
    document = json.loads(to_json((record,)))
    document["version"] = 2
    for message in document["conversations"][0]["messages"]:
        message.pop("pin", None)
        message.pop("private")
        message.get("receipt", {}).pop("kept_here", None)
    (read,) = from_json(json.dumps(document))
    # What nobody answered has nothing to be told by.
    expected = tuple(replace(each, pin=None) if each.id == 22 else each for each in record.messages)
    assert read.messages == expected
