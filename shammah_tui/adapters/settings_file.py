"""The settings file: where it is, and what is in it."""

from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_config_path

if TYPE_CHECKING:
    from shammah_tui.core.settings import Settings
    from shammah_tui.core.settings_table import Known

APP_NAME = "shammah"
FILE_NAME = "config.toml"


def settings_path() -> Path:
    """Return where the settings file belongs on this platform, whether it exists or not."""
    return user_config_path(APP_NAME, appauthor=False) / FILE_NAME


def load_settings(path: Path, known: "Known | None" = None) -> tuple["Settings", tuple[str, ...]]:
    """Return the settings in ``path`` and one line for each thing in it that cannot be used.

    Without a file all is default and nothing is wrong. A file that cannot be read or parsed gives
    the defaults and one line.

    Args:
        path: The settings file.
        known: Names that the caller knows, for telling mistyped ones.
    """
    # Deferred: the first frame asks for the path alone and does without these 9 ms.
    import tomllib

    from shammah_tui.core.settings import Settings
    from shammah_tui.core.settings_table import settings_from

    try:
        # Editors of other systems begin a file with a byte order mark, which TOML does not allow.
        table = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return Settings(), ()
    except OSError as error:
        return Settings(), (_line(path, f"cannot be read ({error.strerror}); defaults are used"),)
    except UnicodeDecodeError as error:
        return Settings(), (_line(path, f"is not UTF-8 at byte {error.start}; defaults are used"),)
    except tomllib.TOMLDecodeError as error:
        return Settings(), (_line(path, f"{error}; defaults are used"),)
    settings, problems = settings_from(table, known)
    return settings, tuple(_line(path, problem) for problem in problems)


def _line(path: Path, problem: str) -> str:
    from shammah_tui.core.plain_text import plain

    return plain(f"{path}: {problem}")
