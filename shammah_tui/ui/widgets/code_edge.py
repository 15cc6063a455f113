"""The edge of a code block: its language, and where lines go on beyond it."""

from rich.segment import Segment
from textual.markup import escape
from textual.strip import Strip

from shammah_tui.core.plain_text import cell_width, plain

CUT = "…"
"""Where a line goes on beyond the edge."""

TAB = 8


def title_of(info: str) -> str:
    """Return the language that a fence names, as markup for the edge of its block."""
    return escape(plain((info.split() or [""])[0])[:40])


def widest(code: str) -> int:
    """Return the cells of the widest line."""
    return max(cell_width(line.expandtabs(TAB)) for line in code.split("\n"))


def cut_off(strip: Strip, at: int, sign: Segment) -> Strip:
    """Return a line with a sign in the cell ``at``."""
    return Strip.join([strip.crop(0, at), Strip([sign], 1), strip.crop(at + 1)])
