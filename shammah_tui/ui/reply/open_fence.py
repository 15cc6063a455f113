"""A code block while it is still being written."""

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from shammah_tui.core.text.plain_text import cell_width, drawn
from shammah_tui.ui.reply.code_lines import CUT, TAB, cut_off, title_of


class OpenFence(Widget):
    """Plain lines that only grow; drawn a line at a time, so that its length costs nothing.

    Args:
        shows_first: Whether the first line is code; otherwise it is the one that opens the fence.
        is_math: Whether it is a formula, which looks like prose.
    """

    DEFAULT_CSS = """
    OpenFence {
        width: auto;
        min-width: 100;
        max-width: 100%;
        height: auto;
        padding: 0 1;
        border: round $foreground 30%;
        border-title-color: $text-muted;
        color: rgb(210,210,210);
        background: black 10%;
        &:light { color: $foreground; background: white 30%; }
        &.-math { padding: 0; border: none; color: $foreground; background: transparent; }
    }
    """

    def __init__(self, *, shows_first: bool = False, is_math: bool = False) -> None:
        super().__init__(classes="-math" if is_math else None)
        self._lines = [""]
        self._width = 0
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
        width = max(
            self._width,
            *(
                cell_width(each.expandtabs(TAB))
                for each in [self._lines[-1 - len(others)], *others]
            ),
        )
        if others and self._hidden and self._lines[0]:
            self.border_title = title_of(self._lines[0].lstrip(" >-*+0123456789.)").lstrip("`~"))
        self.refresh(layout=self._rows != rows or width != self._width)
        self._width = width

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return self._width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._rows

    def render_line(self, y: int) -> Strip:
        """Draw one line, with a sign where it is cut: it scrolls as soon as the block is whole."""
        width = self.size.width
        style = self.rich_style
        y += self._hidden
        text = self._lines[y].expandtabs(TAB) if y < len(self._lines) else ""
        strip = Strip([Segment(drawn(text)[0], style)])
        is_cut = strip.cell_length > width
        strip = strip.adjust_cell_length(width, style)
        return cut_off(strip, width - 1, Segment(CUT, style)) if is_cut else strip

    @property
    def _rows(self) -> int:
        return max(1, len(self._lines) - self._hidden - (not self._lines[-1]))
