"""What was measured of models on this machine, kept in one small file."""

import threading
from dataclasses import asdict
from pathlib import Path

from shammah_tui.adapters.files.state_file import read_json, write_json
from shammah_tui.core.decoding import DecodeError, decode
from shammah_tui.core.local.speed import SpeedRecord

FILE_NAME = "speeds.json"
MOST_RECORDS = 200
"""The oldest are forgotten; a record takes about 250 bytes."""


class SpeedFile:
    """The records in a file, read once; may be used from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._records: dict[tuple[str, str], SpeedRecord] | None = None

    def all(self) -> tuple[SpeedRecord, ...]:
        with self._lock:
            return tuple(self._load().values())

    def add(self, record: SpeedRecord) -> None:
        """Keep a record instead of the one before of the same model on the same device."""
        with self._lock:
            records = self._load()
            key = (record.model, record.device)
            records.pop(key, None)
            records[key] = record
            while len(records) > MOST_RECORDS:
                del records[next(iter(records))]
            write_json(self._path, [asdict(each) for each in records.values()])

    def _load(self) -> dict[tuple[str, str], SpeedRecord]:
        if self._records is None:
            entries = read_json(self._path)
            found = map(_record, entries if isinstance(entries, list) else [])
            self._records = {(each.model, each.device): each for each in found if each is not None}
        return self._records


def _record(entry: object) -> SpeedRecord | None:
    try:
        return decode(SpeedRecord, entry)
    except DecodeError:
        return None
