"""``@claude`` and ``@local`` at the start of a message: the user says who shall reply.

A message keeps its pin as a field and its text without it. ``split_pin`` reads what was typed,
``with_pin`` writes it again wherever a person reads a message; a request has the text alone.
"""

import re
import unicodedata
from enum import StrEnum
from functools import cache


class Side(StrEnum):
    """The two that can reply; the values begin the router's labels."""

    CLAUDE = "Claude"
    LOCAL = "Local"


_UNSEEN = "\u200b"
"""Stands for whatever is not seen: zero-width spaces, joiners, blank letters."""
_BLANK_LETTERS = "\u034f\u115f\u1160\u2800\u3164\ufe0e\ufe0f\uffa0"
_MOST_SIGNS = 64
"""Looked at of a message; blanks before it do not count."""
_SEPARATORS = ":;,。、"
"""Between a pin and its text they need no blank; what ``@local.example`` is, nobody knows."""
_CLOSING = ")]}>\"'”»’*_`~"


def split_pin(text: str) -> tuple[Side | None, str]:
    """Return the side that ``text`` is pinned to, if any, and the text without the pin.

    A pin is ``@claude`` or ``@local`` in any case at the very start, followed by white space, by
    punctuation or by nothing; ``@localhost`` and ``ask @claude`` are not pins.

    ``@local`` often means that the text is private, so whatever could be meant as it is taken for
    it: full-width or with invisible characters, behind the sign of a quotation or a list, and
    before any sign. Where it may also be a name, as in ``@local/package``, the text keeps it.
    """
    seen, places = _seen(text)
    for side in Side:
        found = _pattern(side).match(seen)
        rest = None if found is None else _rest(text, side, seen, places, found)
        if rest is not None:
            return side, rest
    return None, text


def with_pin(pin: Side | None, text: str) -> str:
    """Return a message as it is written: ``split_pin`` gives ``pin`` and ``text`` again."""
    if pin is None:
        return text
    # What begins with a blank is indented, and stays so at the beginning of a line.
    between = "\n" if _after_blanks(text, 0) else " "
    return f"@{pin.value.lower()}{between}{text}"


@cache
def _pattern(side: Side) -> re.Pattern[str]:
    """Return what finds a pin and what stands before it; made when it is needed, in 1 ms."""
    word = f"@{_UNSEEN}*" + f"{_UNSEEN}*".join(side.value.lower())
    # Behind signs of any kind, and the numbers and boxes of lists.
    signs = r"(?:\W|_|[^\W_]{1,3}[.)]\s|\[x\])*?"
    lead = signs if side is Side.LOCAL else rf"[\s{_UNSEEN}]*"
    return re.compile(f"(?P<lead>{lead}){word}")


def _seen(text: str) -> tuple[str, list[int]]:
    """Return how a text begins for a reader, and where in it each character of that stands."""
    begin = _after_blanks(text, 0)
    end = min(begin + _MOST_SIGNS, len(text))
    seen, places = "", []
    for at in range(begin, end):
        here = text[at]
        sign = _UNSEEN if _is_unseen(here) else unicodedata.normalize("NFKC", here).casefold()
        seen += sign
        places += [at] * len(sign)
    return seen, [*places, end]


def _rest(text: str, side: Side, seen: str, places: list[int], found: re.Match[str]) -> str | None:
    """Return the text behind a pin; None where what was found is none."""
    lead, end = text[places[0] : places[found.end("lead")]], found.end()
    stop = end
    while stop < len(seen) and _is_sign(seen[stop]):
        stop += 1
    signs, after = seen[end:stop], seen[stop : stop + 1]
    if after.isalnum() and (not signs or signs == "_"):
        return None
    if unicodedata.category(after or " ")[0] == "M":
        return None
    is_apart = not after or after.isspace() or after == _UNSEEN
    if signs and not is_apart and signs[-1] not in _SEPARATORS:
        return text[places[0] :] if side is Side.LOCAL else None
    if signs and signs[-1] in _CLOSING and not any(map(str.isalnum, lead)):
        # The signs before it open what these close.
        lead = ""
    behind = text[places[stop] :]
    bare = behind[_after_blanks(behind, 0) :]
    if lead:
        return lead + bare
    # The first line keeps its indentation.
    line = behind.rfind("\n", 0, len(behind) - len(bare)) + 1
    return behind[line:] if bare and line else bare


def _is_sign(sign: str) -> bool:
    return sign in _CLOSING or unicodedata.category(sign)[0] == "P"


def _after_blanks(text: str, at: int) -> int:
    while at < len(text) and (text[at].isspace() or _is_unseen(text[at])):
        at += 1
    return at


def _is_unseen(sign: str) -> bool:
    is_control = unicodedata.category(sign) in {"Cf", "Cc"} and not sign.isspace()
    return is_control or sign in _BLANK_LETTERS
