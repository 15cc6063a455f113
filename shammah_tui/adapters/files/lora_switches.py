"""What was done with LoRAs in the panel, kept for the next start."""

import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from shammah_tui.adapters.files.state_file import read_json, state_folder, write_json
from shammah_tui.core.decoding import DecodeError, decode

FILE_NAME = "adapters.json"


@dataclass(frozen=True, slots=True)
class _Switches:
    off: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    def without(self, path: str) -> "_Switches":
        return _Switches(
            *(tuple(p for p in paths if p != path) for paths in (self.off, self.added))
        )


class LoraSwitchesFile:
    """Two lists of paths in one small file, which need not exist; may be used from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = _Switches()
        self._lock = threading.Lock()

    def recall(self) -> frozenset[str]:
        """Return the paths of the LoRAs that are off."""
        return frozenset(self._read().off)

    def switch(self, off: Iterable[str]) -> None:
        with self._lock:
            self._write(_Switches(tuple(sorted(off)), self._read().added))

    def added(self) -> tuple[str, ...]:
        """Return the paths of those that were chosen in the panel, the oldest first."""
        return self._read().added

    def add(self, path: str) -> None:
        """Remember one that was chosen; it is on."""
        with self._lock:
            others = self._read().without(path)
            self._write(_Switches(others.off, (*others.added, path)))

    def remove(self, path: str) -> None:
        with self._lock:
            self._write(self._read().without(path))

    def _read(self) -> _Switches:
        try:
            return decode(_Switches, read_json(self._path))
        except DecodeError:
            # Where nothing can be written, it counts for as long as the program runs.
            return self._written

    def _write(self, switches: _Switches) -> None:
        self._written = switches
        write_json(self._path, asdict(switches))


def kept_switches() -> LoraSwitchesFile:
    """Return those of this user."""
    return LoraSwitchesFile(state_folder() / FILE_NAME)
