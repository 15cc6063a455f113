"""The theme that was last chosen, kept for the next start."""

from pathlib import Path

from shammah_tui.adapters.files.state_file import read_json, write_json

FILE_NAME = "theme.json"


class ChosenThemeFile:
    """One name in one small file.

    Args:
        path: The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self) -> str:
        """Return what ``choose`` was last given; empty when nothing is remembered."""
        entry = read_json(self._path)
        name = entry.get("theme") if isinstance(entry, dict) else None
        return name if isinstance(name, str) else ""

    def choose(self, name: str) -> None:
        """Remember a theme by its name."""
        write_json(self._path, {"theme": name})
