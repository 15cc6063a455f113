"""A code block while it is still being written."""

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget


class OpenFence(Widget):
    """Plain lines that only grow; drawn a line at a time, so that its length costs nothing."""

    DEFAULT_CSS = """
    OpenFence {
        height: auto;
        margin: 1 0 0 0;
        padding: 0 2;
        color: $foreground;
        background: $surface;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines = [""]

    def append(self, text: str) -> None:
        """Add the next piece; the opening line of the fence is not shown."""
        before = len(self._lines)
        first, *others = text.split("\n")
        self._lines[-1] += first
        self._lines += others
        self.refresh(layout=len(self._lines) != before)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return one row for each line but the opening one."""
        return max(1, len(self._lines) - 1)

    def render_line(self, y: int) -> Strip:
        """Draw one line, cut at the width."""
        width = self.size.width
        style = self.rich_style
        y += 1
        text = self._lines[y].expandtabs(4) if y < len(self._lines) else ""
        return Strip([Segment(text, style)]).adjust_cell_length(width, style)
