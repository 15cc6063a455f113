"""The ledger: what each reply took, counted when it is over."""

import sqlite3

from shammah_tui.adapters.sqlite.storable import one_of, storable
from shammah_tui.core.ledger import LedgerRow, Period
from shammah_tui.core.pins import Side
from shammah_tui.core.records import Receipt

_FORMATS = {Period.DAY: "%Y-%m-%d", Period.MONTH: "%Y-%m"}


def ledger(connection: sqlite3.Connection, period: Period) -> tuple[LedgerRow, ...]:
    """Return the replies of each model by day or month of local time, the newest first."""
    rows = connection.execute(
        "SELECT strftime(?, at_ms / 1000, 'unixepoch', 'localtime') AS period, side, model,"
        " count(*), sum(prompt_tokens), sum(reply_tokens), coalesce(sum(cost_microusd), 0),"
        " count(*) - count(cost_microusd)"
        " FROM ledger GROUP BY period, side, model ORDER BY period DESC, side, model",
        (_FORMATS[period],),
    )
    return tuple(
        LedgerRow(when, one_of(Side, side, Side.CLAUDE), *rest) for when, side, *rest in rows
    )


def count_reply(
    connection: sqlite3.Connection, reply_id: int, receipt: Receipt, at_ms: int
) -> None:
    """Count a reply, once."""
    connection.execute(
        "INSERT OR IGNORE INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            reply_id,
            at_ms,
            receipt.side.value,
            storable(receipt.model),
            receipt.usage.prompt_tokens or 0,
            receipt.usage.reply_tokens or 0,
            receipt.cost_microusd,
        ),
    )
