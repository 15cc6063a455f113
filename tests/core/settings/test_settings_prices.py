"""``[prices]``: what the user knows goes over what is shipped."""

import tomllib
from datetime import date

import pytest

from shammah_tui.core.conversation.prices import SHIPPED_AS_OF, PriceList, price_of_usd
from shammah_tui.core.settings.settings_table import settings_from

DATED = '[prices]\ndate = "2026-11-01"\n'


def read(toml: str) -> tuple[PriceList, tuple[str, ...]]:
    settings, problems = settings_from(tomllib.loads(toml))
    return settings.prices, problems


@pytest.mark.parametrize("day", ['"2026-11-01"', "2026-11-01"])
def test_prices_of_ones_own(day: str) -> None:
    prices, problems = read(
        f'[prices]\ndate = {day}\n[prices.models."Claude-Sonnet-5-5"]\ninput = 3\noutput = 15.5\n'
        "[prices.models.mine]\ninput = 0\noutput = 0.25\n"
    )
    assert problems == ()
    assert prices.price_of("claude-sonnet-5-5") == price_of_usd(3, 15.5, date(2026, 11, 1))
    assert prices.price_of("mine") == price_of_usd(0, 0.25, date(2026, 11, 1))
    other = prices.price_of("claude-opus-5-5")
    assert other is not None
    assert other.as_of == SHIPPED_AS_OF


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        ("prices = 3", "prices must be a section"),
        ("[prices]\ndate = 3", "[prices] date must be text in quotes"),
        ('[prices]\ndate = "soon"', "[prices] date must be a day such as 2026-11-01"),
        ("[prices]\ndate = 2026-11-01T10:00:00", "[prices] date must be text in quotes"),
        (f"{DATED}dates = 1", "[prices] dates is not a setting; did you mean date?"),
        (f"{DATED}models = 1", "prices.models must be a section"),
        ("[prices.models.x]\ninput = 1\noutput = 2", "[prices] date is missing"),
        (f"{DATED}[prices.models.x]\ninput = 1", '[prices.models."x"] output is missing'),
        (f"{DATED}[prices.models.x]\ninput = -1\noutput = 2", "input must be a number of dollars"),
        (f"{DATED}[prices.models.x]\ninput = nan\noutput = 2", "input must be a number of dollars"),
        (f"{DATED}[prices.models.x]\ninput = true\noutput = 2", "input must be a number of doll"),
        (f'{DATED}[prices.models.x]\ninput = "1"\noutput = 2', "input must be a number of dollars"),
        (f"{DATED}[prices.models]\nx = 1", 'prices.models."x" must be a section'),
    ],
)
def test_what_cannot_be_used_is_told_and_the_shipped_prices_stay(toml: str, problem: str) -> None:
    prices, problems = read(toml)
    assert len(problems) == 1
    assert problem in problems[0]
    assert prices == PriceList()
