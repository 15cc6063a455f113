"""Tables of replies, each drawn by one widget.

Textual 8 takes a widget for each cell: of 20 rows a piece more took 60 ms, of 80 rows 150 ms.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal, cast

from markdown_it.token import Token
from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region, Size
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual
from textual.widgets import Markdown
from textual.widgets.markdown import MarkdownBlock

from shammah_tui.core.text.plain_text import Stand
from shammah_tui.ui.frame.gone import BlankWhenGone
from shammah_tui.ui.frame.plain_mode import is_plain
from shammah_tui.ui.reply.reply_inline import end_below, inline, written
from shammah_tui.ui.reply.table_grid import Fragment, Row, TableGrid

TABLE = "reply_table"
"""Type of the token that stands for all of a table."""

Align = Literal["left", "center", "right"]


def fold_tables(tokens: Sequence[Token]) -> list[Token]:
    """Return ``tokens`` with one for each table, which Markdown then asks about as a whole."""
    folded: list[Token] = []
    table: Token | None = None
    for token in tokens:
        if token.type == "table_open":
            meta: dict[str, object] = {"rows": [], "aligns": []}
            table = Token(TABLE, "table", 0, map=token.map, level=token.level, meta=meta)
            folded.append(table)
        elif table is None:
            folded.append(token)
        elif token.type == "table_close":
            table = None
        elif token.type == "tr_open":
            table.meta["rows"].append([])
        elif token.type == "th_open":
            style = str(token.attrs.get("style", ""))
            table.meta["aligns"].append(style.removeprefix("text-align:") or "left")
        elif token.type == "inline":
            table.meta["rows"][-1].append(token)
    return folded


class Cell(Content):
    """The text of a cell, and what in it stands for something else."""

    __slots__ = ("stands",)
    stands: Sequence[Stand]


def _cell(token: Token) -> Cell:
    shown = inline(token.children or (), in_table=True)
    cell = Cell(shown.content.plain, spans=[*shown.content.spans])
    cell.stands = shown.stands
    return cell


class ReplyTable(BlankWhenGone, MarkdownBlock):
    """A table that draws its own lines, and to which rows are added in place.

    Columns are as wide as what is in them; in a window that is too narrow, they wrap. What is
    selected in it is copied with a tab between cells. Its token is one of ``fold_tables``.
    """

    DEFAULT_CSS = """
    ReplyTable {
        margin-bottom: 1;
        &:light { background: white 30%; }
        .reply-table--header { color: $primary; text-style: bold; }
        .reply-table--line { color: $foreground 20%; }
        &:ansi .reply-table--line { color: ansi_bright_black; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"reply-table--header", "reply-table--line"}

    def __init__(self, markdown: Markdown, token: Token) -> None:
        super().__init__(markdown, token)
        headers, *rows = [[_cell(cell) for cell in row] for row in token.meta["rows"]]
        self._aligns = cast(list[Align], token.meta["aligns"])
        self._grid = TableGrid(headers, rows)
        self._strips: dict[int, Strip] = {}
        """The lines that were drawn, as far as nothing in them is selected."""

    @property
    def rows(self) -> Sequence[Row]:
        return self._grid.rows

    def looks_as(self, other: "ReplyTable") -> bool:
        return (
            self._has_columns_of(other)
            and len(self.rows) == len(other.rows)
            and self._first_change(other) == len(self.rows)
        )

    def replace(self, first: int, rows: Sequence[Row]) -> None:
        if first == len(self.rows) and not rows:
            return
        height = self._grid.height
        if self._grid.replace(first, rows):
            self._strips.clear()
            self.refresh(layout=True)
            return
        # The rule below the last row is the one above the next.
        y = self._grid.start(self._grid.number(first)) - 1
        self._strips = {line: strip for line, strip in self._strips.items() if line < y}
        if self._grid.height == height:
            self.refresh(Region(0, y, self.size.width, height - y))
        else:
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        self._fit(width)
        return self._grid.height

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        self._fit(width)
        span = None if self.text_selection is None else self.text_selection.get_span(y)
        strip = self._strips.get(y) if span is None else None
        if strip is None:
            strip = self._line(y, span).adjust_cell_length(width, self.visual_style.rich_style)
            strip = strip.apply_offsets(0, y)
            if span is None:
                self._strips[y] = strip
        return strip

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what is selected: a line for each row, a tab between cells."""
        self._fit(self.size.width)
        if selection.start is None and selection.end is None:
            lines = [
                "\t".join(_written(cell, 0, len(cell)) for cell in row)
                for row in (self._grid.headers, *self.rows)
            ]
            return "\n".join(lines), end_below(self)
        said = ["\t".join(self._selected(selection, row)) for row in range(self._grid.count)]
        return "\n".join(each for each in said if each), end_below(self)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()

    def become(self, block: "ReplyTable") -> None:
        """Show what another table shows; of rows that are the same nothing is drawn again."""
        if self._has_columns_of(block):
            first = self._first_change(block)
            self.replace(first, block.rows[first:])
        else:
            self._aligns, self._grid = block._aligns, block._grid
            self._strips.clear()
            self.refresh(layout=True)

    def _has_columns_of(self, other: "ReplyTable") -> bool:
        return self._aligns == other._aligns and _is_same(self._grid.headers, other._grid.headers)

    def _first_change(self, other: "ReplyTable") -> int:
        """Return the first row that differs, or that only one of the two has."""
        pairs = enumerate(zip(self.rows, other.rows, strict=False))
        shorter = min(len(self.rows), len(other.rows))
        return next((number for number, (a, b) in pairs if not _is_same(a, b)), shorter)

    def _fit(self, width: int) -> None:
        if self._grid.fit(width):
            self._strips.clear()

    def _line(self, y: int, span: tuple[int, int] | None) -> Strip:
        """Draw a line as wide as the table; what is in ``span`` of it is selected."""
        if y >= self._grid.height:
            return Strip([])
        row, line = self._grid.place(y)
        style, line_style = self.visual_style, self.get_visual_style("reply-table--line").rich_style
        if line < 0:
            return Strip([Segment(self._shown(self._rule(row)), line_style)])
        blank = style.rich_style
        edge = self._shown("│")
        segments = [Segment(edge, line_style)]
        for column, (fragment, x, before, after) in enumerate(self._parts(row, line)):
            segments.append(Segment(" " * (before + 1), blank))
            if fragment is not None:
                content = fragment.content
                if span is not None:
                    start, end = _shared(span, x, len(content))
                    selected = self.screen.get_component_styles("screen--selection")
                    content = content.stylize(Style.from_styles(selected), start, end)
                is_header = column == 0 if self._grid.is_turned else row == 0
                shown = self.get_visual_style("reply-table--header") if is_header else style
                width = max(1, content.cell_length)
                for strip in Visual.to_strips(
                    self, content, width, 1, shown, apply_selection=False
                ):
                    segments += strip
            segments += [Segment(" " * (after + 1), blank), Segment(edge, line_style)]
        return Strip(segments)

    def _rule(self, row: int) -> str:
        left, middle, right = "┌┬┐" if row == 0 else "└┴┘" if row == self._grid.count else "├┼┤"
        return f"{left}{middle.join('─' * (width + 2) for width in self._grid.widths)}{right}"

    def _parts(self, row: int, line: int) -> Iterator[tuple[Fragment | None, int, int, int]]:
        """Yield what a line has of each cell.

        That is the text, the character of the line that it begins at, and the cells that are
        blank before and after it.
        """
        x = 2
        for column, fragments in enumerate(self._grid.fragments(row)):
            fragment = fragments[line] if line < len(fragments) else None
            room = self._grid.widths[column]
            if fragment is not None:
                room = max(0, room - fragment.content.cell_length)
            align = "left" if self._grid.is_turned else self._aligns[column]
            before = {"left": 0, "center": room // 2, "right": room}[align]
            yield fragment, x + before, before, room - before
            x += 3 + room + (0 if fragment is None else len(fragment.content))

    def _selected(self, selection: Selection, row: int) -> list[str]:
        cells = [(len(cell), 0) for cell in self._grid.drawn(row)]
        top = self._grid.start(row)
        for line in range(max(map(len, self._grid.fragments(row)))):
            span = selection.get_span(top + line)
            if span is None:
                continue
            for column, (fragment, x, _, _) in enumerate(self._parts(row, line)):
                if fragment is not None:
                    start, end = _shared(span, x, len(fragment.content))
                    if start < end:
                        first, last = cells[column]
                        start, end = start + fragment.start, end + fragment.start
                        cells[column] = min(first, start), max(last, end)
        drawn = self._grid.drawn(row)
        return [
            _written(cell, start, end)
            for cell, (start, end) in zip(drawn, cells, strict=True)
            if start < end
        ]

    def _shown(self, drawn: str) -> str:
        """Return lines as they are drawn: the plain mode has room instead."""
        return " " * len(drawn) if is_plain(self) else drawn


def _written(cell: Content, start: int, end: int) -> str:
    assert isinstance(cell, Cell)
    return written(cell.plain, cell.stands, start, end)


def _is_same(row: Row, other: Row) -> bool:
    return all(one.is_same(another) for one, another in zip(row, other, strict=True))


def _shared(span: tuple[int, int], x: int, length: int) -> tuple[int, int]:
    """Return what a text at ``x`` shares with ``span``, which may be endless, within the text."""
    start, end = span
    return max(0, start - x), length if end == -1 else max(0, min(length, end - x))
