"""What Claude's models cost, and what that makes of a reply.

The list that is shipped is data, not knowledge: it was read from the models' pages of
platform.claude.com as they stood in autumn 2026, and prices change. ``[prices]`` in the settings
corrects it. These are the base prices; the program uses neither batches nor the prompt cache.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from shammah_tui.core.conversation.reply import Usage

SHIPPED_AS_OF = date(2026, 10, 1)
"""The day for which the shipped list stands; whoever pays should check it."""

_SHIPPED_USD: Mapping[str, tuple[float, float]] = {
    "claude-fable-5-1": (10, 50),
    "claude-opus-5-5": (4, 20),
    "claude-opus-5": (5, 25),
    "claude-opus-4-6": (5, 25),
    "claude-opus-4-5": (5, 25),
    "claude-opus-4-1": (15, 75),
    "claude-sonnet-5-5": (2, 10),
    "claude-sonnet-5": (2, 10),
    "claude-sonnet-4-6": (3, 15),
    "claude-sonnet-4-5": (3, 15),
    "claude-haiku-4-5": (1, 5),
}
"""Dollars for a million tokens, in and out. Models that are not here have no known price."""

_SNAPSHOT = re.compile(r"-20\d{6}$")
"""The API answers ``claude-sonnet-4-5`` with ``claude-sonnet-4-5-20250929``."""

_TOKENS_A_PRICE = 1_000_000
"""Prices are given for a million tokens."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs for a million tokens; 3 dollars are 3 000 000."""

    prompt_microusd: int
    reply_microusd: int
    as_of: date

    def cost_microusd(self, prompt_tokens: int, reply_tokens: int) -> int:
        """Return what these tokens cost, rounded to the nearest millionth of a dollar."""
        price = prompt_tokens * self.prompt_microusd + reply_tokens * self.reply_microusd
        return (price + _TOKENS_A_PRICE // 2) // _TOKENS_A_PRICE


def price_of_usd(prompt_usd: float, reply_usd: float, as_of: date) -> Price:
    """Return a price that is given in dollars for a million tokens."""
    return Price(round(prompt_usd * 1_000_000), round(reply_usd * 1_000_000), as_of)


def _shipped() -> Mapping[str, Price]:
    return MappingProxyType(
        {model: price_of_usd(*usd, SHIPPED_AS_OF) for model, usd in _SHIPPED_USD.items()}
    )


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices by the model's name in lower case, as the API knows it."""

    models: Mapping[str, Price] = field(default_factory=_shipped)

    def price_of(self, model: str) -> Price | None:
        """Return a model's price, which is that of its dated snapshots, too; None without one."""
        name = model.lower()
        return self.models.get(name) or self.models.get(_SNAPSHOT.sub("", name))

    def cost_microusd(self, model: str, usage: Usage) -> int | None:
        """Return what a reply cost; None when the model's price or the tokens are not known."""
        price = self.price_of(model)
        if price is None or usage.prompt_tokens is None or usage.reply_tokens is None:
            return None
        return price.cost_microusd(usage.prompt_tokens, usage.reply_tokens)


def format_usd(microusd: int) -> str:
    """Return an amount such as ``$1.20`` or ``$0.0042``: below ten cents to a hundredth of a cent.

    What is less than that, but something, is ``<$0.0001``.
    """
    usd = microusd / 1_000_000
    if microusd == 0 or abs(microusd) >= 100_000:
        return f"${usd:,.2f}"
    return f"${usd:.4f}" if abs(microusd) >= 100 else "<$0.0001"
