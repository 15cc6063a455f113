"""The first picture, as rows of styled text; the same cells that Textual draws first."""

from shammah_tui.core.text.key_fit import shown_keys
from shammah_tui.core.wording.first_frame import (
    HOW,
    HOW_WITH_CLAUDE,
    NAME,
    NARROW,
    NO_KEY,
    PLACEHOLDER,
    STARTING,
    TALL,
    WELCOME,
    WITH_CLAUDE,
    WITHOUT_CLAUDE,
)
from shammah_tui.start.colors import color_code
from shammah_tui.start.look import Look
from shammah_tui.start.wrapping import cells, wrap_composer, wrap_words

Span = tuple[str, str]
"""A text and the name of its style."""

Row = list[Span]

LEAST_COLUMNS, LEAST_ROWS = 30, 10
"""Smaller windows are left to Textual."""

FOOTER: tuple[tuple[str, str, bool], ...] = (
    ("⏎", "Send", True),
    ("F3", "Conversations", False),
    ("F2", "Models", False),
    ("F8", "Cancel", False),
    ("^q", "Quit", False),
    ("F1", "Help", False),
    ("^p", "palette", False),
)
"""Key, word, and whether it needs text in the composer; the palette is the last."""

DARK = {
    "pane": 0x14161F,
    "name": 0x7AA2F7,
    "status": 0xD5D9E8,
    "no_key": 0xDFAF68,
    "rule": 0x2E3448,
    "muted": 0xA1A1A5,
    "cursor": 0xD5D9E8,
    "cursor_text": 0x14161F,
    "placeholder": 0x727378,
    "word": 0x8B93AD,
    "key_off": 0x5772AD,
    "word_off": 0x62687C,
    "divider": 0x3A3D47,
}
"""The colours of ``shammah-dark``, by the names of styles; ``pane`` is the background of all."""

LIGHT = {
    "pane": 0xFBFBFD,
    "name": 0x2959AA,
    "status": 0x22263A,
    "no_key": 0x8E5E15,
    "rule": 0xD3D6E2,
    "muted": 0x646465,
    "cursor": 0x636574,
    "cursor_text": 0xEFEFF1,
    "placeholder": 0x969697,
    "word": 0x5B6178,
    "key_off": 0x7090C6,
    "word_off": 0x9195A5,
    "divider": 0xCFD0D6,
}
"""The same of ``shammah-light``."""

LIKE = {"title": "status", "text": "status", "border": "name", "key": "name"}
"""Styles that have the colour of another one."""

BOLD = ("name", "title", "key", "key_off")
"""Styles that are bold."""

COLORLESS = {
    "name": "1",
    "title": "1",
    "cursor": "7",
    "key": "1",
    "key_off": "1;2",
    "word_off": "2",
}
"""Parameters of the styles where NO_COLOR is set: bold, dim and reverse; others have none."""


def picture(look: Look, columns: int, rows: int, text: str = "", *, is_sent: bool = False) -> str:
    """Return the text that draws everything, cursor hidden, from the top left corner.

    What is in the composer is ``text``; where something was sent the welcome makes room for it.
    """
    shown = _rows(look, columns, rows, text, is_sent=is_sent)
    codes = {style: _code(look, style) for style in {each for row in shown for _, each in row}}
    drawn = "".join(
        f"\x1b[{number};1H" + "".join(f"{codes[style]}{text}" for text, style in row if text)
        for number, row in enumerate(shown, 1)
    )
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
        [(("━" if look.colors else "-") * columns, "rule")],
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
        (STARTING, "status"),
        (" " * (room - len(STARTING)), "pane"),
        *note,
        (" ", "pane"),
    ]


def _welcome(look: Look, columns: int, *, is_tall: bool) -> list[Row]:
    lines = [(WELCOME, "title")]
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
        return [(" " * columns, "pane")]
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
    rest = room - sum(len(text) for text, _ in spans)
    return [*spans, (" " * rest, "pane"), *docked]


def _code(look: Look, name: str) -> str:
    """Return the escape sequence that sets a style."""
    codes = ["0"]
    if look.colors:
        palette = LIGHT if look.is_light else DARK
        front, back = palette.get(LIKE.get(name, name)), palette["pane"]
        if name == "cursor":
            front, back = palette["cursor_text"], palette["cursor"]
        codes += ["1"] if name in BOLD else []
        if front is not None:
            codes.append(color_code(front, look.colors, is_back=False))
        codes.append(color_code(back, look.colors, is_back=True))
    elif name in COLORLESS:
        codes.append(COLORLESS[name])
    return f"\x1b[{';'.join(codes)}m"
