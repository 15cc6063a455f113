"""The lines of a code block: plain while it is written, coloured once it is whole."""

import asyncio
from typing import ClassVar

from rich.segment import Segment
from textual.content import Content
from textual.geometry import Size
from textual.highlight import (
    ANSIDarkHighlightTheme,
    ANSILightHighlightTheme,
    HighlightTheme,
    highlight,
)
from textual.markup import escape
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual
from textual.widget import Widget

from shammah_tui.core.text.plain_text import cell_width, drawn, plain
from shammah_tui.ui.frame.gone import BlankWhenGone

CUT = "…"
"""Where a line goes on beyond the edge."""

TAB = 8


def title_of(info: str) -> str:
    """Return the language that a fence names, as markup for the edge of its block."""
    return escape(plain((info.split() or [""])[0])[:40])


def widest(code: str) -> int:
    """Return the cells of the widest line."""
    return max(cell_width(line.expandtabs(TAB)) for line in code.split("\n"))


def cut_off(strip: Strip, at: int, sign: Segment) -> Strip:
    """Return a line with a sign in the cell ``at``."""
    return Strip.join([strip.crop(0, at), Strip([sign], 1), strip.crop(at + 1)])


COLOURED_AT_ONCE = 2_000
"""Characters that are coloured on the loop, in 5 ms; longer code is plain until a thread has."""

NO_LANGUAGE = "text"
"""Where none is named: to guess it, Pygments imports 500 modules."""


def _theme(theme: type[HighlightTheme]) -> type[HighlightTheme]:
    """Return colours in which nothing is underlined, as links are."""
    styles = {kind: style.replace(" underline", "") for kind, style in theme.STYLES.items()}
    return type(theme.__name__, (theme,), {"STYLES": styles})


_THEMES = {
    (False, True): _theme(HighlightTheme),
    (False, False): _theme(HighlightTheme),
    (True, True): _theme(ANSIDarkHighlightTheme),
    (True, False): _theme(ANSILightHighlightTheme),
}


def coloured(code: str, language: str, *, ansi: bool, dark: bool) -> list[Content]:
    """Return the lines of ``code`` in the colours of its language: 100 µs a line."""
    theme = _THEMES[ansi, dark]
    whole = highlight(code, language=language or NO_LANGUAGE, theme=theme)
    return whole.split("\n", allow_blank=True)


def get_ready() -> None:
    """Have the usual languages compiled, in the shell and in Python: 10 to 20 ms each.

    For another thread: otherwise the first frame with such a block is held up.
    """
    for language in ("python", "bash"):
        coloured("x", language, ansi=False, dark=True)


class CodeLines(BlankWhenGone, Widget):
    """The lines of one code block, as wide as the widest.

    Only what is seen is drawn, and only code that has been seen is coloured: as one text, a
    thousand lines hold the loop for half a second.
    """

    DEFAULT_CSS = """
    CodeLines { width: auto; min-width: 100%; height: auto; padding: 0 1; }
    CodeLines > .code-lines--cut { color: $text-warning; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"code-lines--cut"}

    def __init__(self, code: str, language: str) -> None:
        super().__init__()
        # No links required in code.
        self.auto_links = False
        self._take(code, language)

    def show(self, code: str, language: str) -> None:
        if (code, language) != (self._code, self._language):
            self._take(code, language)
            self.refresh(layout=True)

    def _take(self, code: str, language: str) -> None:
        self._code, self._language = code, language
        # Tabs are written out, so that colours and what is selected are where they are seen.
        self._plain = [drawn(line.expandtabs(TAB))[0] for line in code.split("\n")]
        self._width = max(Content(line).cell_length for line in self._plain)
        self._lines: list[Content] = []
        self._colours: tuple[bool, bool] | None = None

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return self._width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._plain)

    def render_line(self, y: int) -> Strip:
        """Draw one line; the first one that is drawn has all of them coloured."""
        colours = (self.app.native_ansi_color, self.app.current_theme.dark)
        if colours != self._colours:
            self._colours = colours
            if len(self._code) <= COLOURED_AT_ONCE:
                self._lines = self._coloured()
            else:
                self.call_later(self._colour_soon)
        width, style = self.size.width, self.visual_style
        if y >= len(self._plain):
            return Strip.blank(width, style.rich_style)
        # Until then all is plain, or in the colours of the theme before.
        line = self._lines[y] if y < len(self._lines) else Content(self._plain[y])
        selection = self.text_selection
        span = None if selection is None else selection.get_span(y)
        if span is not None:
            start, end = span
            selected = Style.from_styles(self.screen.get_component_styles("screen--selection"))
            line = line.stylize(selected, start, len(line) if end == -1 else end)
        strips = Visual.to_strips(self, line, width, 1, style, apply_selection=False, pad=True)
        strip = strips[0] if strips else Strip.blank(width, style.rich_style)
        return self._with_cuts(strip.apply_offsets(0, y), Content(self._plain[y]).cell_length)

    def _with_cuts(self, strip: Strip, length: int) -> Strip:
        """Return a line with a sign at each edge that it goes on beyond."""
        block = self.parent
        if not isinstance(block, Widget) or not length:
            return strip
        left = round(block.scroll_x) - self.styles.padding.left
        right = left + block.scrollable_content_region.width
        sign = Segment(CUT, self.get_component_rich_style("code-lines--cut"))
        if right < length + self.styles.padding.left and right > 0:
            strip = cut_off(strip, right - 1, sign)
        if left >= 0 and left < length:
            strip = cut_off(strip, left, sign)
        return strip

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what is selected, unwrapped and with the tabs that are in it."""
        block = self.parent
        assert isinstance(block, Widget)
        lines = self._code.split("\n")
        first, start = (0, 0) if selection.start is None else selection.start.transpose
        last, end = (len(lines), 0) if selection.end is None else selection.end.transpose
        chosen = lines[first : last + 1]
        if chosen and last < len(lines):
            chosen[-1] = chosen[-1][: _place(chosen[-1], end, is_end=True)]
        if chosen:
            chosen[0] = chosen[0][_place(lines[first], start) :]
        # Deferred: Markdown costs 50 ms, and the colours are made ready before.
        from shammah_tui.ui.reply.reply_inline import end_below

        return "\n".join(chosen), end_below(block)

    def _coloured(self) -> list[Content]:
        ansi, dark = self._colours or (False, True)
        return coloured("\n".join(self._plain), self._language, ansi=ansi, dark=dark)

    def _colour_soon(self) -> None:
        self.run_worker(self._colour(), group="colour", exclusive=True, exit_on_error=False)

    async def _colour(self) -> None:
        code = self._code
        lines = await asyncio.to_thread(self._coloured)
        if code == self._code:
            self._lines = lines
            self.refresh()


def _place(line: str, shown: int, *, is_end: bool = False) -> int:
    """Return which character of ``line`` is at a place of what is shown of it."""
    if line.isascii() and "\t" not in line:
        return shown
    column = before = 0
    for number, each in enumerate(line):
        wide = TAB - column % TAB if each == "\t" else 1
        after = before + (wide if each == "\t" else len(drawn(each)[0]))
        if before >= shown if is_end else after > shown:
            return number
        column, before = column + wide, after
    return len(line)


class OpenFence(Widget):
    """Plain lines that only grow; drawn a line at a time, so that its length costs nothing.

    Args:
        shows_first: Whether the first line is code; otherwise it is the one that opens the fence.
        is_math: Whether it is a formula, which looks like prose.
    """

    DEFAULT_CSS = """
    OpenFence {
        width: auto;
        min-width: 100;
        max-width: 100%;
        height: auto;
        padding: 0 1;
        border: round $foreground 30%;
        border-title-color: $text-muted;
        color: rgb(210,210,210);
        background: black 10%;
        &:light { color: $foreground; background: white 30%; }
        &.-math { padding: 0; border: none; color: $foreground; background: transparent; }
    }
    """

    def __init__(self, *, shows_first: bool = False, is_math: bool = False) -> None:
        super().__init__(classes="-math" if is_math else None)
        self._lines = [""]
        self._width = 0
        self._hidden = 0 if shows_first or is_math else 1

    @property
    def code(self) -> str:
        return "\n".join(self._lines[self._hidden :])

    def append(self, text: str) -> None:
        rows = self._rows
        first, *others = text.split("\n")
        self._lines[-1] += first
        self._lines += others
        width = max(
            self._width,
            *(
                cell_width(each.expandtabs(TAB))
                for each in [self._lines[-1 - len(others)], *others]
            ),
        )
        if others and self._hidden and self._lines[0]:
            self.border_title = title_of(self._lines[0].lstrip(" >-*+0123456789.)").lstrip("`~"))
        self.refresh(layout=self._rows != rows or width != self._width)
        self._width = width

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return self._width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return self._rows

    def render_line(self, y: int) -> Strip:
        """Draw one line, with a sign where it is cut: it scrolls as soon as the block is whole."""
        width = self.size.width
        style = self.rich_style
        y += self._hidden
        text = self._lines[y].expandtabs(TAB) if y < len(self._lines) else ""
        strip = Strip([Segment(drawn(text)[0], style)])
        is_cut = strip.cell_length > width
        strip = strip.adjust_cell_length(width, style)
        return cut_off(strip, width - 1, Segment(CUT, style)) if is_cut else strip

    @property
    def _rows(self) -> int:
        return max(1, len(self._lines) - self._hidden - (not self._lines[-1]))
