"""Receipts as rows."""

import sqlite3
from typing import Any

from shammah_tui.adapters.sqlite.writing import one_of, storable
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import (
    RECEIPT_FIELDS,
    USAGE_FIELDS,
    Receipt,
    receipt_values,
)
from shammah_tui.core.conversation.reply import StopReason, Usage

RECEIPT_COLUMNS = ", ".join(RECEIPT_FIELDS)
_MARKS = ", ".join("?" * len(RECEIPT_FIELDS))


def save_receipt(connection: sqlite3.Connection, message_id: int, receipt: Receipt) -> None:
    """Keep a message's receipt, in the place of the one it has."""
    values = receipt_values(receipt).values()
    connection.execute(
        f"INSERT OR REPLACE INTO receipt (message_id, {RECEIPT_COLUMNS}) VALUES (?, {_MARKS})",  # noqa: S608
        (message_id, *(storable(each) if isinstance(each, str) else each for each in values)),
    )


def receipt_from(columns: tuple[Any, ...]) -> Receipt | None:
    """Return the receipt in the ``RECEIPT_COLUMNS`` of a row; None where there is none."""
    values = dict(zip(RECEIPT_FIELDS, columns, strict=True))
    if values["side"] is None:
        return None
    stop = values["stop_reason"]
    values["side"] = one_of(Side, values["side"], Side.CLAUDE)
    values["stop_reason"] = None if stop is None else one_of(StopReason, stop, StopReason.STOPPED)
    values["is_estimated"] = bool(values["is_estimated"])
    usage = Usage(**{name: values.pop(name) for name in USAGE_FIELDS})
    return Receipt(usage=usage, **values)
