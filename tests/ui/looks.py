"""What the screen shows, as text and as styles, without the terminal."""

from collections.abc import Iterator

from rich.segment import Segment

from shammah_tui.ui.app import ShammahApp


def segments(app: ShammahApp) -> Iterator[Segment]:
    """Yield all that the screen would write, filtered as the terminal would get it."""
    background = app.screen.background_colors[1]
    for strip in app.screen._compositor.render_strips():
        line = list(strip)
        for each in app._filters:
            if each.enabled:
                line = each.apply(line, background)
        yield from line


def rows(app: ShammahApp) -> list[str]:
    """Return the rows that are shown, without the white space at their ends."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def row_of(app: ShammahApp, text: str) -> int | None:
    """Return the first row that shows ``text``, from 0; None where there is none."""
    return next((y for y, row in enumerate(rows(app)) if text in row), None)
