"""The words of a text, as the search knows them: the same for what is kept and what is asked.

SQLite's own tokenizers take a run of Chinese or Thai for one word and split Hindi inside words; so
texts are cut here, and the index is given the words with a space between.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal, NamedTuple

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.wording import suggestions as words

_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u0900-\u0903\u093a-\u094f\u0981-\u0983"
    "\u09bc-\u09cd\u0a01-\u0a03\u0a3c-\u0a51\u0a81-\u0a83\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b57"
    "\u0b82\u0bbe-\u0bcd\u0c00-\u0c04\u0c3c-\u0c56\u0c81-\u0c83\u0cbc-\u0cd6\u0d00-\u0d03"
    "\u0d3b-\u0d4d\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\u3099\u309a"
)
"""Marks that belong to the letter before them, and joiners; ``\\w`` leaves them out."""
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035"
    "\u3041-\u3096\u309d-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003fffd"
)
"""Scripts that are written without spaces: Thai, Lao, Burmese, Khmer, kana and Han."""
_WORD = (
    rf"[{_UNSPACED}][{_MARKS}\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*"
    rf"|(?:(?![{_UNSPACED}])[^\W_])(?:(?![{_UNSPACED}])(?:[^\W_]|[{_MARKS}]))*"
)
"""Compiled on first use, as the next one: that takes 4 ms, and no first frame needs them."""
_UNSPACED_LETTER = f"[{_UNSPACED}]"
_ASCII_WORD = re.compile("[a-z0-9]+")


class Word(NamedTuple):
    """One word; a tuple, since there are many and a dataclass takes four times as long to make.

    ``text`` is without case, accents or compatibility forms.
    """

    text: str
    start: int
    end: int


def words_of(text: str) -> Iterator[Word]:
    """Return the words in order; a letter of an unspaced script is a word of its own."""
    if text.isascii():
        for match in _ASCII_WORD.finditer(text.lower()):
            yield Word(match[0], match.start(), match.end())
        return
    for match in re.finditer(_WORD, text):
        word = _folded(match[0])
        if word:
            yield Word(word, match.start(), match.end())


def search_text(text: str) -> str:
    """Return what the index is given for a text: its words with a space between."""
    if text.isascii():
        return " ".join(_ASCII_WORD.findall(text.lower()))
    return " ".join(word.text for word in words_of(text))


@lru_cache(maxsize=4096)
def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    # Accents are left out, but what tells ga from ka is none.
    form: Literal["NFKC", "NFKD"] = "NFKC" if re.match(_UNSPACED_LETTER, word) else "NFKD"
    normal = unicodedata.normalize(form, word.casefold())
    # A compatibility form may have spaces or points in it.
    return "".join(each for each in normal if each.isalnum()).casefold()


FILTERS = ("from", "why", "model", "before", "after")
"""Names that may stand before a colon."""

BIN = "bin"
"""``in:bin`` lists the deleted conversations."""

_PART = re.compile(
    rf'(?:(?P<name>{"|".join(FILTERS)}|in):(?:"(?P<quoted>[^"]*)"?|(?P<value>\S*)))'
    r'|"(?P<phrase>[^"]*)(?P<closed>"?)|(?P<words>[^\s"]+)',
    re.IGNORECASE,
)
_UNKNOWN = re.compile(r"([A-Za-z]{2,12}):(?![:/])\S")
_CLOSE = 0.75
"""How alike a name and a filter's must be, for the name to be taken for a slip."""
_SENTENCE = " .,;:!?…()[]{}\"'“”‘’„«»-"
"""What stands around words in a sentence; anything else in a word is a sign of code."""
_IN_WORDS = "'’-"
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_SENDERS: dict[str, Side | Role] = {
    "local": Side.LOCAL,
    "claude": Side.CLAUDE,
    "me": Role.USER,
    "user": Role.USER,
}


SHORTEST_PART = 3
"""Letters; fewer are in nearly every message."""


def is_part(phrase: tuple[str, ...]) -> bool:
    """Return whether a phrase is also looked for inside words: one word, and not too short."""
    return len(phrase) == 1 and len(phrase[0]) >= SHORTEST_PART


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """Which messages are looked at; the default is all.

    Attributes:
        sender: A side's replies, or ``Role.USER`` for questions; None is everybody.
        why: Part of the reason or label of a reply, in lower case; empty is any.
        model: Part of the name or revision of the model, in lower case; empty is any.
        before: Only what was said before this day began, in local time.
        after: Only what was said from the beginning of this day on, in local time.
    """

    sender: Side | Role | None = None
    why: str = ""
    model: str = ""
    before: date | None = None
    after: date | None = None


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A parsed query; every phrase must be in a message for it to be a hit.

    Attributes:
        phrases: Words that stand one after the other, in the form of ``words_of``.
        is_last_open: Whether the last word of the last phrase may go on: it is being typed.
        problems: What cannot be understood, a sentence each; it was left out.
        literals: What has to stand in a message as it is typed, apart from case: code, with signs
            that are no part of words.
        unknown: What looks like a filter, and there is none; it is searched for as it stands.
        in_bin: Whether the deleted conversations are asked for.
    """

    phrases: tuple[tuple[str, ...], ...] = ()
    is_last_open: bool = False
    filter: SearchFilter = field(default_factory=SearchFilter)
    problems: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    unknown: str = ""
    in_bin: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.phrases and not self.literals and self.filter == SearchFilter()

    @property
    def has_parts(self) -> bool:
        """Whether something is to be looked for inside words, too."""
        return any(is_part(phrase) for phrase in self.phrases)


def parse_query(text: str) -> SearchQuery:
    """Return what ``text`` asks for; anything can be typed, and half of a query is one.

    ``from:local``, ``from:claude``, ``from:me``; ``why:length``; ``model:qwen``;
    ``before:2026-11-03``, ``after:2026-11``: a month or a year stands for its first day;
    ``in:bin``. A value with spaces stands in quotes. A name before a colon that is nearly one of
    these is a slip, and told; any other is text.
    """
    phrases: list[tuple[str, ...]] = []
    is_last_open = False
    values: dict[str, object] = {}
    problems: list[str] = []
    literals: list[str] = []
    unknown = ""
    in_bin = False
    for part in _PART.finditer(text):
        if part["name"]:
            is_last_open = False
            value = part["quoted"] or part["value"]
            if part["name"].lower() != "in":
                _read_filter(part["name"].lower(), value, values, problems)
            elif BIN.startswith((value or "").lower()):
                in_bin = bool(value)
            else:
                problems.append(words.bin_filter(BIN))
            continue
        written = part["words"] or part["phrase"] or ""
        named = _UNKNOWN.match(written)
        if named is not None and part["words"]:
            slip = get_close_matches(named[1].lower(), (*FILTERS, "in"), 1, _CLOSE)
            if slip:
                problems.append(words.no_filter(named[1], slip[0]))
                continue
            unknown = f"{named[1]}:"
        if _is_code(written):
            literals.append(written)
            is_last_open = False
            continue
        phrase = tuple(word.text for word in words_of(written))
        if phrase:
            phrases.append(phrase)
            # A closed quotation or a space after the word says that the word is whole.
            is_last_open = not part["closed"] and part.end() == len(text) and text[-1].isalnum()
    return SearchQuery(
        tuple(phrases),
        is_last_open,
        SearchFilter(**values),  # type: ignore[arg-type]
        tuple(problems),
        tuple(literals),
        unknown,
        in_bin,
    )


def _is_code(written: str) -> bool:
    """Return whether signs are in it that are no part of words, nor stand around a sentence's."""
    words = written.split()
    return any(
        (each.startswith("-") and len(each) > 1)
        or not all(sign.isalnum() or sign in _IN_WORDS or _is_mark(sign) for sign in core)
        for each in words
        # A sign alone is being typed, or stands between words.
        if (len(each) > 1 or not each.isascii())
        and ((core := each.strip(_SENTENCE)) or each.startswith("--"))
    )


def _is_mark(sign: str) -> bool:
    return unicodedata.category(sign)[0] == "M" or sign in "\u200c\u200d"


def _read_filter(
    name: str, value: str | None, values: dict[str, object], problems: list[str]
) -> None:
    value = (value or "").strip().lower()
    if not value:
        return
    match name:
        case "from":
            found = {who for key, who in _SENDERS.items() if key.startswith(value)}
            if len(found) == 1:
                values["sender"] = found.pop()
            else:
                problems.append(words.SENDER_FILTER)
        case "before" | "after":
            day = _day(value)
            if day is not None:
                values[name] = day
            else:
                problems.append(words.date_filter(name))
        case _:
            values[name] = value


def _day(value: str) -> date | None:
    match = _DATE.fullmatch(value.rstrip("-"))
    # Before 1970 nothing was said, and clocks count from there.
    if match is None or int(match[1]) < 1970:
        return None
    try:
        return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return None
