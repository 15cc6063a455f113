"""The Hub's address and its cache's folder, read from the environment as huggingface_hub does."""

import re
from collections.abc import Mapping
from pathlib import Path

DEFAULT_ENDPOINT = "https://huggingface.co"

_VARIABLE = re.compile(r"\$(?:(\w+)|\{([^}]*)\})")


def hub_endpoint(environment: Mapping[str, str]) -> str:
    """Return the Hub's address without a trailing slash: ``HF_ENDPOINT``, else the public one."""
    from shammah_tui.core.text.secrets import tidied  # The first frame does without.

    return tidied(environment.get("HF_ENDPOINT", "")).rstrip("/") or DEFAULT_ENDPOINT


def hub_cache_dir(environment: Mapping[str, str]) -> Path:
    """Return the cache's root.

    ``HF_HUB_CACHE``, else the older ``HUGGINGFACE_HUB_CACHE``, else ``hub`` under ``HF_HOME``,
    which itself falls back to ``$XDG_CACHE_HOME/huggingface`` and ``~/.cache/huggingface``. As the
    library does, ``~`` and variables are replaced in each, and a variable that is set but empty
    counts as set.
    """
    home_cache = _home(environment) + "/.cache"
    xdg = environment.get("XDG_CACHE_HOME", home_cache)
    hf_home = _expanded(environment.get("HF_HOME", _joined(xdg, "huggingface")), environment)
    legacy = environment.get("HUGGINGFACE_HUB_CACHE", _joined(hf_home, "hub"))
    return Path(_expanded(environment.get("HF_HUB_CACHE", legacy), environment))


def _expanded(path: str, environment: Mapping[str, str]) -> str:
    """Return ``path`` with a leading ``~`` and then its variables replaced, as the library does."""
    if path == "~" or path.startswith("~/"):
        path = _home(environment) + path[1:]
    elif path.startswith("~"):
        path = str(Path(path).expanduser())

    def value(match: re.Match[str]) -> str:
        return environment.get(match[1] or match[2], match[0])

    return _VARIABLE.sub(value, path)


def _home(environment: Mapping[str, str]) -> str:
    return (environment.get("HOME") or str(Path.home())).rstrip("/")


def _joined(folder: str, name: str) -> str:
    return folder + name if folder.endswith("/") or not folder else f"{folder}/{name}"
