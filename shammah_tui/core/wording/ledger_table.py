"""The ledger in words: cells of a table, and what there is to say about their figures."""

from collections.abc import Sequence

from shammah_tui.core.conversation.ledger import LedgerLine, Price
from shammah_tui.core.conversation.prices import format_usd
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import format_percent

HEAD = ("", "LOCAL", "CLAUDE", "SHARE", "LOCAL TOKENS", "CLAUDE TOKENS", "SPENT", "SAVED")
"""Replies of either side, share of the local one, tokens of each in and out, money."""
_UNKNOWN = "?"


def cells_of(line: LedgerLine) -> tuple[str, ...]:
    """Return one period, or the total, as the cells under ``HEAD``."""
    share, saved = line.local_share, line.saved_microusd
    return (
        line.period or "total",
        str(line.local_replies),
        str(line.claude_replies),
        "-" if share is None else format_percent(share),
        f"{line.local_prompt_tokens:,} in {line.local_reply_tokens:,} out",
        f"{line.claude_prompt_tokens:,} in {line.claude_reply_tokens:,} out",
        format_usd(line.spent_microusd) + (f" + {_UNKNOWN}" if line.unpriced_replies else ""),
        _UNKNOWN if saved is None else format_usd(saved),
    )


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines of a table: the first cells to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def notes_on(model: str, price: Price | None, total: LedgerLine, settings: str) -> list[str]:
    """Return sentences on what the money is counted by, and what is not counted.

    Args:
        model: Claude's model, against which savings are counted.
        price: What it costs; None when not known.
        total: All periods together.
        settings: Where the settings file is.
    """
    name = plain(model)
    if price is None:
        saved = f'Saved: no price is known for {name}. Add [prices.models."{name}"] to'
        notes = [f"{saved} {plain(settings)}."]
    else:
        dollars_in, dollars_out = (
            format_usd(each) for each in (price.prompt_microusd, price.reply_microusd)
        )
        rates = f"{dollars_in}/{dollars_out} per million, {price.as_of}"
        saved = f"Saved = price of the local replies at {name} rates ({rates})."
        notes = [f"{saved} Change under [prices] in the settings."]
    if total.unpriced_replies:
        many = "reply" if total.unpriced_replies == 1 else "replies"
        notes.append(
            f"Spent leaves out {total.unpriced_replies} Claude {many} of unknown cost: "
            "interrupted, or by a model without a price."
        )
    return notes
