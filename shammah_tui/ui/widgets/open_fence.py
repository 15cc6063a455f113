"""A code block while it is still being written."""

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget


class OpenFence(Widget):
    """Plain lines that only grow; drawn a line at a time, so that its length costs nothing.

    Args:
        shows_first: Whether the first line is code; otherwise it is the one that opens the fence.
        is_math: Whether it is a formula, which looks like prose.
    """

    DEFAULT_CSS = """
    OpenFence {
        height: auto;
        padding: 1 2;
        color: rgb(210,210,210);
        background: black 10%;
        &:light { color: $foreground; background: white 30%; }
        &.-math { padding: 0; color: $foreground; background: transparent; }
    }
    """

    def __init__(self, *, shows_first: bool = False, is_math: bool = False) -> None:
        super().__init__(classes="-math" if is_math else None)
        self._lines = [""]
        self._hidden = 0 if shows_first or is_math else 1

    @property
    def code(self) -> str:
        """What it shows."""
        return "\n".join(self._lines[self._hidden :])

    def append(self, text: str) -> None:
        """Add the next piece."""
        rows = self._rows
        first, *others = text.split("\n")
        self._lines[-1] += first
        self._lines += others
        self.refresh(layout=self._rows != rows)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return one row for each line; a line that has no end yet counts once it has begun."""
        return self._rows

    def render_line(self, y: int) -> Strip:
        """Draw one line, cut at the width: it scrolls as soon as the block is whole."""
        width = self.size.width
        style = self.rich_style
        y += self._hidden
        text = self._lines[y].expandtabs(8) if y < len(self._lines) else ""
        return Strip([Segment(text, style)]).adjust_cell_length(width, style)

    @property
    def _rows(self) -> int:
        return max(1, len(self._lines) - self._hidden - (not self._lines[-1]))
