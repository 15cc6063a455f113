"""How far the program has started, and what is done on another thread on the way."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import IntEnum, auto
from threading import Thread

from textual.events import Event, Key, Paste

from shammah_tui.ui.frame.garbage import skip_living

_LONGEST = 200
"""Characters in one piece: the composer would fold longer ones, as a paste."""


class StartPhase(IntEnum):
    """How far the chat screen is; each phase can do all that the one before can."""

    COMPOSING = auto()
    """The first frame is being made; nothing takes keys."""
    TYPING = auto()
    """The composer takes text."""
    RESTORING = auto()
    """The services are there; the last draft or conversation is being read."""
    READY = auto()
    """Everything works."""


def joined(events: list[Event]) -> list[Event]:
    """Return ``events`` with characters typed in a row as one paste: 1 ms instead of 1 ms a key."""
    shorter: list[Event] = []
    run = ""
    for event in events:
        typed = event.character if isinstance(event, Key) and event.is_printable else None
        if run and (typed is None or len(run) == _LONGEST):
            shorter.append(Paste(run))
            run = ""
        if typed is None:
            shorter.append(event)
        else:
            run += typed
    return [*shorter, Paste(run)] if run else shorter


async def prepare(
    warm_up: Callable[[], Awaitable[None]] | None, modules_of_start: tuple[str, ...]
) -> None:
    """Import what the first reply needs, on another thread: on the loop it would hold up keys.

    Args:
        warm_up: What the services have slow to import; None is nothing.
        modules_of_start: Modules whose bytecode the next start finds in one file; none keeps none.
    """
    if warm_up is not None:
        await warm_up()
    await asyncio.to_thread(prepare_for_replies)
    skip_living()
    if modules_of_start:
        from shammah_tui.start.bytecode import keep_bytecode

        # Nobody who leaves meanwhile waits for it.
        Thread(target=keep_bytecode, args=(modules_of_start,), daemon=True).start()


def prepare_for_replies() -> None:
    """Import what shows the first reply, and every panel; compile what colours code.

    They take 50, 55 and 30 ms, during which the loop would take no keys.
    """
    import wcwidth  # noqa: F401

    import shammah_tui.ui.panels.help  # It names the keys of every panel, and so imports them all.
    import shammah_tui.ui.reply.reply_markdown  # noqa: F401
    from shammah_tui.ui.reply.code_lines import get_ready

    get_ready()
