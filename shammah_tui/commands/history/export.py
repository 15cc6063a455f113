"""``shammah export`` and ``shammah import``: conversations out of the store, and back into it."""

import argparse
import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from shammah_tui.adapters.files.export_archive import unpacked
from shammah_tui.commands.console import Console, safe_json
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.history.history import NoConversationError, id_of
from shammah_tui.commands.history.history_store import kept, opened_store
from shammah_tui.commands.models.outcome import carry_out
from shammah_tui.core.conversation.export_format import from_json
from shammah_tui.core.errors import StoreError
from shammah_tui.core.text.plain_text import plain, shown_lines
from shammah_tui.core.wording import commands as words
from shammah_tui.core.wording import notices
from shammah_tui.ports import ConversationStore
from shammah_tui.services.conversation.exporting import whole_file, write_conversations

STANDARD = "-"


def run_export(options: argparse.Namespace, console: Console) -> ExitStatus:
    if options.id and options.all:
        console.complain(words.contradiction("An ID", "--all"))
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
            is_there = bool(target) and Path(target).expanduser().is_file()
            if ids is None and is_there and not await store.conversations(1):
                # What is in it this store may have lost.
                console.complain(words.kept_file(plain(target)))
                return ExitStatus.NOT_HERE
            with _opened(target, console) as output:
                fit = safe_json if as_json else shown_lines
                write = (lambda text: output.write(fit(text))) if output.isatty() else output.write
                count = await write_conversations(
                    store,
                    ids,
                    write,
                    as_json=as_json,
                )
        if target:
            console.tell(words.exported(count, plain(target)))
        return ExitStatus.DONE

    return carry_out(lambda: asyncio.run(export()), console)


def run_import(options: argparse.Namespace, console: Console) -> ExitStatus:
    async def read() -> ExitStatus:
        records = from_json(unpacked(_read(options.file, console)))
        async with opened_store(console) as store:
            if why := await kept(store, console):
                # In memory it would be gone at once.
                raise StoreError(why)
            result = await store.import_records(records)
        console.tell(words.imported(result.conversations, result.messages))
        return ExitStatus.DONE

    def command() -> ExitStatus:
        try:
            return asyncio.run(read())
        except FileNotFoundError:
            console.complain(notices.check_path(options.file))
            return ExitStatus.NOT_HERE

    return carry_out(command, console)


async def _ids(store: ConversationStore, options: argparse.Namespace) -> tuple[int, ...] | None:
    """Return which conversations are meant; None is all."""
    if options.all:
        return None
    if options.id:
        return (id_of(options.id, await store.conversations()),)
    last = await store.last_conversation()
    if last is None:
        raise NoConversationError(notices.NO_CONVERSATIONS)
    return (last,)


@contextmanager
def _opened(target: str, console: Console) -> Iterator[TextIO]:
    if target:
        folder = Path(target).expanduser().resolve().parent
        if not folder.is_dir() and not Path(target).expanduser().exists():
            raise StoreError(notices.no_folder(folder, is_makeable=True))
        with whole_file(Path(target)) as output:
            yield output
    else:
        yield console.output
        console.output.flush()


def _read(file: str, console: Console) -> bytes:
    if file == STANDARD:
        answers = getattr(console.answers, "buffer", None)
        read: bytes = console.answers.read().encode() if answers is None else answers.read()
        return read
    return Path(file).expanduser().read_bytes()
