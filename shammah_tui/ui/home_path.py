"""Paths as people write them."""

from pathlib import Path


def home_path(path: Path) -> Path:
    """Return a path with the home folder as ``~``."""
    try:
        return Path("~") / path.relative_to(Path.home())
    except (ValueError, RuntimeError):
        return path
