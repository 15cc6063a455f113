"""A reply's receipt, below its label."""

from typing import ClassVar

from textual.content import Content
from textual.widgets import Static

from shammah_tui.core.plain_text import cell_width
from shammah_tui.core.receipt_lines import receipt_lines
from shammah_tui.core.records import Receipt


class ReceiptView(Static):
    """Names on the left, values on the right.

    Args:
        receipt: What to show.
    """

    DEFAULT_CSS = """
    ReceiptView {
        height: auto;
        color: $text-muted;
        border-left: outer $rule;
        padding: 0 1;
        .receipt--name { color: $foreground; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"receipt--name"}

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(markup=False)
        self._lines = receipt_lines(receipt)

    def on_mount(self) -> None:
        """Write the lines with the theme's colours."""
        width = max(cell_width(name) for name, _ in self._lines) + 2
        style = self.get_visual_style("receipt--name", partial=True)
        self.update(
            Content("\n").join(
                Content.assemble(Content(name.ljust(width)).stylize(style), value)
                for name, value in self._lines
            )
        )
