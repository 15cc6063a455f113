"""What was done with LoRAs in the panel, kept for the next start."""

import threading
from collections.abc import Iterable
from pathlib import Path

from shammah_tui.adapters.files.state_file import read_json, state_folder, write_json

FILE_NAME = "adapters.json"
MOST = 1_000


class LoraSwitchesFile:
    """Two lists of paths in one small file: the LoRAs that are off, and those chosen there.

    May be used from any thread.

    Args:
        path: The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lists: dict[str, list[str]] = {}
        self._lock = threading.Lock()

    def recall(self) -> frozenset[str]:
        """Return the paths of the LoRAs that are off."""
        return frozenset(self._read()["off"])

    def switch(self, off: Iterable[str]) -> None:
        """Remember the paths of the LoRAs that are off."""
        with self._lock:
            self._write(sorted(off), self._read()["added"])

    def added(self) -> tuple[str, ...]:
        """Return the paths of those that were chosen in the panel, the oldest first."""
        return tuple(self._read()["added"])

    def add(self, path: str) -> None:
        """Remember one that was chosen; it is on."""
        with self._lock:
            lists = self._read()
            added = [*(each for each in lists["added"] if each != path), path]
            self._write([each for each in lists["off"] if each != path], added)

    def remove(self, path: str) -> None:
        """Forget one that was chosen."""
        with self._lock:
            lists = self._read()
            self._write(*([each for each in lists[of] if each != path] for of in ("off", "added")))

    def _read(self) -> dict[str, list[str]]:
        entry = read_json(self._path)
        # Where nothing can be written, it counts for as long as the program runs.
        lists = entry if isinstance(entry, dict) else self._lists
        return {of: _paths(lists.get(of)) for of in ("off", "added")}

    def _write(self, off: list[str], added: list[str]) -> None:
        self._lists = {"off": off, "added": added}
        write_json(self._path, self._lists)


def kept_switches() -> LoraSwitchesFile:
    """Return those of this user."""
    return LoraSwitchesFile(state_folder() / FILE_NAME)


def _paths(entry: object) -> list[str]:
    if not isinstance(entry, list):
        return []
    return [path for path in entry[:MOST] if isinstance(path, str)]
