"""The file: private, made, refused, set aside."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from shammah_tui.adapters.sqlite.opening import store_path
from shammah_tui.adapters.sqlite.schema import MIGRATIONS
from shammah_tui.core.conversation.search_query import parse_query
from shammah_tui.core.errors import StoreError
from tests.adapters.sqlite_stores import Notices, check_sound, opened, say, texts, until

as_others = pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_place_follows_the_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert store_path().is_relative_to(tmp_path)
    assert store_path().parent.name == "shammah"


async def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "shammah" / "conversations.db"
    before = os.umask(0)
    try:
        async with opened(path) as store:
            say(store, store.new_id(), "Q")
            await store.conversations()
            files = list(path.parent.iterdir())
            assert {each.name.removeprefix(path.name) for each in files} == {
                "",
                "-wal",
                "-shm",
                ".lock",
            }
            assert {mode(each) for each in files} == {0o600}
            assert mode(path.parent) == 0o700
    finally:
        os.umask(before)


async def test_what_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "shammah" / "conversations.db"
    async with opened(path) as store:
        say(store, store.new_id(), "Q")
    path.chmod(0o644)
    path.parent.chmod(0o755)
    async with opened(path) as store:
        assert len(await store.conversations()) == 1
        assert mode(path) == mode(path.with_name(path.name + "-wal")) == 0o600
        assert mode(path.parent) == 0o700


async def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    async with opened(path) as store:
        say(store, store.new_id(), "Q")
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    notices = Notices()
    async with opened(path, notices) as store:
        assert not await store.is_stored()
        chat = store.new_id()
        say(store, chat, "Goes on", "So it does")
        assert await texts(store, chat) == ["Goes on", "So it does"]
        assert len(await store.search(parse_query("goes"))) == 2
    sentence = (
        f"{path} was written by a newer Shammah: update Shammah to read it; until then nothing is "
        "stored"
    )
    assert notices.told == [sentence]
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["text", "header", "schema", "log"])
async def test_a_damaged_file_is_set_aside_for_a_new_one(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "conversations.db"
    async with opened(path) as store:
        say(store, store.new_id(), "Q")
    content = bytearray(path.read_bytes())
    match damage:
        case "text":
            content = bytearray(b"This was never a database. " * 100)
        case "header":
            content[:16] = bytes(16)
        case "schema":
            content[100:4096] = b"\xff" * 3996
        case "log":
            content[:100] = b"\xff" * 100
            path.with_name(path.name + "-wal").write_bytes(b"log")
    path.write_bytes(content)
    notices = Notices()
    async with opened(path, notices) as store:
        assert await store.is_stored()
        assert await store.conversations() == ()
        chat = store.new_id()
        say(store, chat, "New", "Kept")
    (told,) = notices.told
    aside = next(
        each for each in tmp_path.iterdir() if "damaged" in each.name and each.suffix == ".db"
    )
    assert told == (
        f"The conversations' file was damaged: it was moved to {aside}, and a new one was started"
    )
    assert aside.read_bytes() == content
    async with opened(path, notices) as store:
        assert await texts(store, chat) == ["New", "Kept"]
    assert len(notices.told) == 1
    check_sound(path)


async def test_each_damaged_file_has_a_name_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    notices = Notices()
    for number in range(3):
        path.write_text(f"Not a database {number} " * 100)
        async with opened(path, notices) as store:
            assert await store.is_stored()
    assert len(set(notices.told)) == 3
    asides = [each for each in tmp_path.iterdir() if "damaged" in each.name]
    assert len({each.read_text() for each in asides}) == 3


def damage_pages_of(path: Path, table: str) -> None:
    connection = sqlite3.connect(path)
    pages = [
        page for (page,) in connection.execute("SELECT pageno FROM dbstat WHERE name = ?", (table,))
    ]
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    content = bytearray(path.read_bytes())
    for page in pages:
        content[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(content)


async def test_damage_that_shows_later_is_told_and_mended_by_the_next_start(
    tmp_path: Path,
) -> None:
    path = tmp_path / "conversations.db"
    async with opened(path) as store:
        chat = store.new_id()
        say(store, chat, "Q", "word " * 5_000)
    damage_pages_of(path, "message")
    notices = Notices()
    sentence = f"{path} is damaged: start again; it is then set aside for a new one"
    async with opened(path, notices) as store:
        with pytest.raises(StoreError) as raised:
            await store.open(chat)
        assert str(raised.value) == sentence
        await until(notices, 1)
        # The chat goes on.
        say(store, store.new_id(), "Not kept")
        await store.written()
        assert notices.told == [sentence]
    async with opened(path, notices) as store:
        assert await store.is_stored()
        assert await store.conversations() == ()
    assert len(notices.told) == 2
    assert "was damaged: it was moved to" in notices.told[1]
    check_sound(path)


async def test_damage_met_while_writing(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    async with opened(path) as store:
        chat = store.new_id()
        say(store, chat, "Q", "A")
    damage_pages_of(path, "ledger")
    notices = Notices()
    async with opened(path, notices) as store:
        say(store, chat, "More")
        await store.written()
        assert notices.told == [
            f"{path} is damaged: start again; it is then set aside for a new one"
        ]
        say(store, chat, "And more")
        await store.written()
        assert len(notices.told) == 1


async def test_a_damaged_index_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    async with opened(path) as store:
        chat = store.new_id()
        say(store, chat, "The egg", "A")
    connection = sqlite3.connect(path)
    connection.execute("UPDATE message_index_data SET block = x'ff00ff00' WHERE id > 10")
    connection.commit()
    connection.close()
    notices = Notices()
    async with opened(path, notices) as store:
        with pytest.raises(StoreError, match="is damaged"):
            await store.search(parse_query("egg"))
        await until(notices, 1)
    async with opened(path, notices) as store:
        assert len(await store.search(parse_query("egg"))) == 2
        assert await texts(store, chat) == ["The egg", "A"]
    assert len(notices.told) == 1
    check_sound(path)


@pytest.mark.parametrize("where", ["a file in its way", "a folder in its place"])
async def test_where_nothing_can_be_kept_the_chat_goes_on(tmp_path: Path, where: str) -> None:
    if where == "a file in its way":
        (tmp_path / "taken").write_text("")
        path = tmp_path / "taken" / "shammah" / "conversations.db"
    else:
        path = tmp_path / "conversations.db"
        path.mkdir()
    notices = Notices()
    async with opened(path, notices) as store:
        assert not await store.is_stored()
        chat = store.new_id()
        say(store, chat, "Q", "A")
        assert await texts(store, chat) == ["Q", "A"]
    (told,) = notices.told
    reason = "Not a directory" if where == "a file in its way" else "Is a directory"
    assert told == f"Nothing is stored: {path} cannot be opened ({reason})"


@as_others
async def test_a_folder_without_the_right_to_write(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(mode=0o500)
    notices = Notices()
    async with opened(tmp_path / "shut" / "conversations.db", notices) as store:
        assert not await store.is_stored()
    assert "Permission denied" in notices.told[0]
