"""Conversations as a document, written piece by piece."""

import os
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from shammah_tui.core.conversation.export_format import (
    BETWEEN,
    DOCUMENT_END,
    DOCUMENT_START,
    json_conversation,
)
from shammah_tui.core.conversation.export_markdown import to_markdown
from shammah_tui.core.conversation.records import ConversationRecord
from shammah_tui.core.text.units import local_time
from shammah_tui.ports import ConversationStore


async def write_conversations(
    store: ConversationStore,
    ids: Collection[int] | None,
    write: Callable[[str], object],
    *,
    as_json: bool,
) -> int:
    """Write a document, one conversation after the other; return how many there were.

    Without ``ids`` all are written. JSON loses nothing; Markdown is to be read.

    Raises:
        StoreError: The disk cannot be read.
    """
    begin, between, end = (DOCUMENT_START, BETWEEN, DOCUMENT_END) if as_json else ("", "\n", "")
    count = 0
    write(begin)
    async for record in store.records(ids):
        text = json_conversation(record) if as_json else _markdown(record)
        write((between if count else "") + text)
        count += 1
    write(end)
    return count


@contextmanager
def whole_file(path: Path, *, overwrite: bool = True) -> Iterator[TextIO]:
    """A file that takes its name once it is whole, for its owner only.

    Raises:
        FileExistsError: It is there, and may not be lost.
        OSError: It cannot be written.
    """
    given = path.expanduser()
    path = given.resolve()
    if given.exists() and not given.is_file():
        # A pipe or a device: another file must not take its place. By the name that was given, for
        # that of a pipe behind /dev/stdout is none.
        with given.open("w", encoding="utf-8", errors="replace", newline="") as output:
            yield output
        return
    if not overwrite and path.exists():
        raise FileExistsError(path)
    # mkstemp makes files of mode 0600.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="") as output:
            yield output
        if overwrite:
            Path(name).replace(path)
        else:
            _give_name(Path(name), path)
    finally:
        with suppress(OSError):
            Path(name).unlink()


def _give_name(file: Path, path: Path) -> None:
    """Call a file ``path``, unless another one is called so."""
    try:
        # Unlike a rename this fails where there is a file, also one that has come meanwhile.
        path.hardlink_to(file)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems of USB sticks have no links.
        if path.exists():
            raise FileExistsError(path) from None
        file.replace(path)


def _markdown(record: ConversationRecord) -> str:
    # The offset of that day, which daylight saving may have moved since.
    zone = local_time(record.created_ms).tzinfo
    assert zone is not None
    return to_markdown((record,), zone)
