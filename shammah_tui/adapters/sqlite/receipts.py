"""Receipts as rows."""

import sqlite3
from typing import Any

from shammah_tui.adapters.sqlite.writing import one_of, storable
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt
from shammah_tui.core.conversation.reply import StopReason, Usage

RECEIPT_COLUMNS = (
    "side, label, reason, model, revision, prompt_tokens, reply_tokens, tokens_per_s,"
    " first_token_s, cost_microusd, stop_reason, interrupted,"
    " reread_tokens, is_estimated, kept_here"
)


def save_receipt(connection: sqlite3.Connection, message_id: int, receipt: Receipt) -> None:
    """Keep a message's receipt, in the place of the one it has."""
    usage = receipt.usage
    stop_reason = None if receipt.stop_reason is None else receipt.stop_reason.value
    connection.execute(
        f"INSERT OR REPLACE INTO receipt (message_id, {RECEIPT_COLUMNS})"  # noqa: S608
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            message_id,
            receipt.side.value,
            storable(receipt.label),
            storable(receipt.reason),
            storable(receipt.model),
            storable(receipt.revision),
            usage.prompt_tokens,
            usage.reply_tokens,
            usage.tokens_per_s,
            usage.first_token_s,
            receipt.cost_microusd,
            stop_reason,
            storable(receipt.interrupted),
            usage.reread_tokens,
            int(usage.is_estimated),
            receipt.kept_here,
        ),
    )


def receipt_from(columns: tuple[Any, ...]) -> Receipt | None:
    """Return the receipt in the ``RECEIPT_COLUMNS`` of a row; None where there is none."""
    if columns[0] is None:
        return None
    side, label, reason, model, revision, prompt, reply, pace, first, cost, *more = columns
    stop, cut, reread, is_estimated, kept_here = more
    return Receipt(
        one_of(Side, side, Side.CLAUDE),
        label,
        reason,
        model,
        revision,
        Usage(prompt, reply, pace, first, reread, bool(is_estimated)),
        cost,
        None if stop is None else one_of(StopReason, stop, StopReason.STOPPED),
        cut,
        kept_here,
    )
