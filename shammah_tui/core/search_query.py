"""What the user types to search: words, phrases in quotes, and filters."""

import re
from dataclasses import dataclass, field
from datetime import date

from shammah_tui.core.conversation import Role
from shammah_tui.core.pins import Side
from shammah_tui.core.search_words import words_of

FILTERS = ("from", "why", "model", "before", "after")
"""Names that may stand before a colon."""

_PART = re.compile(
    rf'(?:(?P<name>{"|".join(FILTERS)}):(?:"(?P<quoted>[^"]*)"?|(?P<value>\S*)))'
    r'|"(?P<phrase>[^"]*)(?P<closed>"?)|(?P<words>[^\s"]+)',
    re.IGNORECASE,
)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_SENDERS: dict[str, Side | Role] = {
    "local": Side.LOCAL,
    "claude": Side.CLAUDE,
    "me": Role.USER,
    "user": Role.USER,
}


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
        phrases: Words that stand one after the other, in the form of ``core.search_words``.
        is_last_open: Whether the last word of the last phrase may go on: it is being typed.
        filter: Which messages are looked at.
        problems: What cannot be understood, a sentence each; it was left out.
    """

    phrases: tuple[tuple[str, ...], ...] = ()
    is_last_open: bool = False
    filter: SearchFilter = field(default_factory=SearchFilter)
    problems: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for yet."""
        return not self.phrases and self.filter == SearchFilter()


def parse_query(text: str) -> SearchQuery:
    """Return what ``text`` asks for; anything can be typed, and half of a query is one.

    ``from:local``, ``from:claude``, ``from:me``; ``why:crisis``; ``model:qwen``;
    ``before:2026-11-03``, ``after:2026-11``: a month or a year stands for its first day. A value
    with spaces stands in quotes. A name before a colon that is none of these is a word.
    """
    phrases: list[tuple[str, ...]] = []
    is_last_open = False
    values: dict[str, object] = {}
    problems: list[str] = []
    for part in _PART.finditer(text):
        if part["name"]:
            _read_filter(part["name"].lower(), part["quoted"] or part["value"], values, problems)
            is_last_open = False
            continue
        phrase = tuple(word.text for word in words_of(part["words"] or part["phrase"] or ""))
        if phrase:
            phrases.append(phrase)
            # A closed quotation or a space after the word says that the word is whole.
            is_last_open = not part["closed"] and part.end() == len(text) and text[-1].isalnum()
    return SearchQuery(
        tuple(phrases),
        is_last_open,
        SearchFilter(**values),  # type: ignore[arg-type]
        tuple(problems),
    )


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
                problems.append("Write from:local, from:claude or from:me")
        case "before" | "after":
            day = _day(value)
            if day is not None:
                values[name] = day
            else:
                problems.append(f"Write {name}: with a date, such as {name}:2026-11-03")
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
