"""The settings file: where it is, and what is in it."""

from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_config_path

if TYPE_CHECKING:
    from shammah_tui.core.settings.settings import ClaudeSettings, Settings
    from shammah_tui.core.settings.settings_table import Known

APP_NAME = "shammah"
FILE_NAME = "config.toml"


def settings_path() -> Path:
    """Return where the settings file belongs on this platform, whether it exists or not."""
    return user_config_path(APP_NAME, appauthor=False) / FILE_NAME


def load_settings(path: Path, known: "Known | None" = None) -> tuple["Settings", tuple[str, ...]]:
    """Return the settings in ``path`` and one line for each thing in it that cannot be used.

    Without a file all is default and nothing is wrong. A file that cannot be read or parsed gives
    the defaults and one line.
    """
    from shammah_tui.core.settings.settings import Settings

    settings, problems = _read(path, known)
    return settings or Settings(), problems


def _read(path: Path, known: "Known | None") -> tuple["Settings | None", tuple[str, ...]]:
    # Deferred: the first frame asks for the path alone and does without these 9 ms.
    import tomllib

    from shammah_tui.core.settings.settings import Settings
    from shammah_tui.core.settings.settings_table import settings_from

    try:
        # Editors of other systems begin a file with a byte order mark, which TOML does not allow.
        table = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return Settings(), ()
    except OSError as error:
        return None, (_line(path, f"cannot be read ({error.strerror}); defaults are used"),)
    except UnicodeDecodeError as error:
        return None, (_line(path, f"is not UTF-8 at byte {error.start}; defaults are used"),)
    except tomllib.TOMLDecodeError as error:
        return None, (_line(path, f"{error}; defaults are used"),)
    settings, problems = settings_from(table, known)
    return settings, tuple(_line(path, problem) for problem in problems)


class ClaudeSettingsFile:
    """What the settings file says of Claude by now, while the program runs.

    A file that is half written, or that cannot be read, leaves what was there before.
    """

    def __init__(self, path: Path, settings: "ClaudeSettings") -> None:
        self._path = path
        self._settings = settings
        self._seen = self._state()

    def newest(self) -> "ClaudeSettings":
        seen = self._state()
        if seen is not None and seen != self._seen:
            self._seen = seen
            settings, _ = _read(self._path, None)
            if settings is not None:
                self._settings = settings.claude
        return self._settings

    def _state(self) -> tuple[int, int] | None:
        try:
            told = self._path.stat()
        except OSError:
            return None
        return told.st_mtime_ns, told.st_size


def _line(path: Path, problem: str) -> str:
    from shammah_tui.core.text.plain_text import plain

    return plain(f"{path}: {problem}")
