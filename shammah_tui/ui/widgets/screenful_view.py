"""What was last seen of a conversation, until its messages are there."""

from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from shammah_tui.first.screenful import Screenful
from shammah_tui.ui.seen_rows import strip_of


class ScreenfulView(Widget):
    """The rows of the first picture's pane, in the same place.

    As high as all that there was to scroll through, so that the scroll bar is as it will be.

    Args:
        screenful: What was seen.
    """

    def __init__(self, screenful: Screenful) -> None:
        super().__init__()
        self._strips = [strip_of(row) for row in screenful.rows]
        self._top, self.styles.height = screenful.place
        self.styles.width = "100%"

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Take the width there is."""
        return container.width

    def render_line(self, y: int) -> Strip:
        """Return a row."""
        if 0 <= y - self._top < len(self._strips):
            return self._strips[y - self._top].adjust_cell_length(self.size.width)
        return Strip.blank(self.size.width, self.visual_style.rich_style)
