"""An input for paths, which completes them."""

import asyncio
import os
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widgets import Input


def home_path(path: Path) -> Path:
    """Return a path with the home folder as ``~``."""
    try:
        return Path("~") / path.relative_to(Path.home())
    except (ValueError, RuntimeError):
        return path


MOST_ENTRIES = 5_000
"""Of a folder that are looked at: 5,000 take 10 ms."""


class PathInput(Input):
    """Offers the rest of the name of a folder or of a file with that suffix; Tab takes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "cursor_right", "Complete", show=False),
    ]

    def __init__(self, suffix: str) -> None:
        super().__init__(max_length=4096, suggester=_Paths(suffix))


class _Paths(Suggester):
    def __init__(self, suffix: str) -> None:
        # The disk changes.
        super().__init__(use_cache=False, case_sensitive=True)
        self._suffix = suffix

    async def get_suggestion(self, value: str) -> str | None:
        return await asyncio.to_thread(completed, value, self._suffix)


def completed(typed: str, suffix: str) -> str | None:
    """Return a path that begins as ``typed``: the first folder or file with that ending, by name.

    Folders end in a slash. Hidden ones are offered to who has typed their dot.
    """
    if typed == "~":
        return "~/"
    parent, slash, begun = typed.rpartition("/")
    try:
        folder = Path(f"{parent}{slash}").expanduser()
        with os.scandir(folder) as entries:
            names = sorted(
                f"{entry.name}/" if entry.is_dir() else entry.name
                for entry, _ in zip(entries, range(MOST_ENTRIES), strict=False)
                if _fits(entry, begun, suffix)
            )
    except (OSError, ValueError, RuntimeError):
        return None
    return f"{parent}{slash}{names[0]}" if names else None


def _fits(entry: os.DirEntry[str], begun: str, suffix: str) -> bool:
    name = entry.name
    if not name.isprintable() or not name.startswith(begun):
        return False
    if name.startswith(".") and not begun:
        return False
    return entry.is_dir() or name.lower().endswith(suffix)
