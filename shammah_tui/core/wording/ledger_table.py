"""The ledger in words: cells of a table, and what there is to say about their figures."""

from collections.abc import Sequence

from shammah_tui.core.conversation.ledger import LedgerLine
from shammah_tui.core.conversation.prices import Price, format_usd
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import format_percent

_HEAD = ("", "LOCAL", "CLAUDE", "SHARE", "LOCAL TOKENS", "CLAUDE TOKENS", "SPENT", "SAVED")
"""Replies of either side, share of the local one, tokens of each in and out, money."""
_SHORT_HEAD = ("", "LOCAL", "CLAUDE", "SHARE", "LOCAL OUT", "CLAUDE OUT", "SPENT", "SAVED")
_UNKNOWN = "?"


def ledger_table(lines: Sequence[LedgerLine], *, is_narrow: bool = False) -> list[str]:
    """Return the head of the table, then a line for each of ``lines``; narrow: no tokens in."""
    rows = [_SHORT_HEAD if is_narrow else _HEAD, *(_cells(line, is_narrow) for line in lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _cells(line: LedgerLine, is_narrow: bool) -> tuple[str, ...]:
    share, saved = line.local_share, line.saved_microusd
    return (
        line.period or "total",
        str(line.local_replies),
        str(line.claude_replies),
        "-" if share is None else format_percent(share),
        _tokens(line.local_prompt_tokens, line.local_reply_tokens, is_narrow),
        _tokens(line.claude_prompt_tokens, line.claude_reply_tokens, is_narrow),
        format_usd(line.spent_microusd) + (f" + {_UNKNOWN}" if line.unpriced_replies else ""),
        _UNKNOWN if saved is None else format_usd(saved),
    )


def _tokens(prompt: int, reply: int, is_narrow: bool) -> str:
    return f"{reply:,}" if is_narrow else f"{prompt:,} in {reply:,} out"


def notes_on(model: str, price: Price | None, total: LedgerLine, settings: str) -> list[str]:
    """Return sentences on what the money is counted by, and what is not counted.

    Savings are counted against ``model``, Claude's; ``settings`` is where the settings file is.
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
