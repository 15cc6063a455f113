"""A file that cannot be had yet, or not wholly: what is said is kept, what is there is shown."""

import asyncio
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.ledger import Period
from shammah_tui.core.conversation.records import TitleSource
from shammah_tui.core.conversation.search_query import parse_query
from shammah_tui.core.errors import StoreError
from shammah_tui.core.wording.storage import SAVED_AGAIN
from tests.adapters.sqlite_stores import Notices, check_sound, opened, say, shown, texts, until


def held(path: Path, how: str) -> sqlite3.Connection:
    """Return a connection of another program, which holds the file until it is closed."""
    other = sqlite3.connect(path, isolation_level=None)
    if how == "exclusively":
        # Nobody may even read, as while a rollback journal is written back.
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE" if how == "exclusively" else "BEGIN IMMEDIATE")
    return other


@pytest.mark.parametrize("how", ["for writing", "exclusively"])
async def test_what_is_said_while_another_program_holds_the_file_is_kept_when_it_is_done(
    tmp_path: Path, how: str
) -> None:
    path = tmp_path / "conversations.db"
    async with opened(path) as store:
        before = store.new_id()
        say(store, before, "Before", "A1")
    other = held(path, how)
    notices = Notices()
    async with opened(path, notices) as store:
        chat = store.new_id()
        _, last = say(store, chat, "During", "A2")
        store.rename(chat, "Renamed", TitleSource.USER)
        fork = store.fork(chat, last)
        await store.written()
        assert len(notices.told) == 1
        assert notices.told[0].startswith("Another program has locked")
        if how == "exclusively":
            # This session can be seen meanwhile; the rest is not said to be nothing.
            assert await texts(store, chat) == ["During", "A2"]
            copied = [message.id for message in (await shown(store, fork)).path]
        other.close()
        await until(notices, 2)
        assert notices.told[1] == SAVED_AGAIN
        assert await store.is_stored()
        assert await texts(store, chat) == ["During", "A2"]
        if how == "exclusively":
            assert [message.id for message in (await shown(store, fork)).path] == copied
        say(store, chat, "After", "A3", after=last)
    async with opened(path) as store:
        assert {each.id for each in await store.conversations()} == {before, chat, fork}
        assert await texts(store, chat) == ["During", "A2", "After", "A3"]
        assert (await shown(store, chat)).summary.title == "Renamed"
    check_sound(path)


async def test_what_cannot_be_read_is_not_nothing(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    async with opened(path) as store:
        say(store, store.new_id(), "Before", "A1")
    other = held(path, "exclusively")
    async with opened(path) as store:
        for look in (
            store.conversations,
            store.last_conversation,
            lambda: store.search(parse_query("before")),
            lambda: store.ledger(Period.DAY),
        ):
            with pytest.raises(StoreError, match="Another program has locked"):
                await look()
        with pytest.raises(StoreError, match="Another program has locked"):
            async for _ in store.records():
                raise AssertionError
        other.close()
        assert await store.settled(10) == ""
        assert len(await store.conversations()) == 1


async def test_what_is_held_at_the_end_is_told(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    async with opened(path) as store:
        await store.written()
    other = held(path, "for writing")
    async with opened(path) as store:
        say(store, store.new_id(), "Never kept")
        assert "Another program has locked" in await store.settled(0.1)
    assert "Another program has locked" in store.unkept
    other.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes; only the superuser has one made."""
    mount = shutil.which("mount")
    disk = tmp_path / "disk"
    disk.mkdir()
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True
    )
    if not made or made.returncode:
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.parametrize("is_new", [True, False], ids=["new", "existing"])
async def test_a_disk_that_is_full_at_the_start_is_named_and_written_once_there_is_room(
    small_disk: Path, is_new: bool
) -> None:
    path = small_disk / "shammah" / "conversations.db"
    before = 0
    if not is_new:
        async with opened(path) as store:
            before = store.new_id()
            say(store, before, "Before", "A1")
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(bytes(4096))
    notices = Notices()
    async with opened(path, notices) as store:
        chat = store.new_id()
        say(store, chat, "During", "A2")
        await store.written()
        assert notices.told == [
            "The disk is full: free some space, then this conversation is saved too"
        ]
        filler.unlink()
        await until(notices, 2)
        assert await texts(store, chat) == ["During", "A2"]
    async with opened(path) as store:
        assert {each.id for each in await store.conversations()} == {chat} | {before} - {0}
    check_sound(path)


async def filled(path: Path) -> tuple[int, int]:
    async with opened(path) as store:
        first, second = store.new_id(), store.new_id()
        say(store, first, "The egg", "Boiled")
        say(store, second, "The hen", "Brooding")
        store.save_draft(first, "unsent")
    return first, second


@pytest.mark.parametrize(
    "spoiled",
    [
        "UPDATE conversation SET title = CAST(x'54DF6C65' AS TEXT) WHERE id = {0}",
        "UPDATE message SET text = CAST(x'54DF6C65' AS TEXT) WHERE conversation_id = {0}",
        "UPDATE receipt SET label = CAST(x'54DF6C65' AS TEXT)",
        "UPDATE receipt SET side = CAST(x'54DF6C65' AS TEXT)",
        "UPDATE receipt SET stop_reason = CAST(x'54DF6C65' AS TEXT)",
        "UPDATE message SET role = CAST(x'54DF6C65' AS TEXT) WHERE conversation_id = {0}",
        "UPDATE conversation SET title_source = CAST(x'54DF6C65' AS TEXT)",
        "UPDATE draft SET text = CAST(x'54DF6C65' AS TEXT)",
        "UPDATE ledger SET model = CAST(x'54DF6C65' AS TEXT)",
    ],
)
async def test_one_byte_in_one_row_never_takes_the_rest_away(tmp_path: Path, spoiled: str) -> None:
    path = tmp_path / "conversations.db"
    first, second = await filled(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(spoiled.format(first))
    notices = Notices()
    async with opened(path, notices) as store:
        listed = await store.conversations()
        assert {each.id for each in listed} == {first, second}
        assert await texts(store, second) == ["The hen", "Brooding"]
        opened_first = await shown(store, first)
        assert len([record async for record in store.records()]) == 2
        assert len(await store.search(parse_query("hen"))) > 0
        await store.ledger(Period.DAY)
        if "SET title =" in spoiled:
            assert opened_first.summary.title == "T\ufffdle [damaged]"
        if "SET text" in spoiled and "message" in spoiled:
            assert opened_first.path[0].text == "T\ufffdle [damaged]"
        # It can be gone on with, too.
        say(store, first, "More", after=opened_first.path[-1].id)
        store.fork(first, opened_first.path[-1].id)
        await store.written()
        assert (await shown(store, first)).path[-1].text == "Yes"
    assert notices.told == []


async def test_a_byte_in_the_schema_is_mended_wherever_it_is(tmp_path: Path) -> None:
    source = tmp_path / "conversations.db"
    first, second = await filled(source)
    with closing(sqlite3.connect(source, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        names = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        statements = [sql.encode() for (sql,) in names]
    content = source.read_bytes()
    told = []
    for number, statement in enumerate(statements):
        at = content.index(statement) + (number * 7) % len(statement)
        path = tmp_path / str(number) / "conversations.db"
        path.parent.mkdir()
        path.write_bytes(content[:at] + b"\xdf" + content[at + 1 :])
        notices = Notices()
        async with opened(path, notices) as store:
            assert {each.id for each in await store.conversations()} == {first, second}
            assert await texts(store, first) == ["The egg", "Boiled"]
            say(store, store.new_id(), "New")
            assert len(await store.search(parse_query("egg"))) > 0
        assert notices.told in ([], [f"{path} was damaged and has been repaired: nothing was lost"])
        told += notices.told
        check_sound(path)
    assert len(told) > 5


async def test_two_programs_that_open_at_once_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    stores = [SqliteStore(path) for _ in range(8)]
    for store in stores:
        say(store, store.new_id(), "At once")
    assert set(await asyncio.gather(*(store.settled(30) for store in stores))) == {""}
    for store in stores:
        await store.close()
    async with opened(path) as store:
        assert len(await store.conversations()) == 8


async def test_a_letter_of_the_schema_that_became_another_is_mended_by_the_next_start(
    tmp_path: Path,
) -> None:
    path = tmp_path / "conversations.db"
    first, second = await filled(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    content = path.read_bytes()
    assert content.count(b"title_source TEXT") == 1
    path.write_bytes(content.replace(b"title_source TEXT", b"tit1e_source TEXT"))
    notices = Notices()
    async with opened(path, notices) as store:
        with pytest.raises(StoreError, match="is damaged"):
            await store.conversations()
        await until(notices, 1)
    async with opened(path, notices) as store:
        assert {each.id for each in await store.conversations()} == {first, second}
    assert notices.told[1:] == [f"{path} was damaged and has been repaired: nothing was lost"]
    check_sound(path)
