"""A conversation's title, from its first question or from what a model made of it."""

import re
from collections.abc import Collection
from datetime import date

from shammah_tui.core.routing.crisis import is_crisis
from shammah_tui.core.text.plain_text import cell_width, plain_line, truncate

UNTITLED = "New conversation"
TITLE_WIDTH = 48
"""Cells; a list beside the conversation is about this wide on a screen of 160."""

_MARKUP = re.compile(r"^(?:[>#\s]|[-*+]\s|\d+[.)]\s)+")
"""What begins a quotation, a heading or an item of a list in Markdown."""
_FENCE = re.compile(r"^\s*(?:```|~~~)")
_AROUND = re.compile(r"^[\s\"'“”„‚‘’«»‹›「」『』*_`]+|[\s\"'“”„‚‘’«»‹›「」『』*_`.。]+$")
_NAMED = re.compile(
    r"^(?:title|titel|titre|título|titolo|标题|標題|タイトル)\W*[:：]\s*", re.IGNORECASE
)
_NUMBERED = re.compile(r" \(\d{1,4}\)$")
_SHORTEST = 0.6
"""A title is cut at a space, unless more than two fifths of the room would stay empty."""


def first_title(question: str, day: date) -> str:
    """Return the title that a conversation has from its first question on.

    Where that speaks of danger to somebody, the title tells the day alone: a list is read over
    shoulders.
    """
    return day_title(day) if is_crisis(question) else title_from(question)


def day_title(day: date) -> str:
    """Return a title that tells the day alone."""
    return f"Conversation of {day.day} {day:%B}"


def title_from(question: str, width: int = TITLE_WIDTH) -> str:
    """Return the first words of ``question`` as one line of at most ``width`` cells.

    A line with a word in it is preferred to one without, and prose to the fence of a code block.
    """
    lines = [
        plain_line(_MARKUP.sub("", line))
        for line in question.splitlines()
        if not _FENCE.match(line)
    ]
    worded = [line for line in lines if any(each.isalnum() for each in line)]
    return _cut(next(iter(worded or [line for line in lines if line]), UNTITLED), width)


def numbered_title(title: str, taken: Collection[str]) -> str:
    """Return ``Title (2)``, or the next number that is not taken, of a conversation's copy."""
    base = _NUMBERED.sub("", title) or title
    number = 2
    while f"{base} ({number})" in taken:
        number += 1
    return f"{base} ({number})"


def fitted_title(title: str, width: int) -> str:
    """Return ``title`` in at most ``width`` cells; a copy's number stays where the rest is cut."""
    number = _NUMBERED.search(title)
    if number is None or width <= 2 * len(number.group()):
        return truncate(title, width)
    base, ending = title[: number.start()], number.group()
    return truncate(base, width - len(ending)) + ending


def title_from_reply(reply: str, width: int = TITLE_WIDTH) -> str:
    """Return the title in a model's reply as one line of at most ``width`` cells.

    Taken away are quotation marks, Markdown, the word "Title" and the full stop. Empty where no
    letter is left: such a reply is no title. A line that ends in a colon announces it.
    """
    for line in reply.splitlines():
        if line.rstrip(" *_").endswith((":", "：")):
            continue
        title = _AROUND.sub("", _NAMED.sub("", _AROUND.sub("", plain_line(_MARKUP.sub("", line)))))
        if any(each.isalpha() for each in title):
            return _cut(title, width)
    return ""


def _cut(title: str, width: int) -> str:
    if cell_width(title) <= width:
        return title
    cut = truncate(title, width)
    if title[len(cut) - 1].isspace():
        return cut
    words, space, _ = cut.rpartition(" ")
    is_long_enough = space and cell_width(words) >= width * _SHORTEST
    return f"{words}…" if is_long_enough else cut
