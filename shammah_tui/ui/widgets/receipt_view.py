"""A reply's receipt, below its label."""

from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from shammah_tui.core.plain_text import cell_width
from shammah_tui.core.receipt_lines import receipt_lines
from shammah_tui.core.records import Receipt

LEAST_VALUE = 16
"""Cells; where a value would have less, it begins under its name."""


class ReceiptView(Static):
    """Names on the left, values on the right; a long value goes on under its beginning.

    Args:
        receipt: What to show.
    """

    DEFAULT_CSS = """
    ReceiptView {
        height: auto;
        color: $text-muted;
        border-left: outer $rule;
        padding: 0 1;
    }
    """

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(markup=False)
        self._lines = receipt_lines(receipt)
        self._wrapped_to = 0
        self._write(10_000)

    def on_resize(self, event: Resize) -> None:
        """Wrap the values anew."""
        if self.content_size.width != self._wrapped_to:
            self._write(self.content_size.width)

    def _write(self, width: int) -> None:
        self._wrapped_to = width
        column = max(cell_width(name) for name, _ in self._lines) + 2
        room = width - column if width - column >= LEAST_VALUE else width
        self.update(
            Content("\n").join(
                line
                for name, value in self._lines
                for line in _wrapped(name, Content(value).wrap(room), column, room < width)
            )
        )


def _wrapped(name: str, values: list[Content], column: int, has_column: bool) -> list[Content]:
    # By the variable's name: so a change of the theme changes it.
    named = Content.styled(name.ljust(column) if has_column else name, "$foreground")
    if not has_column:
        return [named, *values]
    indent = Content(" " * column)
    return [
        Content.assemble(indent if number else named, value) for number, value in enumerate(values)
    ]
