"""Cuts Markdown into passages, so that adding to a long text costs as little as to a short one.

What is added is parsed from the last block on and laid out with the other blocks of its passage:
without cuts both grow with the text, and the time for all of it with its square.

A cut is made only where Markdown ends a block whatever stands around it: before a paragraph that
follows a blank line and is not indented, and between the items of a list (CommonMark 0.31, 5.2).
Where the cuts are depends on the text alone and not on the pieces it comes in.
"""

import re

LIMIT = 1_200
"""Characters after which a passage ends at the next place for a cut: about a screenful."""

_PARAGRAPH = re.compile(r"[^\W\d_]|\*\*|[\"“„«(¿¡]")
_ITEM = re.compile(r"(?:[-*+]|(\d{1,9})[.)])[ \t]+\S")


class PassageCutter:
    """Takes a text piece by piece and says where a new passage begins."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._size = 0
        self._line = ""
        self._follows_blank = True
        self._is_listing = False

    def cut(self, text: str, *, is_code: bool = False) -> list[str]:
        """Return ``text`` in parts: the first belongs to the passage so far, each other begins one.

        Args:
            text: The next piece; the first one of a line tells what the line is.
            is_code: Whether it is a code block, which is never cut.
        """
        if is_code:
            self._size += len(text)
            self._line = text.rpartition("\n")[2]
            self._follows_blank = False
            return [text]
        parts, start, at = [], 0, 0
        for piece in text.splitlines(keepends=True):
            if not self._line and self._begins_passage(piece):
                parts.append(text[start:at])
                start, self._size = at, 0
            self._line += piece
            self._size += len(piece)
            at += len(piece)
            if piece.endswith("\n"):
                self._follows_blank = not self._line.strip()
                self._line = ""
        return [*parts, text[start:]]

    def _begins_passage(self, line: str) -> bool:
        """Return whether a line may begin a passage, and take note of what it begins."""
        is_long = self._size >= self._limit
        item = _ITEM.match(line)
        if item is not None:
            # A list numbered 1, 1, 1 counts on by itself, which it cannot in two.
            may_be_cut = self._is_listing and item[1] != "1"
            self._is_listing = self._is_listing or self._follows_blank or item[1] in {None, "1"}
            return is_long and may_be_cut
        if not self._follows_blank or line[:1].isspace():
            return False
        self._is_listing = False
        return is_long and _PARAGRAPH.match(line) is not None
