"""``shammah export`` and ``shammah import``: conversations out of the store, and back into it."""

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TextIO

from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.history import NoConversationError, id_of
from shammah_tui.commands.history_store import opened_store
from shammah_tui.commands.outcome import carry_out
from shammah_tui.core.export_format import (
    BETWEEN,
    DOCUMENT_END,
    DOCUMENT_START,
    from_json,
    json_conversation,
)
from shammah_tui.core.export_markdown import to_markdown
from shammah_tui.core.records import ConversationRecord
from shammah_tui.ports import ConversationStore

STANDARD = "-"
_STANDS_IN_JSON = "\n "


def run_export(options: argparse.Namespace, console: Console) -> ExitStatus:
    """Write conversations; a file appears whole or not at all.

    Args:
        options: As ``history_arguments`` lays them out.
        console: Where to write without a file.
    """
    if options.id and options.all:
        console.complain("An ID and --all contradict each other: leave one out")
        return ExitStatus.USAGE
    target = "" if options.output == STANDARD else options.output
    as_json = options.format == "json"
    if options.format is None:
        as_json = target.lower().endswith(".json")

    async def export() -> ExitStatus:
        async with opened_store(console, makes=False) as store:
            try:
                ids = await _ids(store, options)
            except NoConversationError as error:
                console.complain(str(error))
                return ExitStatus.NOT_HERE
            with _opened(target, console) as output:
                count = await _write(store, ids, output, as_json=as_json)
        if target:
            console.tell(f"{_many(count, 'conversation')} written to {target}")
        return ExitStatus.DONE

    return carry_out(lambda: asyncio.run(export()), console)


def run_import(options: argparse.Namespace, console: Console) -> ExitStatus:
    """Read an export; all of it is added, or nothing.

    Args:
        options: As ``history_arguments`` lays them out.
        console: Where to tell what came of it, and whence ``-`` is read.
    """

    async def read() -> ExitStatus:
        records = from_json(_read(options.file, console))
        async with opened_store(console) as store:
            if not await store.is_stored():
                # The store has said why; in memory it would be gone at once.
                return ExitStatus.FAILED
            result = await store.import_records(records)
        what = f"{_many(result.conversations, 'new conversation')}"
        console.tell(f"{what}, {_many(result.messages, 'new message')}; the rest was here")
        return ExitStatus.DONE

    def command() -> ExitStatus:
        try:
            return asyncio.run(read())
        except FileNotFoundError:
            console.complain(f"There is no file {options.file}: check the path")
            return ExitStatus.NOT_HERE

    return carry_out(command, console)


async def _ids(store: ConversationStore, options: argparse.Namespace) -> tuple[int, ...] | None:
    """Return which conversations are meant; None is all.

    Raises:
        StoreError: There is no such one.
    """
    if options.all:
        return None
    if options.id:
        return (id_of(options.id, await store.conversations()),)
    last = await store.last_conversation()
    if last is None:
        raise NoConversationError("No conversations are kept yet")
    return (last,)


async def _write(
    store: ConversationStore, ids: tuple[int, ...] | None, output: TextIO, *, as_json: bool
) -> int:
    """Write a document, one conversation after the other; return how many there were."""
    begin, between, end = (DOCUMENT_START, BETWEEN, DOCUMENT_END) if as_json else ("", "\n", "")
    is_terminal = output.isatty()
    count = 0
    output.write(begin)
    async for record in store.records(ids):
        text = json_conversation(record) if as_json else _markdown(record)
        output.write(
            (between if count else "") + (_safe(text) if is_terminal and as_json else text)
        )
        count += 1
    output.write(end)
    return count


def _markdown(record: ConversationRecord) -> str:
    # The offset of that day, which daylight saving may have moved since.
    zone = datetime.fromtimestamp(record.created_ms / 1000).astimezone().tzinfo
    assert zone is not None
    return to_markdown((record,), zone)


def _safe(document: str) -> str:
    """Return JSON that says the same and cannot steer a terminal."""
    return "".join(
        each if each.isprintable() or each in _STANDS_IN_JSON else json.dumps(each)[1:-1]
        for each in document
    )


@contextmanager
def _opened(target: str, console: Console) -> Iterator[TextIO]:
    """Standard output, or a file that takes its name once it is whole, for its owner only."""
    if not target:
        yield console.output
        console.output.flush()
        return
    path = Path(target).expanduser().resolve()
    if path.exists() and not path.is_file():
        # A pipe or a device: another file must not take its place.
        with path.open("w", encoding="utf-8", errors="replace", newline="") as output:
            yield output
        return
    # mkstemp makes files of mode 0600.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="") as output:
            yield output
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _read(file: str, console: Console) -> bytes:
    if file == STANDARD:
        answers = getattr(console.answers, "buffer", None)
        read: bytes = console.answers.read().encode() if answers is None else answers.read()
        return read
    return Path(file).expanduser().read_bytes()


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
