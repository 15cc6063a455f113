"""Keys that were typed before the composer could take them."""

from typing import TYPE_CHECKING

from textual.events import Key, Paste

if TYPE_CHECKING:
    from textual.events import Event

_MOST = 200
"""Characters in one piece: long ones the composer would fold as what was pasted."""


def joined(events: "list[Event]") -> "list[Event]":
    """Return ``events`` with what was typed in a row as one piece: 1 ms instead of 1 ms a key."""
    shorter: list[Event] = []
    run = ""
    for event in events:
        typed = event.character if isinstance(event, Key) and event.is_printable else None
        if run and (typed is None or len(run) == _MOST):
            shorter.append(Paste(run))
            run = ""
        if typed is None:
            shorter.append(event)
        else:
            run += typed
    return [*shorter, Paste(run)] if run else shorter
