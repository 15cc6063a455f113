"""Disks that fill up, and files that somebody else holds: the chat goes on."""

import asyncio
import dataclasses
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import ImportResult, Receipt, TitleSource
from shammah_tui.core.errors import StoreError
from shammah_tui.core.wording.storage import SAVED_AGAIN
from tests.adapters.sqlite_stores import (
    Notices,
    check_sound,
    opened,
    receipt,
    say,
    shown,
    texts,
    until,
)
from tests.core.export_records import EMPTY, FULL

FULL_DISK = "The disk is full: free some space, then this conversation is saved too"


async def limit_pages(store: SqliteStore, more: int) -> None:
    """Let the file grow by so many pages; beyond them SQLite finds the disk full."""

    def limit(connection: sqlite3.Connection) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + more}")

    await asyncio.wrap_future(store._writer.call(limit))


async def test_what_a_full_disk_refuses_is_saved_when_there_is_space(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    notices = Notices()
    async with opened(path, notices) as store:
        chat = store.new_id()
        _, last = say(store, chat, "Before", "A1")
        await limit_pages(store, 3)
        asked = store.add_question(chat, last, "During").id
        reply = store.begin_reply(chat, asked, Receipt(Side.LOCAL, "Local")).id
        expected = ""
        for number in range(100):
            piece = f"{number} " + "x" * 1_000
            store.append(reply, piece)
            await store.written()  # and shown
            expected += piece
        assert notices.told == [FULL_DISK]
        store.finish_reply(reply, receipt())
        store.rename(chat, "Later", TitleSource.USER)
        await store.written()
        assert (await shown(store, chat)).path[-1].text != expected
        await limit_pages(store, 10_000)
        store.save_draft(chat, "next")
        await store.written()
        assert notices.told == [FULL_DISK, SAVED_AGAIN]
        conversation = await shown(store, chat)
        assert [each.text for each in conversation.path] == ["Before", "A1", "During", expected]
        assert conversation.summary.title == "Later"
        assert conversation.draft == "next"
    check_sound(path)


async def test_what_is_held_is_tried_once_more_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    notices = Notices()
    async with opened(path, notices) as store:
        chat = store.new_id()
        await store.written()
        await limit_pages(store, 0)
        say(store, chat, "x" * 50_000)
        await store.written()
        assert notices.told == [FULL_DISK]
        await limit_pages(store, 10_000)
    async with opened(path) as store:
        assert await texts(store, chat) == ["x" * 50_000, "Yes"]


async def test_an_import_that_does_not_fit_goes_on_when_there_is_space(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    async with opened(path) as store:
        chat = store.new_id()
        say(store, chat, "Q")
        message = dataclasses.replace(FULL.messages[0], id=1, text="x" * 100_000)
        big = dataclasses.replace(FULL, id=2, leaf_id=1, place_id=None, messages=(message,))
        await limit_pages(store, 10)
        with pytest.raises(StoreError, match=r"^The disk is full"):
            await store.import_records((EMPTY, FULL, big))
        assert {each.id for each in await store.conversations()} == {chat, FULL.id}
        await limit_pages(store, 10_000)
        assert await store.import_records((EMPTY, FULL, big)) == ImportResult(1, 1)
        assert await texts(store, big.id) == ["x" * 100_000]
    check_sound(path)


async def test_a_file_that_another_program_holds(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    notices = Notices()
    async with opened(path, notices) as store:
        chat = store.new_id()
        say(store, chat, "Before")
        await asyncio.wrap_future(
            store._writer.call(lambda connection: connection.execute("PRAGMA busy_timeout = 20"))
        )
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        store.save_draft(chat, "held")
        await until(notices, 1)
        assert notices.told == [
            f"Another program has locked {path}: this conversation is saved when it is free"
        ]
        # What is there can be read meanwhile.
        assert await texts(store, chat) == ["Before", "Yes"]
        assert (await shown(store, chat)).draft == ""
        other.execute("COMMIT")
        other.close()
        store.save_place(chat, None)
        assert (await shown(store, chat)).draft == "held"
        assert notices.told[1:] == [SAVED_AGAIN]


async def test_waiting_for_another_program_takes_no_notice(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    notices = Notices()
    async with opened(path, notices) as store:
        chat = store.new_id()
        say(store, chat, "Before")
        await store.written()
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        store.save_draft(chat, "waited")
        waiting = asyncio.create_task(store.written())
        await asyncio.sleep(0)
        assert not waiting.done()
        other.execute("COMMIT")
        other.close()
        await waiting
        assert (await shown(store, chat)).draft == "waited"
    assert notices.told == []


async def test_a_disk_that_takes_no_more_bytes(tmp_path: Path) -> None:
    # A real process whose files may not grow beyond a limit: writes fail in the middle.
    path = tmp_path / "conversations.db"
    code = f"""
import asyncio, resource
from pathlib import Path
from shammah_tui.adapters.sqlite.store import SqliteStore
from tests.adapters.sqlite_stores import say, texts

async def main():
    told = []
    store = SqliteStore(Path({str(path)!r}), told.append)
    chat = store.new_id()
    say(store, chat, "Before")
    await store.written()
    size = Path({str(path) + "-wal"!r}).stat().st_size
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10_000, hard))
    for number in range(50):
        say(store, chat, f"During {{number}}", "x" * 1_000)
        await store.written()
    assert len(told) == 1, told
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    say(store, chat, "After")
    await store.written()
    assert len(told) == 2, told
    assert (await store.open(chat)).summary.message_count == 104
    await store.close()
    print(told[0])

asyncio.run(main())
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "Traceback" not in told.stderr
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith(("The disk is full", "The disk cannot write"))
    check_sound(path)
