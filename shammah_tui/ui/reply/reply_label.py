"""A reply's label, and its receipt below it."""

from typing import ClassVar

from textual.content import Content
from textual.events import Resize
from textual.reactive import reactive
from textual.selection import Selection
from textual.widget import Widget
from textual.widgets import Static

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt
from shammah_tui.core.text.plain_text import cell_width
from shammah_tui.core.wording.receipt_lines import receipt_lines
from shammah_tui.ui.frame.gone import BlankWhenGone

LEAST_VALUE = 16
"""Cells; where a value would have less, it begins under its name."""


class ReceiptView(Static):
    """Names on the left, values on the right; a long value goes on under its beginning."""

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


class RouterLabel(BlankWhenGone, Widget):
    """One quiet line above a reply, beginning with ``Claude`` or ``Local``."""

    DEFAULT_CSS = """
    RouterLabel {
        height: auto;
        color: $text-muted;
        &.-claude .router-label--side { color: $claude; }
        &.-local .router-label--side { color: $local; }
        .router-label--side { text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"router-label--side"}
    ALLOW_SELECT = False

    label = reactive("", layout=True)
    """The whole label, as ``core.labels`` words it."""
    side: reactive[Side | None] = reactive(None)
    """Who replies."""

    def get_selection(self, selection: Selection) -> None:
        """Add nothing to what is copied, also where everything is selected by a key."""

    def watch_label(self, label: str) -> None:
        self.display = bool(label)

    def watch_side(self, side: Side | None) -> None:
        self.set_class(side is Side.CLAUDE, "-claude")
        self.set_class(side is Side.LOCAL, "-local")

    def render(self) -> Content:
        side, dot, why = self.label.partition(" · ")
        style = self.get_visual_style("router-label--side", partial=True)
        return Content.assemble(Content(side).stylize(style), dot, why)
