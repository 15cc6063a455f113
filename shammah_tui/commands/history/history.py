"""``shammah history``: the conversations there are, and how commands name them."""

import argparse
import asyncio
from collections.abc import Iterable

from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.history.history_store import opened_store
from shammah_tui.commands.models.outcome import carry_out
from shammah_tui.core.conversation.records import ConversationSummary
from shammah_tui.core.errors import StoreError
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import local_time, utc_time
from shammah_tui.core.wording import commands as words
from shammah_tui.core.wording import notices

LEAST_DIGITS = 4
"""Of an id's end: fewer name another conversation soon. Ids begin alike, for they tell the time."""


def run_history(options: argparse.Namespace, console: Console) -> ExitStatus:
    async def history() -> ExitStatus:
        async with opened_store(console, makes=False) as store:
            found = await store.conversations(options.limit)
        if options.json:
            listed = [_described(each) for each in found]
            console.tell_json(listed)
        elif not found:
            console.complain(notices.NO_CONVERSATIONS)
        for each in () if options.json else found:
            console.tell(_line(each))
        return ExitStatus.DONE

    return carry_out(lambda: asyncio.run(history()), console)


def id_of(written: str, summaries: Iterable[ConversationSummary]) -> int:
    """Return the id that a person means by the whole of it, in hexadecimal digits, or by its end.

    Raises:
        StoreError: There is none, or more than one.
    """
    end = written.strip().lower()
    ids = [each.id for each in summaries]
    found = [each for each in ids if f"{each:x}" == end]
    if not found and len(end) >= LEAST_DIGITS:
        found = [each for each in ids if f"{each:x}".endswith(end)]
    if len(found) > 1:
        raise StoreError(words.several_ids(plain(end)))
    if not found:
        raise NoConversationError(words.no_conversation(plain(written)))
    return found[0]


class NoConversationError(StoreError):
    """There is no such conversation."""


def _line(summary: ConversationSummary) -> str:
    when = f"{local_time(summary.active_ms):%Y-%m-%d %H:%M}"
    pin = "* " if summary.is_pinned else ""
    return f"{summary.id:x}  {when}  {summary.message_count:>5}  {pin}{plain(summary.title)}"


def _described(summary: ConversationSummary) -> dict[str, object]:
    return {
        "id": f"{summary.id:x}",
        "title": summary.title,
        "pinned": summary.is_pinned,
        "messages": summary.message_count,
        "created": _moment(summary.created_ms),
        "active": _moment(summary.active_ms),
    }


def _moment(ms: int) -> str:
    return utc_time(ms).isoformat(timespec="milliseconds")
