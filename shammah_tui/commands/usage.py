"""``shammah usage``: the ledger as a table or as JSON."""

import argparse
import asyncio
import json

from shammah_tui.adapters.settings_file import settings_path
from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.history_store import opened_store
from shammah_tui.commands.outcome import carry_out
from shammah_tui.core.ledger import LedgerLine, Period, Price, ledger_lines, ledger_total
from shammah_tui.core.plain_text import plain
from shammah_tui.core.prices import format_usd
from shammah_tui.core.settings import Settings
from shammah_tui.core.units import format_percent

_HEAD = ("", "LOCAL", "CLAUDE", "SHARE", "LOCAL TOKENS", "CLAUDE TOKENS", "SPENT", "SAVED")
_UNKNOWN = "?"


def run_usage(options: argparse.Namespace, settings: Settings, console: Console) -> ExitStatus:
    """Show what the ledger says.

    Args:
        options: As ``history_arguments`` lays them out.
        settings: Which Claude model the savings are counted against, and what it costs.
        console: Where to write.
    """
    model = settings.claude.model
    price = settings.prices.price_of(model)

    async def usage() -> ExitStatus:
        async with opened_store(console, makes=False) as store:
            rows = await store.ledger(Period(options.by))
        lines, total = ledger_lines(rows, price), ledger_total(rows, price)
        if options.json:
            found = {
                "by": options.by,
                "periods": [_described(line) for line in lines],
                "total": _described(total),
                "saved_against": _price(model, price),
            }
            console.tell(json.dumps(found, ensure_ascii=False, indent=2))
        elif not lines:
            console.complain("Nothing is counted yet")
        else:
            for line in _table([*map(_row, lines), _row(total)]):
                console.tell(line)
            for note in _notes(model, price, total):
                console.tell(note)
        return ExitStatus.DONE

    return carry_out(lambda: asyncio.run(usage()), console)


def _row(line: LedgerLine) -> tuple[str, ...]:
    share = line.local_share
    saved = line.saved_microusd
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


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    rows = [_HEAD, *rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _notes(model: str, price: Price | None, total: LedgerLine) -> list[str]:
    name = plain(model)
    if price is None:
        saved = f'saved: no price is known for {name}; add [prices.models."{name}"] to'
        notes = [f"{saved} {plain(str(settings_path()))}"]
    else:
        dollars_in, dollars_out = (
            format_usd(each) for each in (price.prompt_microusd, price.reply_microusd)
        )
        saved = f"saved: what {name} would have cost, at {dollars_in} in and {dollars_out} out"
        check = "check it, and correct it under [prices] in the settings"
        notes = [f"{saved} a million tokens as of {price.as_of}; {check}"]
    if total.unpriced_replies:
        many = "reply" if total.unpriced_replies == 1 else "replies"
        notes.append(
            f"spent: {total.unpriced_replies} {many} of Claude with no known cost: stopped or "
            "broken off, or of a model without a price"
        )
    return ["", *notes]


def _described(line: LedgerLine) -> dict[str, object]:
    saved = line.saved_microusd
    found: dict[str, object] = {} if not line.period else {"period": line.period}
    return found | {
        "local_replies": line.local_replies,
        "claude_replies": line.claude_replies,
        "local_share": line.local_share,
        "local_prompt_tokens": line.local_prompt_tokens,
        "local_reply_tokens": line.local_reply_tokens,
        "claude_prompt_tokens": line.claude_prompt_tokens,
        "claude_reply_tokens": line.claude_reply_tokens,
        "spent_usd": line.spent_microusd / 1_000_000,
        "unpriced_replies": line.unpriced_replies,
        "saved_usd": None if saved is None else saved / 1_000_000,
    }


def _price(model: str, price: Price | None) -> dict[str, object]:
    found: dict[str, object] = {"model": model}
    if price is not None:
        found["input_usd"] = price.prompt_microusd / 1_000_000
        found["output_usd"] = price.reply_microusd / 1_000_000
        found["as_of"] = price.as_of.isoformat()
    return found
