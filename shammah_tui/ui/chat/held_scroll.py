"""A scroll pane that keeps its place when what is above it, or its width, changes."""

from bisect import bisect_right
from dataclasses import dataclass

from textual.containers import VerticalScroll
from textual.geometry import Region, Size, clamp
from textual.layout import DockArrangeResult
from textual.scrollbar import ScrollBar
from textual.widget import Widget

from shammah_tui.ui.frame.textual_privates import region_drawn

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
    """Return what of ``root`` stands in the row ``y`` of the screen, as it was last drawn."""
    leaves = (
        (widget, region)
        for widget in root.walk_children(Widget)
        if not widget.children
        and (region := _drawn(widget)) is not None
        and region.height
        and region.bottom > y
    )
    found, region = min(leaves, key=lambda leaf: leaf[1].y, default=(None, Region()))
    if found is None:
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
    region = region_drawn(widget)
    return None if region is None else region.shrink(widget.gutter)


def _place(widget: Widget, row: int) -> Place | None:
    """Return where the text of a row begins, as Textual notes it for selecting by mouse."""
    if row >= widget.size.height:
        return None
    for segment in widget.render_line(row):
        if segment.style is not None and (offset := segment.style.meta.get("offset")):
            x, y = offset
            return y, x
    return None


TRIES = 3
"""Refreshes after which a reply, of which only what is seen is laid out, has its height."""


class HeldScroll(VerticalScroll):
    """Holds the child at the top in its row, or the end where that is followed.

    Whatever is mounted, unfolded or wrapped anew above it: what was seen stays where it was, from
    the first frame on. Scrolling afterwards would show one frame of something else.
    """

    _held: tuple[Widget, int] | None = None
    _room = Size(0, 0)
    _line: "tuple[TextAnchor, float] | None" = None
    """The line at the top when the width changed last, and where the pane was then scrolled to."""

    def hold(self, child: Widget, row: int) -> None:
        """Have ``child`` begin in the pane's ``row`` from 0, as far as there is enough to scroll.

        Until somebody scrolls; it may be one that is not arranged yet.
        """
        self.release_anchor()
        self._held = child, row

    def stay(self) -> None:
        """Hold what is at the top, also where the end was followed."""
        top = self.top_child
        if top is not None:
            self.hold(top, top.virtual_region.y - top.styles.margin.top - round(self.scroll_y))

    @property
    def held_child(self) -> Widget | None:
        """The child at the top, also once nothing is shown any more; None where it is the end."""
        return None if self._held is None else self._held[0]

    @property
    def is_at_end(self) -> bool:
        return self.scroll_y >= self.max_scroll_y

    @property
    def top_child(self) -> Widget | None:
        """The first child that is seen, if only its end; None without any."""
        children = self.children
        at = bisect_right(children, self.scroll_y, key=lambda child: child.virtual_region.bottom)
        return children[at] if at < len(children) else None

    def anchor(self, anchor: bool = True) -> None:
        self._held = None
        super().anchor(anchor)

    def watch_scroll_y(self, old: float, new: float) -> None:
        super().watch_scroll_y(old, new)
        top = self.top_child
        if top is None or self.is_at_end:
            self._held = None
        else:
            # With its margin, which a border takes the place of where the focus comes.
            self._held = top, top.virtual_region.y - top.styles.margin.top - round(new)

    @property
    def container_size(self) -> Size:
        """The room there is; in the first layout too, which would put the end elsewhere."""
        return super().container_size or self._room

    def arrange(self, size: Size, optimal: bool = False) -> DockArrangeResult:
        """Scroll with what is held, in the pass that arranges it."""
        if size.width != self._room.width and not optimal:
            self._note_line()
        result = super().arrange(size, optimal)
        self._room = size
        if self._held is not None and not optimal:
            child, row = self._held
            for placement in result.placements:
                if placement.widget is child:
                    most = max(0, result.total_region.bottom - size.height)
                    top = placement.region.y - placement.margin.top
                    self._be_at(float(clamp(top - row, 0, most)))
                    break
        return result

    def _note_line(self) -> None:
        """Note the line at the top before it is wrapped anew, to find it again afterwards."""
        if self._held is None or not self._room.width:
            self._line = None
            return
        line, at = self._line or (None, -1.0)
        if line is None or self.scroll_y != at or not line.widget.is_attached:
            # Where nobody scrolled since, the line is the one of the last time: else what is lost
            # by rounding would add up while a window is pulled.
            line = anchor_at(self._held[0], self.content_region.y)
        self._line = None if line is None else (line, self.scroll_y)
        self.call_after_refresh(self._find_line, TRIES)

    def _find_line(self, tries: int) -> None:
        """Scroll to the line that was at the top; what is laid out later is waited for."""
        if self._line is None or self._held is None:
            return
        line, at = self._line
        row = row_of(line)
        if row is None or (self.scroll_y != at and tries < TRIES):
            return
        if step := row - self.content_region.y:
            self.scroll_to(y=self.scroll_y + step, animate=False, force=True, immediate=True)
        self._line = line, self.scroll_y
        if tries:
            self.call_after_refresh(self._find_line, tries - 1)

    def _be_at(self, y: float) -> None:
        # As the compositor does for an anchor: a layout is under way, which must not begin another.
        if y != self.scroll_y:
            self.set_reactive(Widget.scroll_y, y)
            self.set_reactive(Widget.scroll_target_y, y)
            self.vertical_scrollbar.set_reactive(ScrollBar.position, y)
