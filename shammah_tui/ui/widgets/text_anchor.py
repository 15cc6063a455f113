"""The line of text at the top of a pane, found again when it was wrapped anew."""

from dataclasses import dataclass

from textual.geometry import Region
from textual.widget import Widget

Place = tuple[int, int]
"""A line of the text as it was written, and a character in it."""


@dataclass(frozen=True, slots=True)
class TextAnchor:
    """A row of a widget, by what is written in it.

    Attributes:
        widget: The innermost widget there.
        place: Where in its text the row begins; None where the widget does not tell.
        share: How far down in the widget the row is, from 0 to 1.
        above: How many rows the row is above the widget, which begins below it.
    """

    widget: Widget
    place: Place | None
    share: float
    above: int


def anchor_at(root: Widget, y: int) -> TextAnchor | None:
    """Return what stands in a row of the screen, as it was last drawn.

    Args:
        root: What the row is part of.
        y: The row.
    """
    found: Widget | None = None
    for widget in root.walk_children(Widget):
        region = _drawn(widget)
        is_leaf = region is not None and region.height and not widget.children
        if is_leaf and region is not None and region.bottom > y:
            first = None if found is None else _drawn(found)
            if first is None or region.y < first.y:
                found = widget
    region = None if found is None else _drawn(found)
    if found is None or region is None:
        return None
    row = y - region.y
    if row < 0:
        return TextAnchor(found, None, 0.0, -row)
    return TextAnchor(found, _place(found, row), row / region.height, 0)


def row_of(anchor: TextAnchor) -> int | None:
    """Return the row of the screen in which the text stands now; None where it has gone."""
    region = _drawn(anchor.widget)
    if region is None or not anchor.widget.is_attached:
        return None
    if anchor.place is None:
        return region.y + round(anchor.share * region.height) - anchor.above
    row = 0
    for each in range(region.height):
        place = _place(anchor.widget, each)
        if place is not None and place > anchor.place:
            break
        row = each
    return region.y + row


def _drawn(widget: Widget) -> Region | None:
    """Return where a widget's content was last drawn, also while the screen is laid out anew."""
    # Asked in the usual way, the compositor would begin another layout.
    geometry = widget.screen._compositor._full_map.get(widget)
    return None if geometry is None else geometry.region.shrink(widget.gutter)


def _place(widget: Widget, row: int) -> Place | None:
    """Return where the text of a row begins, as Textual notes it for selecting by mouse."""
    if row >= widget.size.height:
        return None
    for segment in widget.render_line(row):
        if segment.style is not None and (offset := segment.style.meta.get("offset")):
            x, y = offset
            return y, x
    return None
