"""Code in its colours, drawn a line at a time."""

import asyncio

from textual.content import Content
from textual.geometry import Size
from textual.highlight import (
    ANSIDarkHighlightTheme,
    ANSILightHighlightTheme,
    HighlightTheme,
    highlight,
)
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual
from textual.widget import Widget

COLOURED_AT_ONCE = 2_000
"""Characters that are coloured on the loop, in 5 ms; longer code is plain until a thread has."""

NO_LANGUAGE = "text"
"""Where none is named: to guess it, Pygments imports 500 modules."""


USUAL = ("python", "bash")
"""Languages of most code in replies."""


def coloured(code: str, language: str, *, ansi: bool, dark: bool) -> list[Content]:
    """Return the lines of ``code`` in the colours of its language: 100 µs a line."""
    theme = HighlightTheme
    if ansi:
        theme = ANSIDarkHighlightTheme if dark else ANSILightHighlightTheme
    whole = highlight(code, language=language or NO_LANGUAGE, theme=theme)
    return whole.split("\n", allow_blank=True)


def get_ready() -> None:
    """Have the usual languages compiled, in the shell and in Python: 10 to 20 ms each.

    For another thread: otherwise the first frame with such a block is held up.
    """
    for language in USUAL:
        coloured("x", language, ansi=False, dark=True)


class CodeLines(Widget):
    """The lines of one code block, as wide as the widest.

    Only what is seen is drawn, and only code that has been seen is coloured: as one text, a
    thousand lines hold the loop for half a second.

    Args:
        code: The code, without the fence around it.
        language: Its language, as the fence names it; may be empty.
    """

    DEFAULT_CSS = """
    CodeLines { width: auto; min-width: 100%; height: auto; padding: 1 2; }
    CodeLines:ansi { padding: 1 0; }
    """

    def __init__(self, code: str, language: str) -> None:
        super().__init__()
        # No links required in code.
        self.auto_links = False
        self._take(code, language)

    def show(self, code: str, language: str) -> None:
        """Show other code."""
        if (code, language) != (self._code, self._language):
            self._take(code, language)
            self.refresh(layout=True)

    def _take(self, code: str, language: str) -> None:
        self._code, self._language = code, language
        # Tabs are written out, so that colours and what is selected are where they are seen.
        self._plain = [line.expandtabs(8) for line in code.split("\n")]
        self._width = max(Content(line).cell_length for line in self._plain)
        self._lines: list[Content] = []
        self._colours: tuple[bool, bool] | None = None

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Return the cells of the widest line."""
        return self._width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return one row for each line."""
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
        return strip.apply_offsets(0, y)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what is selected, unwrapped; all of it with the tabs that are in it."""
        is_all = selection.start is None and selection.end is None
        return selection.extract(self._code if is_all else "\n".join(self._plain)), "\n"

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
