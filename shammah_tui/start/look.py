"""What the first picture depends on, found out without importing anything that takes time."""

import os
import sys

_LIGHT_ENDINGS = ("-light", "-latte", "-dawn")
"""Of the names of themes that are light."""

_MOST_BYTES = 100_000
"""Settings longer than this are left to whoever reads them properly."""


class Look:
    """How the first picture looks; plain, because a dataclass costs 6 ms to import.

    Attributes:
        is_light: Whether the theme is a light one.
        colors: Colours to draw in: 16,777,216 or 256 or 16; 0 for none.
        has_key: Whether a Claude key is set, or kept.
        has_own_keys: Whether the settings bind keys: the footer is not known then.
    """

    def __init__(self, colors: int, *, is_light: bool, has_key: bool, has_own_keys: bool) -> None:
        self.is_light = is_light
        self.colors = colors
        self.has_key = has_key
        self.has_own_keys = has_own_keys


def glance(arguments: list[str]) -> tuple[str, bool, bool] | None:
    """Return the model that is named, whether to stay offline and whether to go on.

    None asks for a closer look: at a command, a mistake, ``--help``; ``--plain``, for whoever has
    no use of a first picture. A screen reader reads what is written, and would read all of it again
    when Textual writes the same; over a slow line the second time costs more than the first gains.
    """
    model, is_offline, goes_on = "", False, False
    rest = arguments[:]
    while rest:
        word = rest.pop(0)
        if word == "--offline":
            is_offline = True
        elif word in ("-c", "--continue"):
            goes_on = True
        elif word == "--model" and rest and not rest[0].startswith("-"):
            model = rest.pop(0)
        elif word.startswith("--model="):
            model = word.removeprefix("--model=")
        else:
            return None
    return model, is_offline, goes_on


def find_look(environment: "os._Environ[str]") -> Look | None:
    """Return how the picture will look; None where it cannot be told or cannot be drawn."""
    colors = _colors(environment)
    if not colors:
        return None
    config, state = folders(environment)
    settings = _text(f"{config}/config.toml")
    lines = [line.strip() for line in settings.splitlines()]
    values = dict[str, str]()
    for line in lines:
        if line.startswith("["):
            # The first table: what follows is none of the top.
            break
        name, _, value = line.partition("=")
        values[name.strip()] = value.partition("#")[0].strip()
    if settings and values.get("plain", "false") != "false":
        # As with ``--plain``.
        return None
    theme = values.get("theme", "").strip("\"'")
    if not theme:
        theme = _text(f"{state}/theme.json").partition('"theme": "')[2].partition('"')[0]
    if "NO_COLOR" in environment:
        colors = 0
    key = environment.get("ANTHROPIC_API_KEY", "") + environment.get("ANTHROPIC_AUTH_TOKEN", "")
    has_key = bool(key.strip()) or os.access(f"{state}/claude-key.json", os.F_OK)
    has_own_keys = any(line.startswith(("[keys", "keys.")) for line in lines)
    is_light = theme.endswith(_LIGHT_ENDINGS)
    return Look(colors, is_light=is_light, has_key=has_key, has_own_keys=has_own_keys)


def _colors(environment: "os._Environ[str]") -> int:
    """Return how many colours Rich will use here; 0 where it is better not to guess."""
    term = environment.get("TERM", "")
    told = "TEXTUAL_COLOR_SYSTEM" in environment or "FORCE_COLOR" in environment
    if told or term in ("dumb", "unknown", ""):
        return 0
    if environment.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return 1 << 24
    return 256 if term.rpartition("-")[2] in ("256color", "kitty") else 16


def folders(environment: "os._Environ[str] | dict[str, str]") -> tuple[str, str]:
    """Return the folders of the settings and of the state, as ``platformdirs`` has them."""
    home = environment.get("HOME", "")
    if sys.platform == "darwin":
        both = f"{home}/Library/Application Support/shammah"
        return both, both
    config = environment.get("XDG_CONFIG_HOME", "").strip() or f"{home}/.config"
    state = environment.get("XDG_STATE_HOME", "").strip() or f"{home}/.local/state"
    return f"{config}/shammah", f"{state}/shammah"


def _text(path: str) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return ""
    try:
        return os.read(descriptor, _MOST_BYTES).decode("utf-8-sig", "replace")
    except OSError:
        return ""
    finally:
        os.close(descriptor)
