"""What was asked of whom."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shammah_tui.core.conversation.ledger import LedgerRow, Period
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt
from shammah_tui.core.conversation.reply import Usage
from tests.adapters.sqlite_stores import Clock, opened, receipt, say

DAY_S = 86_400


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


async def test_by_day_and_by_month_of_local_time(tmp_path: Path) -> None:
    clock = Clock()  # 01:00 on 5 November in Berlin
    async with opened(tmp_path / "c.db", clock=clock) as store:
        chat = store.new_id()
        claude = receipt(Side.CLAUDE, model="claude-sonnet-5-5", cost_microusd=6_000)
        say(store, chat, "Q")
        say(store, chat, "Q", given=claude)
        say(store, chat, "Q", given=claude)
        clock.now_s -= 2 * 3600  # 23:00 on the day before
        say(store, chat, "Q", given=receipt(usage=Usage(), model="qwen3.5-2b"))
        clock.now_s -= 10 * DAY_S  # in October
        say(store, chat, "Q", given=receipt(Side.CLAUDE, cost_microusd=None, model=""))
        assert await store.ledger(Period.DAY) == (
            LedgerRow("2026-11-05", Side.CLAUDE, "claude-sonnet-5-5", 2, 2_000, 400, 12_000, 0),
            LedgerRow("2026-11-05", Side.LOCAL, "qwen3.5-4b", 1, 1_000, 200, 0, 1),
            LedgerRow("2026-11-04", Side.LOCAL, "qwen3.5-2b", 1, 0, 0, 0, 1),
            LedgerRow("2026-10-25", Side.CLAUDE, "", 1, 1_000, 200, 0, 1),
        )
        assert [(row.period, row.replies) for row in await store.ledger(Period.MONTH)] == [
            ("2026-11", 2),
            ("2026-11", 1),
            ("2026-11", 1),
            ("2026-10", 1),
        ]


async def test_it_counts_what_was_deleted(tmp_path: Path) -> None:
    async with opened(tmp_path / "c.db") as store:
        chat = store.new_id()
        asked, reply = say(store, chat, "Q")
        before = await store.ledger(Period.DAY)
        store.delete_messages((asked, reply))
        store.purge()
        assert await store.open(chat) is None
        assert await store.ledger(Period.DAY) == before


async def test_a_reply_counts_once_and_when_it_is_over(tmp_path: Path) -> None:
    async with opened(tmp_path / "c.db") as store:
        chat = store.new_id()
        asked = store.add_question(chat, None, "Q").id
        reply = store.begin_reply(chat, asked, Receipt(Side.LOCAL, "Local")).id
        assert await store.ledger(Period.DAY) == ()
        store.finish_reply(reply, receipt())
        store.finish_reply(reply, receipt())
        (row,) = await store.ledger(Period.DAY)
        assert row.replies == 1
