"""Text from outside made fit for files and for the terminal.

Files, copies, exports and questions get all but control characters: ``plain_lines``,
``plain_line``. What is drawn also shows direction overrides, which could make one text look like
another, and leaves out what is invisible and what terminals count differently: ``plain``,
``shown_lines``, ``drawn``.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, modes
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC: titles, clipboard, links
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
)
_JOINER = "\u200d"
_SIGNS = frozenset("\u00ad\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
"""Format characters that the screen's layout gives a cell."""
_EMOJI_SELECTOR = "\ufe0f"
_SKIN_TONES = frozenset("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
_OTHER_LINE_ENDS = {
    **dict.fromkeys(map(ord, "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), "\n"),
    0x1F: " ",
}
"""What Python takes for white space, but a terminal may obey; lines must be counted alike."""
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_DIRECTION = "\u202a-\u202e\u2066-\u2069"
"""Overrides, embeddings and isolates: they change the order in which other characters are drawn."""
_INVISIBLE = (
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
"""Drawn as nothing by one terminal and as a cell by another; all but joiners and selectors."""
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]"
_MOST_MARKS = 6
"""On one character: tmux has 32 bytes for a cell, and draws what is beyond them elsewhere."""
_NOT_DRAWN = re.compile(f"([{_DIRECTION}])|[{_INVISIBLE}]+|(?<={_MARK * _MOST_MARKS}){_MARK}+")


class Stand(NamedTuple):
    """What stands on the screen in the place of something else: from where to where, and for what.

    Where nothing is drawn, ``end`` is ``start``.
    """

    start: int
    end: int
    source: str


def drawn(text: str) -> tuple[str, list[Stand]]:
    """Return ``text`` as the terminal may have it, and what stands in it for something else."""
    if text.isascii():
        return text, []
    parts: list[str] = []
    stands: list[Stand] = []
    at = size = 0
    for found in _NOT_DRAWN.finditer(text):
        parts.append(text[at : found.start()])
        size += found.start() - at
        shown = f"‹U+{ord(found[1]):04X}›" if found[1] else ""
        stands.append(Stand(size, size + len(shown), found[0]))
        parts.append(shown)
        size += len(shown)
        at = found.end()
    return "".join([*parts, text[at:]]), stands


def shown_lines(text: str) -> str:
    """Return ``plain_lines`` of ``text`` as the terminal may have them."""
    return drawn(plain_lines(text))[0]


def drawable(data: str) -> str:
    """Return what is written to a terminal without what it must not get, cell for cell.

    The last gate: all but the composer, which shows what is being written, comes without it.
    """
    if data.isascii() or _NOT_DRAWN.search(data) is None:
        return data
    # A soft hyphen has a cell in Textual's layout.
    return _NOT_DRAWN.sub("", data.replace("\u00ad", "-"))


def plain(text: str) -> str:
    """Return ``plain_line`` of ``text`` as the screen may have it."""
    return drawn(plain_line(text))[0]


def plain_line(text: str) -> str:
    """Return ``text`` as one line for a file; ``plain`` shows it.

    Escape sequences and control characters go, white space of any kind becomes one space.
    """
    text = _ESCAPE_SEQUENCE.sub("", text)
    return " ".join(_CONTROLS.sub("", text.translate(_OTHER_LINE_ENDS)).split())


def cell_width(text: str) -> int:
    """Return how many terminal cells ``text`` takes, as the screen lays it out.

    Wide and fullwidth characters (Unicode Standard Annex 11) take two, marks and format
    characters none; what is drawn as one sign (Annex 29: a joined emoji, a syllable out of jamo)
    counts once. Ambiguous characters count one, as terminals outside East Asia show them.
    """
    if text.isascii():
        return len(text)
    return sum(width for _, width in _signs(text))


def truncate(text: str, width: int) -> str:
    """Return ``text`` in at most ``width`` cells, ending in ``…`` where something was cut off."""
    if cell_width(text) <= width:
        return text
    if width < 1:
        return ""
    kept: list[str] = []
    room = width - 1
    for sign, cells in _signs(text):
        room -= cells
        if room < 0:
            break
        kept.append(sign)
    return "".join(kept).rstrip() + "…"


def _signs(text: str) -> Iterator[tuple[str, int]]:
    """Yield what is drawn as one sign, with its width in cells."""
    sign, width = "", 0
    for each in text:
        if sign and (sign[-1] == _JOINER or _extends(each, width)):
            sign += each
            # The selector asks for the emoji in place of the narrow sign.
            width = 2 if each == _EMOJI_SELECTOR and width else width
        else:
            if sign:
                yield sign, width
            sign, width = each, _width(each)
    if sign:
        yield sign, width


def _extends(character: str, width: int) -> bool:
    if character in _SKIN_TONES:
        return width == 2
    code = ord(character)
    # The middle and final letters of a Korean syllable.
    is_jamo = 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF
    return is_jamo or _width(character) == 0


def _width(character: str) -> int:
    category = unicodedata.category(character)
    if category in {"Mn", "Me", "Mc", "Cc"} or (category == "Cf" and character not in _SIGNS):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def plain_lines(text: str) -> str:
    """Return ``text`` with its lines and tabs, and without control characters.

    It may be applied to each piece of a stream: characters are judged one by one. Everything that
    is invisible stays, for it belongs to what was written: flags, Thai and Khmer words, emoji.
    """
    return _CONTROLS.sub("", text.replace("\r\n", "\n").translate(_OTHER_LINE_ENDS))
