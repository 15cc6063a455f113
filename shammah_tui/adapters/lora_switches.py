"""Which LoRA adapters of the settings were switched off in the panel, kept for the next start."""

from collections.abc import Iterable
from pathlib import Path

from shammah_tui.adapters.state_file import read_json, write_json

FILE_NAME = "adapters.json"
MOST = 1_000


class LoraSwitchesFile:
    """A list of paths in one small file; adapters that are not in it are on.

    Args:
        path: The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self) -> frozenset[str]:
        """Return the paths of the adapters that are off."""
        entry = read_json(self._path)
        paths = entry.get("off") if isinstance(entry, dict) else None
        if not isinstance(paths, list):
            return frozenset()
        return frozenset(path for path in paths[:MOST] if isinstance(path, str))

    def switch(self, off: Iterable[str]) -> None:
        """Remember the paths of the adapters that are off."""
        write_json(self._path, {"off": sorted(off)})
