"""Measures a folder: what it holds, what it could still hold, and whether it can be written."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FolderUsage:
    """A folder at one moment; ``used_bytes`` is what its files take, links not followed."""

    exists: bool
    used_bytes: int
    free_bytes: int | None
    is_writable: bool


def folder_usage(folder: Path) -> FolderUsage:
    """Look at ``folder``; one that is not there is judged by the nearest one above it."""
    nearest = folder
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    is_writable = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    try:
        free = shutil.disk_usage(nearest).free
    except OSError:
        free = None
    return FolderUsage(folder.is_dir(), _size(folder), free, is_writable)


def _size(folder: Path) -> int:
    total, waiting = 0, [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += _taken(entry)
        except OSError:
            # Somebody else's, or gone meanwhile.
            continue
    return total


def _taken(entry: "os.DirEntry[str]") -> int:
    # Blocks, not length: a partial file is as long as the whole from the beginning.
    try:
        return entry.stat(follow_symlinks=False).st_blocks * 512
    except OSError:
        return 0
