"""The store of conversations as commands use it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from shammah_tui.adapters.sqlite.opening import store_path
from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.commands.console import Console


@asynccontextmanager
async def opened_store(
    console: Console, *, keeps: bool = True, makes: bool = True
) -> AsyncGenerator[SqliteStore, None]:
    """A store that is closed at the end; trouble with it is complained of.

    Args:
        console: Where to complain.
        keeps: Whether it is the file; else nothing outlives the command.
        makes: Whether a file that is not there is made; else the store is empty.
    """
    path = store_path()
    store = SqliteStore(path if keeps and (makes or path.exists()) else None, console.complain)
    try:
        yield store
    finally:
        await store.close()
