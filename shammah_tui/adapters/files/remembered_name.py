"""The model, the theme and the answer that were last chosen, kept for the next start."""

from pathlib import Path

from shammah_tui.adapters.files.state_file import read_json, state_folder, write_json

LONGEST = 4096


class RememberedName:
    """One name in one small file, which need not exist."""

    def __init__(self, path: Path, key: str) -> None:
        self._path = path
        self._key = key

    def recall(self) -> str:
        entry = read_json(self._path)
        name = entry.get(self._key) if isinstance(entry, dict) else None
        return name if isinstance(name, str) and len(name) <= LONGEST else ""

    def choose(self, name: str) -> None:
        write_json(self._path, {self._key: name})

    def forget(self, name: str) -> None:
        if self.recall() == name:
            self._path.unlink(missing_ok=True)


def chosen_model() -> RememberedName:
    """Return the one for this user's model."""
    return RememberedName(state_folder() / "model.json", "model")


def download_answer() -> RememberedName:
    """Return the one for this user's answer to downloading a model that nobody named."""
    return RememberedName(state_folder() / "download.json", "download")


def chosen_theme() -> RememberedName:
    """Return the one for this user's theme."""
    return RememberedName(state_folder() / "theme.json", "theme")
