"""What names on the Hub may look like; they become folder and file names on this machine."""

import re

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
