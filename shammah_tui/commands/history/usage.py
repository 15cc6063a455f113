"""``shammah usage``: the ledger as a table or as JSON."""

import argparse
import asyncio

from shammah_tui.adapters.files.settings_file import settings_path
from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.history.history_store import opened_store
from shammah_tui.commands.models.outcome import carry_out
from shammah_tui.core.conversation.ledger import LedgerLine, Period, ledger_lines, ledger_total
from shammah_tui.core.conversation.prices import Price
from shammah_tui.core.settings.settings import Settings
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording import notices
from shammah_tui.core.wording.ledger_table import ledger_table, notes_on


def run_usage(options: argparse.Namespace, settings: Settings, console: Console) -> ExitStatus:
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
            console.tell_json(found)
        elif not lines:
            console.complain(notices.NO_USAGE)
        else:
            for line in ledger_table([*lines, total]):
                console.tell(line)
            for note in ("", *notes_on(model, price, total, str(settings_path()))):
                console.tell(plain(note))
        return ExitStatus.DONE

    return carry_out(lambda: asyncio.run(usage()), console)


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
