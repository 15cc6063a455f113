"""``shammah usage``: the ledger of real replies, priced by the settings."""

import pytest

from shammah_tui.core.conversation.pins import Side
from tests.adapters.sqlite_stores import Clock, opened, receipt, say
from tests.commands.ask_runs import AskRuns

PRICES = """
[claude]
model = "claude-mine"
[prices]
date = "2026-11-01"
[prices.models."claude-mine"]
input = 3.0
output = 15
"""


@pytest.fixture
async def counted(asks: AskRuns) -> None:
    """Five replies in two months."""
    clock = Clock()
    async with opened(asks.store, clock=clock) as store:
        chat = store.new_id()
        for _ in range(3):
            say(store, chat, "Q", given=receipt(Side.LOCAL))
        clock.now_s += 40 * 86_400
        say(store, chat, "Q", given=receipt(Side.CLAUDE, cost_microusd=6_000))
        say(store, chat, "Q", given=receipt(Side.CLAUDE, cost_microusd=None))


@pytest.mark.usefixtures("counted")
def test_by_month_and_day(asks: AskRuns) -> None:
    asks.configure(PRICES)
    found = asks.json("usage", "--json")
    newest, oldest = found["periods"]
    assert (newest["period"], oldest["period"]) == ("2026-12", "2026-11")
    assert (newest["claude_replies"], newest["local_share"], newest["spent_usd"]) == (2, 0, 0.006)
    assert newest["unpriced_replies"] == 1
    # Three times 1 000 tokens in at 3 dollars a million, and 200 out at 15.
    assert oldest["saved_usd"] == pytest.approx(3 * (0.003 + 0.003))
    assert found["total"]["local_share"] == 0.6
    assert found["saved_against"] == {
        "model": "claude-mine",
        "input_usd": 3.0,
        "output_usd": 15.0,
        "as_of": "2026-11-01",
    }
    assert len(asks.json("usage", "--json", "--by", "day")["periods"][0]["period"]) == 10


@pytest.mark.usefixtures("counted")
def test_the_table(asks: AskRuns) -> None:
    asks.configure(PRICES)
    said = asks.run("usage")
    assert (said.status, said.errors) == (0, "")
    head, newest, oldest, total, empty, saved, spent = said.output.splitlines()
    assert head.split()[:3] == ["LOCAL", "CLAUDE", "SHARE"]
    assert " ".join(newest.split()) == (
        "2026-12 0 2 0 % 0 in 0 out 2,000 in 400 out $0.0060 + ? $0.00"
    )
    assert " ".join(oldest.split()) == (
        "2026-11 3 0 100 % 3,000 in 600 out 0 in 0 out $0.00 $0.0180"
    )
    # Columns of figures end below each other.
    assert len(newest) == len(oldest) == len(total) == len(head)
    assert total.split()[:5] == ["total", "3", "2", "60", "%"]
    assert empty == ""
    assert "claude-mine rates ($3.00/$15.00 per million" in saved
    assert "per million, 2026-11-01). Change under [prices]" in saved
    assert spent.startswith("Spent leaves out 1 Claude reply of unknown cost")


@pytest.mark.usefixtures("counted")
def test_nothing_is_claimed_without_a_price(asks: AskRuns) -> None:
    asks.configure('[claude]\nmodel = "claude-unheard-of"\n')
    total = asks.json("usage", "--json")["total"]
    assert total["saved_usd"] is None
    assert 'Add [prices.models."claude-unheard-of"]' in asks.run("usage").output


def test_nothing_is_counted(asks: AskRuns) -> None:
    said = asks.run("usage")
    assert (said.status, said.output) == (0, "")
    assert "No usage yet" in said.errors
