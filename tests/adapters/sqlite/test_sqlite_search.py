"""Search over real conversations."""

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.excerpts import SearchHit
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt, TitleSource
from shammah_tui.core.conversation.search_query import parse_query
from tests.adapters.sqlite_stores import Clock, opened, receipt, say

DAY_S = 86_400


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """Three days of talk."""
    clock = Clock()
    async with opened(tmp_path / "c.db", clock=clock) as store:
        eggs = store.new_id()
        _, reply = say(store, eggs, "How do I boil an egg?", "In hot water, seven minutes.")
        clock.now_s += DAY_S
        say(
            store,
            eggs,
            "And a café crème? 世界你好",
            "With naïveté: hot_milk first, then water.",
            after=reply,
            given=receipt(
                Side.CLAUDE,
                label="Claude · model still downloading (45 %)",
                reason="ModelNotReady",
                model="claude-sonnet-5-5",
                revision="",
            ),
        )
        clock.now_s += DAY_S
        dark = store.new_id()
        say(
            store,
            dark,
            "I feel very low",
            "I am glad that you tell me.",
            given=receipt(
                Side.CLAUDE, label="Claude Sonnet 5.5", reason="Forwarded", model="claude-x"
            ),
        )
        store.rename(dark, "A hard evening", TitleSource.USER)
        yield store


async def found(store: SqliteStore, query: str) -> list[str]:
    """Return the first words of each hit."""
    hits = await store.search(parse_query(query))
    return [" ".join(hit.excerpt.text.split()[:3]) for hit in hits]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("egg", ["How do I", "How do I"]),
        ("EG", ["How do I", "How do I"]),
        ("boi eg ", []),
        ("boil eg", ["How do I", "How do I"]),
        ("water", ["With naïveté: hot_milk", "In hot water,"]),
        ('"hot water"', ["In hot water,"]),
        ('"hot m', ["With naïveté: hot_milk"]),
        ("hot_milk", ["With naïveté: hot_milk"]),
        ("cafe creme", ["And a café"]),
        ("NAIVETE", ["With naïveté: hot_milk"]),
        ("世界", ["And a café"]),
        ("界你", ["And a café"]),
        ("界世", []),
        ("evening", ["A hard evening"]),
        ("from:local", ["In hot water,"]),
        ("from:claude water", ["With naïveté: hot_milk"]),
        ("from:me water", []),
        ("from:me", ["I feel very", "And a café", "How do I"]),
        ("why:forwarded", ["I am glad"]),
        ("why:modelnotready", ["With naïveté: hot_milk"]),
        ('why:"still downloading"', ["With naïveté: hot_milk"]),
        ("model:claude", ["I am glad", "With naïveté: hot_milk"]),
        ("model:q4_k", ["I am glad", "In hot water,"]),
        ("model:qwen from:claude", []),
        ("before:2026-11-06 from:me", ["How do I"]),
        ("after:2026-11-06 from:me", ["I feel very", "And a café"]),
        ("after:2026-11-06 before:2026-11-07 from:me", ["And a café"]),
        ("after:2026-11 before:2027 water", ["With naïveté: hot_milk", "In hot water,"]),
        ("after:9999-12-31", []),
        ("before:1970", []),
        ("why:% from:me", []),
        ("why:%", ["With naïveté: hot_milk"]),
        ("nothing of the kind", []),
        ("'", []),
        ("", []),
    ],
)
async def test_queries(store: SqliteStore, query: str, expected: list[str]) -> None:
    assert await found(store, query) == expected


async def test_a_hit_says_where_it_is(store: SqliteStore) -> None:
    title, question = await store.search(parse_query("egg"))
    eggs = title.conversation_id
    assert title == SearchHit(
        eggs, "How do I boil an egg?", None, None, "", title.created_ms, title.excerpt
    )
    assert title.excerpt.marks == ((17, 20),)
    conversation = await store.open(eggs)
    assert conversation is not None
    assert question.message_id == conversation.path[0].id
    assert question.role is Role.USER
    (reply,) = await store.search(parse_query("milk"))
    assert reply.role is Role.ASSISTANT
    assert reply.label == "Claude · model still downloading (45 %)"
    assert reply.created_ms == conversation.path[3].created_ms


async def test_each_letter_finds_more_closely(store: SqliteStore) -> None:
    for query in ("m", "mi", "min", "minu", "minut", "minute", "minutes"):
        assert "In hot water," in await found(store, query)
    assert await found(store, "minutess") == []


async def test_the_limit_is_of_the_newest(store: SqliteStore) -> None:
    hits = await store.search(parse_query("from:me"), limit=1)
    assert [hit.excerpt.text for hit in hits] == ["I feel very low"]


async def test_a_renamed_conversation_is_found_by_its_new_title_only(store: SqliteStore) -> None:
    (hit,) = await store.search(parse_query("evening"))
    store.rename(hit.conversation_id, "A better morning", TitleSource.USER)
    assert await found(store, "evening") == []
    assert await found(store, "morn") == ["A better morning"]


async def test_a_reply_under_way_is_found_when_it_is_over(store: SqliteStore) -> None:
    chat = store.new_id()
    asked = store.add_question(chat, None, "Q").id
    reply = store.begin_reply(chat, asked, Receipt(Side.LOCAL, "Local")).id
    store.append(reply, "Zeb")
    store.append(reply, "ras run")
    assert await found(store, "zebras") == []
    assert len(await found(store, "from:local")) == 1
    store.finish_reply(reply, receipt())
    assert await found(store, "zebras") == ["Zebras run"]


async def test_all_branches_are_searched(store: SqliteStore) -> None:
    chat = store.new_id()
    say(store, chat, "Zebras one")
    say(store, chat, "Zebras two")
    assert await found(store, "from:me zebras") == ["Zebras two", "Zebras one"]


async def test_days_are_those_of_the_place(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 2026-11-05 00:00 UTC is still the fourth there.
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    assert os.environ["TZ"] != "UTC"
    assert await found(store, "from:me before:2026-11-05") == ["How do I"]


async def test_a_search_that_is_given_up_makes_room_for_the_next(store: SqliteStore) -> None:
    started = threading.Event()

    def endless(connection: sqlite3.Connection) -> object:
        connection.create_function("running", 0, started.set)
        return connection.execute(
            "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n)"
            " SELECT max(i), running() FROM n WHERE i % 1000 OR running() IS NULL"
        ).fetchone()

    query = parse_query("water")
    running = asyncio.create_task(store._reader.read(endless))
    assert await asyncio.to_thread(started.wait, 60)
    queued = [asyncio.create_task(store.search(query)) for _ in range(3)]
    await asyncio.sleep(0)
    queued[0].cancel()
    running.cancel()
    assert len(await queued[1]) == len(await queued[2]) == 2
    for given_up in (running, queued[0]):
        with pytest.raises(asyncio.CancelledError):
            await given_up


async def test_an_interruption_that_was_meant_for_another_does_no_harm(store: SqliteStore) -> None:
    started, interrupted = threading.Event(), threading.Event()
    runs: list[int] = []

    def wait() -> int:
        runs.append(1)
        started.set()
        assert interrupted.wait(60)
        return 1

    def slow(connection: sqlite3.Connection) -> object:
        connection.create_function("wait", 0, wait)
        numbers = "SELECT wait() AS n UNION ALL SELECT 2 UNION ALL SELECT 3"
        return connection.execute(f"SELECT sum(n) FROM ({numbers})").fetchone()[0]

    reading = asyncio.create_task(store._reader.read(slow))
    assert await asyncio.to_thread(started.wait, 60)
    assert store._reader._connection is not None
    store._reader._connection.interrupt()
    interrupted.set()
    assert await reading == 6
    assert len(runs) == 2


async def test_parts_of_words_and_code_signs_are_found(tmp_path: Path) -> None:
    async with opened(tmp_path / "c.db") as store:
        for question in ("The partition", "A C++ map", "A c map", "p->next", "foo_bar", "foobar"):
            say(store, store.new_id(), question, "Yes", given=receipt(label="Local"))
        # A part in a whole word comes after the word.
        say(store, store.new_id(), "An art", "Yes")

        async def found(asked: str) -> list[str]:
            hits = await store.search(parse_query(asked))
            return [hit.excerpt.text for hit in hits if hit.message_id]

        assert await found("artition") == ["The partition"]
        assert await found("art ") == ["An art", "The partition"]
        assert await found("C++") == ["A C++ map"]
        assert await found("->NEXT") == ["p->next"]
        assert await found("foo_bar") == ["foo_bar"]
        assert await found("100%") == []
        titles = [hit.title for hit in await store.search(parse_query("artit")) if not hit.role]
        assert titles == ["The partition"]
