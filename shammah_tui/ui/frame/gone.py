"""A widget that was taken away, and is drawn once more."""

from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.strip import Strip

# Not a widget by itself: Textual takes the styles of the first base alone.
if TYPE_CHECKING:
    from textual.widget import Widget as _Widget
else:
    _Widget = object


class BlankWhenGone(_Widget):
    """Blank once it was taken away; to be mixed into widgets with styles for their parts.

    Textual 8 takes those styles away with the widget, and yet may draw it until the next layout:
    asking for a style then would end the program.
    """

    def render_lines(self, crop: Region) -> list[Strip]:
        if self.parent is None:
            return [Strip.blank(crop.width)] * crop.height
        return super().render_lines(crop)
