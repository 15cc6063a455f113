"""Who gave a reply, and why."""

from typing import ClassVar

from textual.content import Content
from textual.reactive import reactive
from textual.selection import Selection
from textual.widget import Widget

from shammah_tui.core.pins import Side
from shammah_tui.ui.widgets.gone import BlankWhenGone


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
        """Nobody's label takes no room."""
        self.display = bool(label)

    def watch_side(self, side: Side | None) -> None:
        """Colour it by its side."""
        self.set_class(side is Side.CLAUDE, "-claude")
        self.set_class(side is Side.LOCAL, "-local")

    def render(self) -> Content:
        """Set off the side from the reason."""
        side, dot, why = self.label.partition(" · ")
        style = self.get_visual_style("router-label--side", partial=True)
        return Content.assemble(Content(side).stylize(style), dot, why)
