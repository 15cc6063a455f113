"""The pictures that a program has drawn in a terminal, with their times."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pyte
from pyte.screens import Char

from tests.end_to_end.screen import EmulatedScreen

CURSOR = 25
"""The private mode in which it is shown."""
FRAME_S = 0.1
"""What follows a picture within this time is seen together with it."""
STILL_S = 1.2
"""A time in which nothing changes is cut to this; everything else keeps its pace."""


@dataclass(frozen=True, slots=True)
class Run:
    """Cells of one row that look the same, from ``column`` on; colours as six hex digits."""

    column: int
    text: str
    color: str
    background: str
    is_bold: bool = False
    is_italic: bool = False
    is_underlined: bool = False


Row = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture and for how long it is shown."""

    rows: tuple[Row, ...]
    shown_s: float


def frames_of(
    pieces: Iterable[tuple[float, bytes]], columns: int, rows: int, foreground: str, background: str
) -> list[Frame]:
    """Return what was shown while ``pieces`` were written, each at its time in seconds.

    ``foreground`` and ``background`` are the terminal's own colours. The last picture is the last
    thing that was written; how long it is shown is left to who shows it.
    """
    emulated = EmulatedScreen(columns, rows)
    frames: list[Frame] = []
    drawn_s: float | None = None
    for at_s, piece in pieces:
        if drawn_s is None or at_s - drawn_s >= FRAME_S:
            if drawn_s is not None:
                picture = _rows(emulated, foreground, background)
                _show(frames, picture, min(at_s - drawn_s, STILL_S))
            drawn_s = at_s
        emulated.feed(piece)
    _show(frames, _rows(emulated, foreground, background), STILL_S)
    return frames


def _show(frames: list[Frame], rows: tuple[Row, ...], shown_s: float) -> None:
    if frames and frames[-1].rows == rows:
        frames[-1] = replace(frames[-1], shown_s=min(frames[-1].shown_s + shown_s, STILL_S))
    else:
        frames.append(Frame(rows, shown_s))


def _rows(emulated: EmulatedScreen, foreground: str, background: str) -> tuple[Row, ...]:
    screen = emulated.screen
    cursor = emulated.cursor if CURSOR in emulated.private_modes else None
    return tuple(
        _row(screen, number, cursor, foreground, background) for number in range(screen.lines)
    )


def _row(
    screen: pyte.Screen,
    number: int,
    cursor: tuple[int, int] | None,
    foreground: str,
    background: str,
) -> Row:
    cells = screen.buffer[number]
    runs: list[Run] = []
    for column in range(screen.columns):
        cell: Char = cells[column]
        color = foreground if cell.fg == "default" else _hex(cell.fg)
        behind = background if cell.bg == "default" else _hex(cell.bg)
        if cell.reverse != (cursor == (column, number)):
            color, behind = behind, color
        looks = (color, behind, cell.bold, cell.italics, cell.underscore)
        last = runs[-1] if runs else None
        if last is not None and looks == (
            last.color,
            last.background,
            last.is_bold,
            last.is_italic,
            last.is_underlined,
        ):
            runs[-1] = replace(last, text=last.text + cell.data)
        else:
            runs.append(Run(column, cell.data, *looks))
    return tuple(runs)


_NAMED = {
    "black": "000000",
    "red": "cd3131",
    "green": "0dbc79",
    "brown": "e5e510",
    "blue": "2472c8",
    "magenta": "bc3fbc",
    "cyan": "11a8cd",
    "white": "e5e5e5",
}


def _hex(color: str) -> str:
    return _NAMED.get(color, color)
