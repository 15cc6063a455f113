"""The model that was last chosen in the panel, kept for the next start."""

from pathlib import Path

from shammah_tui.adapters.files.state_file import read_json, write_json

FILE_NAME = "model.json"
LONGEST = 4096


class ChosenModelFile:
    """One name in one small file.

    Args:
        path: The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self) -> str:
        """Return what ``choose`` was last given; empty when nothing is remembered."""
        entry = read_json(self._path)
        name = entry.get("model") if isinstance(entry, dict) else None
        return name if isinstance(name, str) and len(name) <= LONGEST else ""

    def choose(self, model_id: str) -> None:
        """Remember a model by its id."""
        write_json(self._path, {"model": model_id})

    def forget(self, model_id: str) -> None:
        """Forget that model if it is the one that is remembered."""
        if self.recall() == model_id:
            self._path.unlink(missing_ok=True)
