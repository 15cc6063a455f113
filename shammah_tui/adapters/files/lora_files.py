"""The LoRAs on this disk."""

from collections.abc import Iterator
from pathlib import Path

from platformdirs import user_data_path

from shammah_tui.adapters.files.state_file import APP_NAME
from shammah_tui.core.errors import InvalidLoraError
from shammah_tui.core.model.gguf_header import MAGIC, texts
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording import notices

FOLDER_NAME = "adapters"

HEADER_BYTES = 64 * 1024
"""What ``convert_lora_to_gguf.py`` writes ahead of the tensors takes 1 to 3 KB."""

MOST_FOUND = 200
"""LoRAs that are offered at most."""


def loras_folder() -> Path:
    """Return where this user may put LoRAs, whether it exists or not."""
    return user_data_path(APP_NAME, appauthor=False) / FOLDER_NAME


class LoraFiles:
    """Looks for LoRAs, and at one that is named; the user's folder need not exist."""

    def __init__(self, folder: Path, cache_dir: Path) -> None:
        self._folder = folder
        self._cache_dir = cache_dir

    @property
    def folder(self) -> str:
        return str(self._folder)

    def check(self, path: str) -> str:
        """Return ``path`` as an absolute one; ``InvalidLoraError`` where no LoRA is there."""
        try:
            file = Path(path).expanduser().absolute()
            shown = plain(str(file))
            if file.is_dir():
                raise InvalidLoraError(notices.lora_is_folder(shown))
            # What is no file, such as a pipe, might be waited for without end.
            if not file.is_file():
                raise InvalidLoraError(notices.check_path(shown))
            header = _header(file)
        except (OSError, ValueError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or "check the path"
            raise InvalidLoraError(notices.unreadable(plain(path), reason)) from error
        if not header.startswith(MAGIC):
            raise InvalidLoraError(notices.not_gguf(plain(file.name)))
        if not _is_lora(header):
            raise InvalidLoraError(notices.not_a_lora(plain(file.name)))
        return str(file)

    def found(self) -> tuple[str, ...]:
        """Return the paths of the LoRAs in the folder and in the Hub's cache, by their names."""
        files: dict[Path, Path] = {}
        for path in self._candidates():
            try:
                if path.is_file() and _is_lora(_header(path)):
                    # Several commits may have the same bytes.
                    files.setdefault(path.resolve(), path)
            except (OSError, RuntimeError):
                continue
            if len(files) == MOST_FOUND:
                break
        return tuple(str(path) for path in sorted(files.values(), key=lambda each: each.name))

    def _candidates(self) -> Iterator[Path]:
        yield from _sorted(self._folder, "*.gguf")
        yield from _sorted(self._cache_dir, "models--*/snapshots/*/*.gguf")


def _sorted(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.absolute().glob(pattern))
    except OSError:
        return []


def _header(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(HEADER_BYTES)


def _is_lora(header: bytes) -> bool:
    # What llama.cpp asks of one before it looks at the tensors.
    said = texts(header)
    return said.get("general.type") == "adapter" and said.get("adapter.type") == "lora"
