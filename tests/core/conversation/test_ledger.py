from datetime import date

import pytest

from shammah_tui.core.conversation.ledger import LedgerRow, ledger_lines, ledger_total
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.prices import Price

PRICE = Price(3_000_000, 15_000_000, date(2026, 11, 1))
ROWS = (
    LedgerRow("2026-11-04", Side.CLAUDE, "claude-sonnet-5-5", 1, 1_000, 200, 6_000, 0),
    LedgerRow("2026-11-05", Side.LOCAL, "qwen3.5-4b", 2, 1_000_000, 100_000, 0, 2),
    LedgerRow("2026-11-05", Side.LOCAL, "qwen3.5-2b", 1, 0, 1, 0, 1),
    LedgerRow("2026-11-05", Side.CLAUDE, "claude-sonnet-5-5", 1, 500, 100, 0, 1),
)


@pytest.mark.parametrize(
    ("prompt", "reply", "cost"),
    [
        (1_000_000, 0, 3_000_000),
        (1_000, 200, 6_000),
        (0, 0, 0),
        (1, 0, 3),
        (0, 1, 15),
        (10**12, 10**12, 18 * 10**12),
    ],
)
def test_a_price_is_for_a_million_tokens(prompt: int, reply: int, cost: int) -> None:
    assert PRICE.cost_microusd(prompt, reply) == cost


def test_cost_is_rounded_to_the_nearest() -> None:
    cheap = Price(400_000, 0, date(2026, 11, 1))
    assert [cheap.cost_microusd(tokens, 0) for tokens in (1, 2, 3)] == [0, 1, 1]


def test_lines_are_by_period_the_newest_first() -> None:
    today, yesterday = ledger_lines(ROWS, PRICE)
    assert (today.period, yesterday.period) == ("2026-11-05", "2026-11-04")
    assert (today.local_replies, today.claude_replies) == (3, 1)
    assert (today.local_prompt_tokens, today.local_reply_tokens) == (1_000_000, 100_001)
    assert (today.claude_prompt_tokens, today.claude_reply_tokens) == (500, 100)
    assert today.local_share == 0.75
    assert today.saved_microusd == 3_000_000 + 1_500_015
    assert today.spent_microusd == 0
    assert today.unpriced_replies == 1
    assert yesterday.spent_microusd == 6_000
    assert yesterday.saved_microusd == 0
    assert yesterday.unpriced_replies == 0


def test_the_total_adds_all() -> None:
    total = ledger_total(ROWS, PRICE)
    assert total.local_share == 0.6
    assert total.spent_microusd == 6_000
    assert total.saved_microusd == 4_500_015


def test_without_a_price_nothing_is_claimed_to_be_saved() -> None:
    assert ledger_total(ROWS, None).saved_microusd is None
    assert ledger_total((), None).local_share is None
    assert ledger_lines((), PRICE) == ()
