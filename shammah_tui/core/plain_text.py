"""Text from outside made fit for a terminal: no control characters, known width."""

import re
import unicodedata

_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, modes
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC: titles, clipboard, links
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
)
_DIRECTION_MARKS = frozenset(
    "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_JOINERS = frozenset("\u200c\u200d")
"""Format characters that belong to words (Persian, Hindi) and to emoji; they stay."""


def plain(text: str) -> str:
    """Return ``text`` as one line of visible characters.

    Escape sequences, control characters, direction overrides and invisible format characters go;
    white space of any kind becomes one space.
    """
    text = _ESCAPE_SEQUENCE.sub("", text)
    kept = "".join(" " if each.isspace() else each for each in text if _is_kept(each))
    return " ".join(kept.split())


def cell_width(text: str) -> int:
    """Return how many terminal cells ``text`` takes.

    Wide and fullwidth characters (Unicode Standard Annex 11) take two, marks and format
    characters none. Ambiguous ones count one, as terminals outside East Asia show them.
    """
    return sum(_width(each) for each in text)


def truncate(text: str, width: int) -> str:
    """Return ``text`` in at most ``width`` cells, ending in ``…`` where something was cut off."""
    if cell_width(text) <= width:
        return text
    if width < 1:
        return ""
    kept: list[str] = []
    room = width - 1
    for each in text:
        room -= _width(each)
        if room < 0:
            break
        kept.append(each)
    return "".join(kept).rstrip() + "…"


def _is_kept(character: str) -> bool:
    if character.isspace():
        return True
    if character in _DIRECTION_MARKS:
        return False
    category = unicodedata.category(character)
    return category not in {"Cc", "Cs"} and (category != "Cf" or character in _JOINERS)


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf", "Cc"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def plain_lines(text: str) -> str:
    """Return ``text`` with its lines and tabs kept and what could steer a terminal removed.

    It may be applied to each piece of a stream: characters are judged one by one.
    """
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in unified if each in "\n\t" or _is_kept(each))
