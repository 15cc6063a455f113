"""Splits streamed Markdown at code fences, so that an open one need not be parsed again and again.

Parsing and highlighting a code block anew for each piece is quadratic: 800 pieces took 42 s with
Textual 8. Here a fence is held back as plain lines while it is open, and becomes Markdown at once
when it closes.
"""

import re
from dataclasses import dataclass

_OPENING = re.compile(r"^(\s*(?:[-*+]\s+|>\s*|\d+[.)]\s+)*)(`{3,}|~{3,})[^`]*$")
_MAYBE_OPENING = re.compile(r"^\s*(?:[-*+]\s+|>\s*|\d+[.)]\s+)*(?:[`~]{0,2}|[-*+]|\d+[.)]?)$")


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown outside fences."""

    text: str


@dataclass(frozen=True, slots=True)
class Fence:
    """A fence that has closed, or what has not been given of one that is to end here."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """The next piece of the fence that is open, its opening line included."""

    text: str


Piece = Prose | Fence | Code


class FenceStream:
    """Takes a reply piece by piece and says what is prose and what is an open fence."""

    def __init__(self) -> None:
        self._line = ""
        self._shown = 0
        self._fence = ""
        self._marker = ""
        self._is_quoted = False

    def feed(self, text: str) -> list[Piece]:
        """Return what ``text`` adds; the start of a line that may open a fence is held back."""
        pieces: list[Piece] = []
        for part in text.splitlines(keepends=True):
            self._line += part
            ended = self._line.endswith("\n")
            if self._marker:
                self._feed_code(part, pieces, ended=ended)
            else:
                self._feed_prose(pieces, ended=ended)
        return _joined(pieces)

    @property
    def is_open(self) -> bool:
        """Whether a fence is open."""
        return bool(self._marker)

    def finish(self) -> list[Piece]:
        """Return what was held back; a fence still open is Markdown as far as it came.

        More may be fed afterwards: a fence that was open still is.
        """
        rest = Fence(self._fence) if self.is_open else Prose(self._line[self._shown :])
        self._fence = ""
        self._shown = len(self._line)
        return [rest] if rest.text else []

    def _feed_prose(self, pieces: list[Piece], *, ended: bool) -> None:
        opening = _OPENING.match(self._line.rstrip("\n"))
        new = self._line[self._shown :]
        if opening is not None and ended:
            self._marker, self._fence = opening[2], new
            self._is_quoted = ">" in opening[1]
            pieces.append(Code(new))
        elif ended or self._shown or not (opening or _MAYBE_OPENING.match(self._line)):
            pieces.append(Prose(new))
            self._shown = len(self._line)
        if ended:
            self._line, self._shown = "", 0

    def _feed_code(self, part: str, pieces: list[Piece], *, ended: bool) -> None:
        self._fence += part
        pieces.append(Code(part))
        if ended:
            closes = self._closes_fence(self._line.strip())
            self._line, self._shown = "", 0
            if closes:
                pieces[:] = [piece for piece in pieces if not isinstance(piece, Code)]
                pieces.append(Fence(self._fence))
                self._fence = self._marker = ""

    def _closes_fence(self, line: str) -> bool:
        if self._is_quoted:
            if not line.startswith(">"):
                # A quotation takes its fence with it when it ends.
                return True
            line = line.lstrip("> ")
        return len(line) >= len(self._marker) and set(line) == {self._marker[0]}


def _joined(pieces: list[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in pieces:
        if joined and type(joined[-1]) is type(piece):
            joined[-1] = type(piece)(joined[-1].text + piece.text)
        else:
            joined.append(piece)
    return joined
