"""A conversation's title from its first question."""

import re

from shammah_tui.core.plain_text import cell_width, plain, truncate

UNTITLED = "New conversation"
TITLE_WIDTH = 48
"""Cells; a list beside the conversation is about this wide on a screen of 160."""

_MARKUP = re.compile(r"^(?:[>#\s]|[-*+]\s|\d+[.)]\s)+")
"""What begins a quotation, a heading or an item of a list in Markdown."""
_FENCE = re.compile(r"^\s*(?:```|~~~)")
_SHORTEST = 0.6
"""A title is cut at a space, unless more than two fifths of the room would stay empty."""


def title_from(question: str, width: int = TITLE_WIDTH) -> str:
    """Return the first words of ``question`` as one line of at most ``width`` cells.

    A line with a word in it is preferred to one without, and prose to the fence of a code block.
    """
    lines = [
        plain(_MARKUP.sub("", line)) for line in question.splitlines() if not _FENCE.match(line)
    ]
    worded = [line for line in lines if any(each.isalnum() for each in line)]
    title = next(iter(worded or [line for line in lines if line]), UNTITLED)
    if cell_width(title) <= width:
        return title
    cut = truncate(title, width)
    if title[len(cut) - 1].isspace():
        return cut
    words, space, _ = cut.rpartition(" ")
    is_long_enough = space and cell_width(words) >= width * _SHORTEST
    return f"{words}…" if is_long_enough else cut
