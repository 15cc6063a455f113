"""How a table fits its window: widths of columns, heights of rows, and where each line lies."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, chain
from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content

Row = Sequence[Content]

LEAST_COLUMN = 8
"""Cells that a column has at least, unless all in it is shorter; with less the table is turned."""


class Fragment(NamedTuple):
    """A part of a cell that is one line of it."""

    content: Content
    start: int
    """Where it begins in the cell's text."""


class Place(NamedTuple):
    """What is in one line of a table that is drawn."""

    row: int
    """Number of the row that the line belongs to, or that it is the rule above; from 0."""
    line: int
    """Number of the line in the row, from 0; -1 for a rule above it."""


class TableGrid:
    """Rows of cells in a width; adding a row costs what that row costs.

    A table that would have columns of less than ``LEAST_COLUMN`` cells is turned: each of its rows
    becomes as many rows of two columns, what the column is called and what is in it.

    Attributes:
        is_turned: Whether each cell has its column's name to its left, instead of above.
        widths: Cells of each column that is drawn, without what is between them.
    """

    def __init__(self, headers: Row, rows: Sequence[Row]) -> None:
        self.headers = headers
        self.rows: list[Row] = []
        self._measures = [[_measure(cell) for cell in headers]]
        self._room = 0
        self._forget()
        self.replace(0, rows)

    @property
    def height(self) -> int:
        return self._ends[-1] + 1

    def replace(self, first: int, rows: Sequence[Row]) -> bool:
        """Have ``rows`` stand from the row ``first`` on, instead of all that stood there.

        Returns:
            Whether all is laid out anew: the rows above have other places now.
        """
        self.rows[first:] = rows
        self._measures[first + 1 :] = [[_measure(cell) for cell in row] for row in rows]
        return not self._room or self._lay_out(first)

    def fit(self, room: int) -> bool:
        """Lay out for a window of ``room`` cells; return whether it was another one before."""
        if room == self._room:
            return False
        self._room = room
        self._forget()
        return self._lay_out(0)

    def place(self, y: int) -> Place:
        """Return what is in the line ``y``, counted from 0; the rule at the end is above none."""
        number = bisect_right(self._ends, y)
        start = self._ends[number - 1] if number else 0
        return Place(number, y - start - self._has_rule(number))

    def drawn(self, number: int) -> Row:
        """Return the cells of a row that is drawn; the first row has the headers."""
        if not self.is_turned:
            return self.rows[number - 1] if number else self.headers
        row, column = divmod(number, len(self.headers))
        return self.headers[column], self.rows[row][column]

    def fragments(self, number: int) -> list[list[Fragment]]:
        if number not in self._fragments:
            cells = zip(self.drawn(number), self.widths, strict=True)
            self._fragments[number] = [_wrapped(cell, width) for cell, width in cells]
        return self._fragments[number]

    @property
    def count(self) -> int:
        return len(self._ends)

    def number(self, row: int) -> int:
        """Return which of the rows that are drawn shows the first of ``row``."""
        return row * len(self.headers) if self.is_turned else row + 1

    def start(self, number: int) -> int:
        """Return the first line of a row that is drawn, below the rule above it."""
        return (self._ends[number - 1] if number else 0) + self._has_rule(number)

    def _forget(self) -> None:
        self.widths: list[int] = []
        self.is_turned = False
        self._ends: list[int] = [0]
        self._fragments: dict[int, list[list[Fragment]]] = {}

    def _has_rule(self, number: int) -> bool:
        """Return whether there is a rule above a row, which is between any two that are drawn."""
        return not self.is_turned or number % len(self.headers) == 0

    def _lay_out(self, first: int) -> bool:
        """Lay out from the row ``first`` on, or all where columns are not what they were."""
        columns = [*zip(*self._measures, strict=True)]
        least = [min(max(each[0] for each in column), LEAST_COLUMN) for column in columns]
        is_turned = (
            bool(self.rows) and len(columns) > 2 and sum(least) + _between(len(least)) > self._room
        )
        if is_turned:
            names, *others = self._measures
            columns = [tuple(names), tuple(chain.from_iterable(others))]
        naturals = [max(each[0] for each in column) for column in columns]
        words = [max(each[1] for each in column) for column in columns]
        room = self._room - _between(len(columns))
        widths = shared_out(naturals, words, room)
        is_anew = (widths, is_turned) != (self.widths, self.is_turned)
        if is_anew:
            self._forget()
            self.widths, self.is_turned, first = widths, is_turned, 0
        # Without a turn the headers are the first that is drawn.
        number = self.number(first) if first else 0
        count = self.number(len(self.rows))
        self._fragments = {row: each for row, each in self._fragments.items() if row < number}
        heights = (self._height(each) + self._has_rule(each) for each in range(number, count))
        ends = accumulate(heights, initial=self._ends[number - 1] if number else 0)
        self._ends[number:] = list(ends)[1:]
        return is_anew

    def _height(self, number: int) -> int:
        cells = zip(self.drawn(number), self.widths, strict=True)
        return max(_lines(cell, width) for cell, width in cells)


def shared_out(naturals: Sequence[int], words: Sequence[int], room: int) -> list[int]:
    """Return a width for each column, all of them in ``room`` cells together.

    Each has what it needs where that is possible. Otherwise all have the same, but none more than
    it needs and, where there is room for it, none less than its longest word, or than as much of
    it as ``LEAST_COLUMN``.

    Args:
        naturals: Cells that each column needs for all of it to be in one line.
        words: Cells of the longest word in each.
        room: Cells for all.
    """
    if sum(naturals) <= room:
        return [*naturals]
    floors: Sequence[int] = words
    for least in (LEAST_COLUMN, 1):
        if sum(floors) > room:
            floors = [min(word, least) for word in words]
    level, most = 1, max(naturals)
    while level < most:
        middle = (level + most + 1) // 2
        if sum(_clamped(naturals, floors, middle)) <= room:
            level = middle
        else:
            most = middle - 1
    widths = _clamped(naturals, floors, level)
    rest = room - sum(widths)
    for column, natural in enumerate(naturals):
        if rest > 0 and widths[column] == level < natural:
            widths[column] += 1
            rest -= 1
    return widths


def _clamped(naturals: Sequence[int], floors: Sequence[int], level: int) -> list[int]:
    return [
        max(1, min(natural, max(floor, level)))
        for natural, floor in zip(naturals, floors, strict=True)
    ]


def _between(columns: int) -> int:
    """Return how many cells of a line are not the columns': lines, and a space at each side."""
    return 3 * columns + 1


def _measure(cell: Content) -> tuple[int, int]:
    """Return the cells that the longest line and the longest word of ``cell`` take."""
    return _longest(cell.plain.split("\n")), _longest(cell.plain.split())


def _longest(texts: Sequence[str]) -> int:
    return max((len(each) if each.isascii() else cell_len(each) for each in texts), default=0)


def _lines(cell: Content, width: int) -> int:
    """Return how many lines a cell takes; half as dear as to make them."""
    fits = cell.cell_length <= width and "\n" not in cell.plain
    return 1 if fits else cell.get_height({}, width)


def _wrapped(cell: Content, width: int) -> list[Fragment]:
    if _lines(cell, width) == 1:
        return [Fragment(cell, 0)]
    fragments: list[Fragment] = []
    at = 0
    for line in cell.wrap(width):
        # What stands between two lines is left out: white space that the line ended at.
        at = max(at, cell.plain.find(line.plain, at))
        fragments.append(Fragment(line, at))
        at += len(line)
    return fragments
