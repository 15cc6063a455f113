"""The first picture, as rows of styled text; the same cells that Textual draws first."""

from shammah_tui.core.key_fit import shown_keys
from shammah_tui.first.colors import DEFAULT_COLOR, OF_TERMINAL, ansi_code, color_code
from shammah_tui.first.look import COLORLESS, Look
from shammah_tui.first.recorded import FOOTER, NAMES, STYLES
from shammah_tui.first.wrapping import cells, clip, wrap_composer, wrap_words

Span = tuple[str, str]
"""A text and the name of its style."""

Row = list[Span]

NAME, STATUS, NO_KEY = "Shammah", "Starting…", "no Claude key"
PLACEHOLDER = "Ask anything"
TITLE = "Ask anything."
WITH_CLAUDE = (
    "Claude answers until the local model is ready; then the local model answers what it can. "
    "Each reply says who answered."
)
WITHOUT_CLAUDE = (
    "The local model answers once it is ready. To use Claude meanwhile, set ANTHROPIC_API_KEY and "
    "start again."
)
HOW = "Type / for commands. Ctrl+P searches all commands."
HOW_WITH_CLAUDE = "Type / for commands, @claude to ask Claude. Ctrl+P finds the rest."
TALL = 14
"""Rows from which on the welcome says how to begin."""
NARROW = 60
"""Below this many columns the header does without the note on the key."""
LEAST_COLUMNS, LEAST_ROWS = 30, 10
"""Smaller windows are left to Textual."""

ATTRIBUTES = {
    "bold": "1",
    "dim": "2",
    "italic": "3",
    "underline": "4",
    "reverse": "7",
    "strike": "9",
}
"""What text may be, and the parameter that makes it so; a style's code has a bit for each."""


def picture(look: Look, columns: int, rows: int, text: str = "", *, is_sent: bool = False) -> str:
    """Return the bytes' text that draws everything, cursor hidden, from the top left corner.

    Args:
        look: The theme and what else is known.
        columns: Width in cells.
        rows: Height in cells.
        text: What stands in the composer.
        is_sent: Whether something was sent already: the welcome makes room for it.
    """
    painter = _Painter(look)
    shown = _rows(look, columns, rows, text, is_sent=is_sent)
    drawn = "".join(f"\x1b[{number};1H{painter.paint(row)}" for number, row in enumerate(shown, 1))
    # Synchronized output: terminals that know it show all of it at once, others pay no heed.
    return f"\x1b[?2026h{drawn}\x1b[0m\x1b[?2026l"


def _rows(look: Look, columns: int, rows: int, text: str, *, is_sent: bool) -> list[Row]:
    """Return the rows of the picture, each exactly ``columns`` wide."""
    box = _composer(text, columns, rows)
    room = rows - 2 - len(box) - 1
    pane = [] if is_sent else _welcome(look, columns, is_tall=rows >= TALL)
    if len(pane) + 1 > room:
        pane = []
    blank: Row = [(" " * columns, "pane")]
    return [
        _header(look, columns),
        [(("-" if look.theme == COLORLESS else "━") * columns, "rule")],
        *[blank] * (room - len(pane)),
        *pane,
        *box,
        _footer(look, columns, can_send=bool(text.strip())),
    ]


def _header(look: Look, columns: int) -> Row:
    shows_note = not look.has_key and columns >= NARROW
    note: Row = [("  ", "pane"), (NO_KEY, "no_key")] if shows_note else []
    room = columns - 4 - len(NAME) - sum(len(text) for text, _ in note)
    return [
        (" ", "pane"),
        (NAME, "name"),
        ("  ", "pane"),
        (STATUS, "status"),
        (" " * (room - len(STATUS)), "pane"),
        *note,
        (" ", "pane"),
    ]


def _welcome(look: Look, columns: int, *, is_tall: bool) -> list[Row]:
    lines = [(TITLE, "title")]
    said = (WITH_CLAUDE, HOW_WITH_CLAUDE) if look.has_key else (WITHOUT_CLAUDE, HOW)
    for text in said if is_tall else said[:1]:
        lines += [(line, "muted") for line in wrap_words(text, columns - 4)]
    shown: list[Row] = [
        [("  ", "pane"), line, (" " * (columns - 2 - len(line[0])), "pane")] for line in lines
    ]
    return [*shown, [(" " * columns, "pane")]]


def _composer(text: str, columns: int, rows: int) -> list[Row]:
    """Return the box; where the text needs more than a third of the rows, its end."""
    width = columns - 4
    lines = wrap_composer(text, width - 1)
    most = max(1, rows * 33 // 100 - 2)
    if len(lines) > most:
        # Textual shows a scroll bar then, which takes one column.
        lines = wrap_composer(text, width - 2)[-most:]
    inside: list[Row] = []
    if text:
        for number, line in enumerate(lines, 1):
            row: Row = [(line, "text")]
            row += [(" ", "cursor")] if number == len(lines) else [(" ", "pane")]
            inside.append([*row, (" " * (width - 1 - cells(line)), "pane")])
    else:
        rest = " " * (width - len(PLACEHOLDER))
        inside = [[(PLACEHOLDER[0], "cursor"), (PLACEHOLDER[1:], "placeholder"), (rest, "pane")]]
    edge = "─" * (columns - 2)
    return [
        [(f"╭{edge}╮", "border")],
        *([("│", "border"), (" ", "pane"), *row, (" ", "pane"), ("│", "border")] for row in inside),
        [(f"╰{edge}╯", "border")],
    ]


def _footer(look: Look, columns: int, *, can_send: bool) -> Row:
    if look.has_own_keys:
        return [(" " * columns, "footer")]
    name, label, _ = FOOTER[-1]
    docked: Row = [("▏", "divider"), (name, "key"), (f" {label} ", "word")]
    room = columns - sum(len(text) for text, _ in docked)
    keys = [(name, label, needs_text and not can_send) for name, label, needs_text in FOOTER[:-1]]
    spans: Row = []
    kept, more = shown_keys(keys, room)
    for name, label, is_off in (keys[number] for number in kept):
        off = "_off" if is_off else ""
        spans += [(f" {name} ", f"key{off}"), (f"{label} ", f"word{off}")]
    spans += [(more, "word")] if more else []
    return [*_fitted(spans, room), *docked]


def _fitted(spans: Row, room: int) -> Row:
    fitted: Row = []
    for text, style in spans:
        fitted.append((clip(text, room), style))
        room -= min(room, len(text))
    return [*fitted, (" " * room, "footer")]


class _Painter:
    """Writes spans with a theme's colours, which it looks up once each."""

    def __init__(self, look: Look) -> None:
        self._styles = dict(zip(NAMES, STYLES[look.theme].split(), strict=True))
        self._colors = 0 if look.theme == COLORLESS else look.colors
        self._codes: dict[str, str] = {}

    def paint(self, row: Row) -> str:
        """Return a row as text with escape sequences."""
        return "".join(f"{self._code(style)}{text}" for text, style in row if text)

    def _code(self, name: str) -> str:
        if name not in self._codes:
            style = self._styles[name]
            bits = int(style[12:], 16)
            codes = [code for bit, code in enumerate(ATTRIBUTES.values()) if bits >> bit & 1]
            codes += self._color(style[:6], is_back=False) + self._color(style[6:12], is_back=True)
            self._codes[name] = f"\x1b[{';'.join(['0', *codes])}m"
        return self._codes[name]

    def _color(self, color: str, *, is_back: bool) -> list[str]:
        """Return the parameters that set a colour; none where the terminal is to choose it."""
        if not self._colors or color == DEFAULT_COLOR:
            return []
        if color.startswith(OF_TERMINAL):
            return [ansi_code(int(color[len(OF_TERMINAL) :], 16), is_back=is_back)]
        return [color_code(int(color, 16), self._colors, is_back=is_back)]
