"""What names on the Hub may look like; they become folder and file names on this machine."""

import re
from collections.abc import Iterable

from shammah_tui.core.errors import InvalidModelError

MAX_PARTS = 999
"""More parts than any split model has; keeps a made-up name from asking for a million files."""

_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?")
_QUANT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
_PART = re.compile(
    r"(?P<stem>.+)-(?P<part>\d{5})-of-(?P<parts>\d{5})(?P<ext>\.gguf)", re.IGNORECASE
)


def is_repo(text: str) -> bool:
    """Return whether ``text`` is ``owner/name`` as the Hub allows it."""
    words = text.split("/")
    return len(words) == 2 and all(_is_word(word) for word in words)


def is_file_name(text: str) -> bool:
    """Return whether ``text`` is a path inside a repository that is safe to use below a folder."""
    if not text.isprintable() or "\\" in text or ":" in text:
        return False
    return all(word and not word.startswith(".") and len(word) < 256 for word in text.split("/"))


def is_quant(text: str) -> bool:
    """Return whether ``text`` can be the name of a quantization, such as ``UD-Q4_K_M``."""
    return _QUANT.fullmatch(text) is not None


def part_names(name: str) -> tuple[str, ...] | None:
    """Return the names of all parts of the split model that ``name`` is a part of.

    A name without the ending of a part (``-00001-of-00003.gguf``) is returned alone; a part that
    cannot be (number 4 of 3) gives None.
    """
    match = _PART.fullmatch(name)
    if match is None:
        return (name,)
    part, parts = int(match["part"]), int(match["parts"])
    if not 1 <= part <= parts <= MAX_PARTS:
        return None
    return tuple(
        f"{match['stem']}-{number:05}-of-{match['parts']}{match['ext']}"
        for number in range(1, parts + 1)
    )


def _is_word(word: str) -> bool:
    return (
        _WORD.fullmatch(word) is not None
        and "--" not in word
        and ".." not in word
        and not word.endswith(".git")
    )


DEFAULT_REVISION = "main"
LOCKS_FOLDER = ".locks"
PARTIAL_SUFFIX = ".shammah"
"""Ending of a partial file; not ``.incomplete``, which ``hf cache prune`` deletes."""
MAP_SUFFIX = ".shammah.map"
"""Ending of the record of which blocks of a partial file have arrived."""
HEARTBEAT_SUFFIX = ".shammah.lock"
"""Ending of the file that says who fetches a blob, where the file system has no locks."""
HEARTBEAT_STALE_S = 15.0
"""Untouched for so long, it is of nobody any more."""

_LONGEST_PATH_BYTES = 1024
"""The shortest bound of the common systems (macOS), the cache's own folders not counted."""
_COMMIT = re.compile(r"[0-9a-f]{40}")
_ETAG = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")


def is_commit(revision: str) -> bool:
    """Return whether ``revision`` is a full commit, which can never mean other bytes later."""
    return _COMMIT.fullmatch(revision) is not None


def is_etag(etag: str) -> bool:
    """Return whether ``etag`` is a SHA-256, or the SHA-1 that Git gives to a small file."""
    return _ETAG.fullmatch(etag) is not None


def check_repo(repo: str) -> str:
    """Return ``repo`` when it is a well-formed ``owner/name``.

    Raises:
        InvalidModelError: It is not, and might lead out of the cache.
    """
    if not is_repo(repo):
        raise InvalidModelError(f"{_shown(repo)} is not a repository: write it as owner/name.")
    return repo


def check_path(path: str) -> str:
    """Return ``path``, a file's name in a repository or a revision, when it is safe to use.

    Raises:
        InvalidModelError: It is empty, absolute, has ``..``, a backslash, a colon or a control
            character in it, a hidden part, or one that no file system could hold.
    """
    if not is_file_name(path) or len(path.encode()) > _LONGEST_PATH_BYTES:
        raise InvalidModelError(f"{_shown(path)} is not a file name that this program will use.")
    return path


def repo_folder(repo: str) -> str:
    """Return the name of a model repository's folder in the cache.

    Raises:
        InvalidModelError: ``repo`` is not ``owner/name``.
    """
    return "models--" + check_repo(repo).replace("/", "--")


def folder_among(folders: Iterable[str], repo: str) -> str:
    """Return the one of a cache's folders that is the repository's, in whatever letter case.

    Where there is none, or only in another case beside it, the name as ``repo`` is written.

    Raises:
        InvalidModelError: ``repo`` is not ``owner/name``.
    """
    name = repo_folder(repo)
    alike = [each for each in folders if each.lower() == name.lower()]
    return name if not alike or name in alike else min(alike)


def _shown(text: str) -> str:
    """Return ``text`` for a message: no control characters, and not endless."""
    short = text if len(text) <= 60 else text[:57] + "…"
    return ascii(short) if not short.isprintable() else f"“{short}”"
