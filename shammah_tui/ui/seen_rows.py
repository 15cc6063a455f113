"""What is seen of a part of the screen: the cells of its widgets, whatever lies over it."""

from typing import Any

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.errors import NoWidget
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from shammah_tui.core.plain_text import drawable
from shammah_tui.first.picture import ATTRIBUTES, Row
from shammah_tui.first.screenful import DEFAULT_COLOR, NO_COLOR, OF_TERMINAL, is_safe


def seen_rows(screen: Screen[None], part: Widget) -> list[Row] | None:
    """Return the rows of ``part`` as they are on the screen, notices and panels over it left out.

    Returns None where it is not arranged, or where some of it cannot be written down, as control
    characters.
    """
    try:
        place = screen.find_widget(part).visible_region
    except NoWidget:
        return None
    if not place:
        return None
    drawn = []
    for widget in _with_bars(part):
        try:
            geometry = screen.find_widget(widget)
        except NoWidget:
            continue
        seen = geometry.visible_region.intersection(place)
        if seen and widget.visible:
            drawn.append((geometry.order, seen, geometry.region, widget))
    strips = [Strip.blank(place.width)] * place.height
    # From the back to the front: as the compositor does it, only that it leaves out what is hidden.
    for _, seen, region, widget in sorted(drawn, key=lambda each: each[0]):
        lines = widget.render_lines(seen.translate(-region.offset))
        left = seen.x - place.x
        for y, line in enumerate(lines, seen.y - place.y):
            below = strips[y]
            strips[y] = Strip.join(
                [
                    below.crop(0, left),
                    line.adjust_cell_length(seen.width),
                    below.crop(left + seen.width, place.width),
                ]
            )
    rows = [_row(strip) for strip in strips]
    return None if None in rows else [row for row in rows if row is not None]


def strip_of(row: Row) -> Strip:
    """Return a row as Textual draws it."""
    return Strip([Segment(text, _style(code)) for text, code in row])


def _with_bars(part: Widget) -> list[Widget]:
    found = []
    for widget in [part, *part.walk_children(Widget)]:
        found.append(widget)
        # They are no children.
        bars = widget.show_vertical_scrollbar, widget.show_horizontal_scrollbar
        if bars[0]:
            found.append(widget.vertical_scrollbar)
        if bars[1]:
            found.append(widget.horizontal_scrollbar)
        if all(bars):
            found.append(widget.scrollbar_corner)
    return found


def _row(strip: Strip) -> Row | None:
    row: Row = []
    for segment in strip.simplify():
        code, text = _code(segment.style or Style()), drawable(segment.text)
        if code is None or not is_safe(text):
            return None
        if row and row[-1][1] == code:
            row[-1] = row[-1][0] + text, code
        else:
            row.append((text, code))
    return row


def _code(style: Style) -> str | None:
    front, back = _hexadecimal(style.color), _hexadecimal(style.bgcolor)
    if front is None or back in (None, NO_COLOR):
        return None
    bits = sum(1 << bit for bit, name in enumerate(ATTRIBUTES) if getattr(style, name))
    return f"{front}{back}{bits:02X}"


def _hexadecimal(color: Color | None) -> str | None:
    if color is None:
        return NO_COLOR
    if color.is_default:
        return DEFAULT_COLOR
    if color.triplet is None:
        # Beyond the sixteen nothing that is shown uses a palette.
        is_ansi = color.number is not None and color.number < 16
        return f"{OF_TERMINAL}{color.number:02X}" if is_ansi else None
    return "".join(f"{part:02X}" for part in color.triplet)


def _style(code: str) -> Style:
    front, back, bits = code[:6], code[6:12], int(code[12:], 16)
    attributes: dict[str, Any] = {
        name: True for bit, name in enumerate(ATTRIBUTES) if bits >> bit & 1
    }
    return Style(color=_color(front), bgcolor=_color(back), **attributes)


def _color(code: str) -> str | None:
    if code == NO_COLOR:
        return None
    if code == DEFAULT_COLOR:
        return "default"
    if code.startswith(OF_TERMINAL):
        return f"color({int(code[len(OF_TERMINAL) :], 16)})"
    return f"#{code}"
