"""What was asked of whom, what it cost, and what the local side saved.

Money is in millionths of a dollar, whole numbers: sums are exact.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.prices import Price


class Period(StrEnum):
    """By what the ledger is divided, in local time."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """The replies of one model in one ``period``, such as ``2026-11-05`` or ``2026-11``.

    ``cost_microusd`` is what is known; ``unpriced_replies`` have no cost with them.
    """

    period: str
    side: Side
    model: str
    replies: int
    prompt_tokens: int
    reply_tokens: int
    cost_microusd: int
    unpriced_replies: int


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One period, or all of them, summed up: then ``period`` is empty.

    ``saved_microusd`` is what the local tokens would have cost; None without a price.
    """

    period: str
    local_replies: int = 0
    claude_replies: int = 0
    local_prompt_tokens: int = 0
    local_reply_tokens: int = 0
    claude_prompt_tokens: int = 0
    claude_reply_tokens: int = 0
    spent_microusd: int = 0
    unpriced_replies: int = 0
    saved_microusd: int | None = None

    @property
    def local_share(self) -> float | None:
        """Share of the replies that the local side gave, from 0 to 1; None without replies."""
        replies = self.local_replies + self.claude_replies
        return self.local_replies / replies if replies else None


def ledger_lines(rows: Iterable[LedgerRow], price: Price | None) -> tuple[LedgerLine, ...]:
    """Return one line a period, the newest first; ``price`` is Claude's, None when not known."""
    periods: dict[str, list[LedgerRow]] = {}
    for row in rows:
        periods.setdefault(row.period, []).append(row)
    return tuple(_line(period, periods[period], price) for period in sorted(periods, reverse=True))


def ledger_total(rows: Iterable[LedgerRow], price: Price | None) -> LedgerLine:
    """Return one line for all periods together."""
    return _line("", list(rows), price)


def _line(period: str, rows: list[LedgerRow], price: Price | None) -> LedgerLine:
    local = [row for row in rows if row.side is Side.LOCAL]
    claude = [row for row in rows if row.side is Side.CLAUDE]
    prompt = sum(row.prompt_tokens for row in local)
    reply = sum(row.reply_tokens for row in local)
    return LedgerLine(
        period,
        local_replies=sum(row.replies for row in local),
        claude_replies=sum(row.replies for row in claude),
        local_prompt_tokens=prompt,
        local_reply_tokens=reply,
        claude_prompt_tokens=sum(row.prompt_tokens for row in claude),
        claude_reply_tokens=sum(row.reply_tokens for row in claude),
        spent_microusd=sum(row.cost_microusd for row in claude),
        unpriced_replies=sum(row.unpriced_replies for row in claude),
        saved_microusd=None if price is None else price.cost_microusd(prompt, reply),
    )
