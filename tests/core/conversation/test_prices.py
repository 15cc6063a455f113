from datetime import date

import pytest

from shammah_tui.core.conversation.prices import SHIPPED_AS_OF, PriceList, format_usd, price_of_usd
from shammah_tui.core.conversation.reply import Usage
from shammah_tui.core.settings.settings import Settings

PRICES = PriceList({"claude-x": price_of_usd(3, 15, date(2026, 11, 1))})


def test_the_model_that_is_asked_by_default_has_a_price() -> None:
    settings = Settings()
    price = settings.prices.price_of(settings.claude.model)
    assert price is not None
    assert price.as_of == SHIPPED_AS_OF
    assert 0 < price.prompt_microusd < price.reply_microusd


def test_every_shipped_price_has_its_date_and_costs_more_out_than_in() -> None:
    for price in PriceList().models.values():
        assert price.as_of == SHIPPED_AS_OF
        assert 0 < price.prompt_microusd < price.reply_microusd


@pytest.mark.parametrize("name", ["claude-x", "Claude-X", "claude-x-20260929"])
def test_a_model_is_found_by_its_name(name: str) -> None:
    assert PRICES.price_of(name) == price_of_usd(3, 15, date(2026, 11, 1))


@pytest.mark.parametrize(
    "name", ["", "claude", "claude-x-5", "claude-x-latest", "claude-x-19990101"]
)
def test_another_model_has_no_price(name: str) -> None:
    assert PRICES.price_of(name) is None


@pytest.mark.parametrize(
    ("model", "usage", "cost"),
    [
        ("claude-x", Usage(1_000, 200), 6_000),
        ("claude-x", Usage(0, 0), 0),
        ("claude-x", Usage(1, 1), 18),
        ("claude-y", Usage(1_000, 200), None),
        ("claude-x", Usage(None, 200), None),
        ("claude-x", Usage(1_000, None), None),
    ],
)
def test_the_cost_of_a_reply(model: str, usage: Usage, cost: int | None) -> None:
    assert PRICES.cost_microusd(model, usage) == cost


def test_fractions_of_a_dollar_are_exact() -> None:
    assert price_of_usd(0.8, 0.1, date(2026, 11, 1)).prompt_microusd == 800_000


@pytest.mark.parametrize(
    ("microusd", "text"),
    [
        (0, "$0.00"),
        (12, "<$0.0001"),
        (99, "<$0.0001"),
        (100, "$0.0001"),
        (800, "$0.0008"),
        (4_200, "$0.0042"),
        (99_999, "$0.1000"),
        (100_000, "$0.10"),
        (1_200_000, "$1.20"),
        (12_345_678_900, "$12,345.68"),
    ],
)
def test_amounts_in_words(microusd: int, text: str) -> None:
    assert format_usd(microusd) == text
