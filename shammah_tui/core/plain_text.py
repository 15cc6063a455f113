"""Text from outside made fit for a terminal: no control characters, known width."""

import re
import unicodedata
from collections.abc import Iterator

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
_JOINER = "\u200d"
_EMOJI_SELECTOR = "\ufe0f"
_SKIN_TONES = frozenset("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
_OTHER_LINE_ENDS = {
    **dict.fromkeys(map(ord, "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), "\n"),
    0x1F: " ",
}
"""What Python takes for white space, but a terminal may obey; lines must be counted alike."""
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def plain(text: str) -> str:
    """Return ``text`` as one line of visible characters.

    Escape sequences, control characters, direction overrides and invisible format characters go;
    white space of any kind becomes one space.
    """
    text = _ESCAPE_SEQUENCE.sub("", text)
    kept = "".join(" " if each.isspace() else each for each in text if _is_kept(each))
    return " ".join(kept.split())


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
    return is_jamo or unicodedata.category(character) in {"Mn", "Me", "Mc", "Cf"}


def _is_kept(character: str) -> bool:
    if character.isspace():
        return True
    if character in _DIRECTION_MARKS:
        return False
    category = unicodedata.category(character)
    return category not in {"Cc", "Cs"} and (category != "Cf" or character in _JOINERS)


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Mc", "Cf", "Cc"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


class _Lines(dict[int, str | None]):
    """What ``str.translate`` makes of each character; found out when it comes for the first time.

    A million characters take 0.005 s where they are ASCII and 0.07 s where not; asking for each
    one takes 0.3 to 0.5 s.
    """

    def __missing__(self, code: int) -> str | None:
        kept = chr(code) if _is_kept(chr(code)) else None
        self[code] = kept
        return kept


_LINES = _Lines({**_OTHER_LINE_ENDS, ord("\n"): "\n", ord("\t"): "\t"})


def plain_lines(text: str) -> str:
    """Return ``text`` with its lines and tabs kept and what could steer a terminal removed.

    It may be applied to each piece of a stream: characters are judged one by one.
    """
    return text.replace("\r\n", "\n").translate(_LINES)


def without_controls(text: str) -> str:
    """Return ``text`` as it may be put where a person writes: every visible character stays.

    Lines and tabs are kept, other control characters and halves of surrogate pairs go. Direction
    marks stay: they belong to what is written in scripts from right to left.
    """
    return _CONTROLS.sub("", text.replace("\r\n", "\n").translate(_OTHER_LINE_ENDS))
