"""Splits streamed Markdown at code fences, so that an open one need not be parsed again and again.

Parsing and highlighting a code block anew for each piece is quadratic: 800 pieces took 42 s with
Textual 8. Here a fence is held back as plain lines while it is open, and becomes Markdown at once
when it closes.

Markdown in a fence may have fences in it: CommonMark ends the block of a ```` ```markdown ````
fence at the first bare fence, which is the end of a block *in* it wherever a model writes a README.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from shammah_tui.ui.reply.math_text import block_end, ends_block

_BEFORE = r"\s*(?:[-*+]\s+|>\s*|\d+[.)]\s+)*"
_OPENING = re.compile(rf"^({_BEFORE})(?:(`{{3,}})([^`]*)|(~{{3,}})(.*))$")
_MATH = re.compile(rf"^({_BEFORE})((?:\\\[|\$\$|\\begin\{{).*)$")
_MAYBE_OPENING = re.compile(rf"^{_BEFORE}(?:[`~]{{0,2}}|[-*+]|\d+[.)]?|\$|\\(?:b[a-z]*)?)$")

_HOLDING = frozenset({"markdown", "md", "mdx", "mkd"})
_NAMED = re.compile(r"[{.]*(?:[\w./-]*\.)?(\w+)")
"""The language: ``markdown``, ``{.markdown}``, ``markdown:docs/a.md``, ``README.md``."""
_COLONS = (":", "\uff1a")
_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*(.*)")


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
    """The next piece of the fence that is open, its opening line included; a formula has none."""

    text: str
    is_math: bool = False


Piece = Prose | Fence | Code


class FenceEnd:
    """Tells of each line of one block whether it may end the block.

    Args:
        marker: What opened it, such as three backticks.
        info: What follows that in the same line.
    """

    def __init__(self, marker: str, info: str) -> None:
        self._marker = marker
        self._holds = [_holds(info)]
        """Of each fence that is open, whether it may hold others; the last one is the innermost."""
        self._before = ""

    def take(self, line: str) -> bool | None:
        """Take the next line, without what stands before it in its list or quotation.

        Returns:
            Whether it ends the block; None where that depends on the line after it, of which
            ``decide`` is told.
        """
        line, before = line.strip(), self._before
        self._before = line
        found = _FENCE.fullmatch(line)
        if found is None or found[1][0] != self._marker[0] or len(found[1]) < len(self._marker):
            return False
        if not self._holds[0]:
            return not found[2]
        if found[2]:
            if self._holds[-1] and "`" not in found[2]:
                self._holds.append(_holds(found[2]))
            return False
        if len(self._holds) > 1:
            self._holds.pop()
            return False
        may_open = not before or before.startswith("#") or before.rstrip("*_ ").endswith(_COLONS)
        return None if may_open else True

    def decide(self, after: str | None) -> bool:
        """Return whether the bare fence before the line ``after`` ends the block.

        Below a blank line, a heading or a colon, and with code right after it, it opens one in the
        block.
        """
        opens = after is not None and bool(after.strip())
        if opens:
            self._holds.append(False)
        return not opens


def _holds(info: str) -> bool:
    named = _NAMED.match(info.strip())
    return named is not None and named[1].lower() in _HOLDING


def end_of_fence(marker: str, info: str, lines: Sequence[str]) -> int | None:
    """Return which of the ``lines`` below the opening one ends the block; None where none does.

    Where the fences in it do not pair, the first bare one ends it.
    """
    end = FenceEnd(marker, info)
    for number, line in enumerate(lines):
        said = end.take(line)
        if said is None:
            said = end.decide(lines[number + 1] if number + 1 < len(lines) else None)
        if said:
            return number
    first = FenceEnd(marker, "")
    return next((number for number, line in enumerate(lines) if first.take(line)), None)


class FenceStream:
    """Takes a reply piece by piece and says what is prose and what is an open fence."""

    def __init__(self) -> None:
        self._line = ""
        self._shown = 0
        self._fence = ""
        self._end: FenceEnd | None = None
        self._is_in_doubt = False
        self._math = ""
        self._is_quoted = False

    def feed(self, text: str) -> list[Piece]:
        """Return what ``text`` adds; the start of a line that may open a fence is held back."""
        pieces: list[Piece] = []
        for part in text.splitlines(keepends=True):
            self._line += part
            ended = self._line.endswith("\n")
            if self._is_in_doubt:
                if not (ended or self._line.strip(" >\t")):
                    continue
                self._decide(pieces)
                part = self._line[self._shown :]  # noqa: PLW2901 - what was held back, too
            if self.is_open:
                self._feed_code(part, pieces, ended=ended)
            else:
                self._feed_prose(pieces, ended=ended)
        return _joined(pieces)

    @property
    def is_open(self) -> bool:
        return self._end is not None or bool(self._math)

    def finish(self) -> list[Piece]:
        """Return what was held back; a fence still open is Markdown as far as it came.

        More may be fed afterwards: a fence that was open still is.
        """
        held = self._line[self._shown :]
        fence = self._fence + held if self._is_in_doubt else self._fence
        rest = Fence(fence) if self.is_open else Prose(held)
        self._fence = ""
        self._shown = len(self._line)
        return [rest] if rest.text else []

    def _feed_prose(self, pieces: list[Piece], *, ended: bool) -> None:
        line = self._line.rstrip("\n")
        opening, formula = _OPENING.match(line), _MATH.match(line)
        new = self._line[self._shown :]
        if ended and opening is not None:
            self._end = FenceEnd(opening[2] or opening[4], opening[3] or opening[5] or "")
            self._is_quoted = ">" in opening[1]
            self._open(new, pieces)
        elif ended and formula is not None and not _is_whole(formula[2]):
            self._math = block_end(formula[2]) or ""
            self._open(new, pieces)
        elif ended or self._shown or not (opening or formula or _MAYBE_OPENING.match(self._line)):
            pieces.append(Prose(new))
            self._shown = len(self._line)
        if ended:
            self._line, self._shown = "", 0

    def _open(self, text: str, pieces: list[Piece]) -> None:
        self._fence = text
        pieces.append(Code(text, bool(self._math)))

    def _feed_code(self, part: str, pieces: list[Piece], *, ended: bool) -> None:
        self._fence += part
        pieces.append(Code(part, bool(self._math)))
        if not ended:
            return
        line = self._line
        self._line, self._shown = "", 0
        closes = self._closes(line.strip())
        if closes:
            self._close(pieces)
        self._is_in_doubt = closes is None

    def _closes(self, line: str) -> bool | None:
        """Return whether a line closes what is open; None where the next one tells."""
        if self._math:
            # A formula has no blank line in it: what seemed to be one is prose.
            return not line.strip("> ") or ends_block(line, self._math, is_first=False)
        if self._is_quoted:
            if not line.startswith(">"):
                # A quotation takes its fence with it when it ends.
                return True
            line = line.lstrip("> ")
        assert self._end is not None
        return self._end.take(line)

    def _decide(self, pieces: list[Piece]) -> None:
        """Close the fence before the line that has begun, or let it go on."""
        self._is_in_doubt = False
        assert self._end is not None
        if self._end.decide(self._line.strip(" >\t")):
            self._close(pieces)

    def _close(self, pieces: list[Piece]) -> None:
        pieces[:] = [piece for piece in pieces if not isinstance(piece, Code)]
        pieces.append(Fence(self._fence))
        self._fence, self._end, self._math = "", None, ""


def _is_whole(line: str) -> bool:
    """Return whether the formula that begins a line ends in it, or cannot be one."""
    end = block_end(line)
    return end is None or ends_block(line, end, is_first=True)


def _joined(pieces: list[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in pieces:
        if joined and type(joined[-1]) is type(piece):
            joined[-1] = replace(piece, text=joined[-1].text + piece.text)
        else:
            joined.append(piece)
    return joined
