"""The store of conversations as commands use it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from shammah_tui.adapters.sqlite.opening import store_path
from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.commands.console import Console
from shammah_tui.core.errors import StoreError
from shammah_tui.core.wording import commands as words

PATIENCE_S = 60.0
"""How long a command waits for another program that has the conversations, or for room."""
WORD_AFTER_S = 1.0


@asynccontextmanager
async def opened_store(
    console: Console, *, keeps: bool = True, makes: bool = True
) -> AsyncGenerator[SqliteStore, None]:
    """A store that is closed at the end; what is written to it may ask whether that is ``kept``.

    Without ``keeps`` nothing outlives the command; without ``makes`` it is only read.

    Raises:
        StoreError: It is only read, and cannot be.
    """
    path = store_path()
    used = path if keeps and (makes or path.exists()) else None
    store = SqliteStore(used, console.complain, quiet=True, reads_only=not makes)
    try:
        if not makes and (why := await kept(store, console)):
            raise StoreError(why)
        yield store
    finally:
        await store.close()


async def kept(store: SqliteStore, console: Console) -> str:
    """Wait until the file has all that was said; return why it has not, or an empty text.

    That it takes long is told after a second.
    """
    waiting = asyncio.ensure_future(store.settled(PATIENCE_S))
    done, _ = await asyncio.wait({waiting}, timeout=WORD_AFTER_S)
    if not done and store.unkept:
        console.complain(words.waiting(store.waits_for))
    return await waiting
