"""The cells that Textual draws when the program begins, and the tables that are made of them.

``python -m tests.first.screen_cells`` writes ``shammah_tui/first/recorded.py`` anew.
"""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.color import Color, ColorSystem
from rich.style import Style
from textual.screen import Screen
from textual.theme import BUILTIN_THEMES

import shammah_tui.first
from shammah_tui.adapters.claude import Claude
from shammah_tui.core.settings import Settings
from shammah_tui.first.colors import DEFAULT_COLOR, OF_TERMINAL
from shammah_tui.first.look import COLORLESS, DEFAULT_THEME
from shammah_tui.first.picture import ATTRIBUTES
from shammah_tui.ui.theme import THEME_NAMES
from shammah_tui.ui.widgets.key_line import KeyLine, OfferedKey
from tests.ui.apps import Stage, wait_until


class Cell(NamedTuple):
    """What a cell shows; white space has no colour of its own, None is the terminal's own."""

    text: str
    front: int | None
    back: int | None
    bold: bool
    dim: bool
    reverse: bool


Rows = list[list[Cell]]


async def first_cells(
    theme: str,
    size: tuple[int, int],
    *,
    has_key: bool = False,
    text: str = "",
    colors: int = 0,
    is_colorless: bool = False,
) -> Rows:
    """Return what the real screen shows before the local model's state is known.

    Args:
        theme: The theme's name.
        size: Columns and rows.
        has_key: Whether Claude can be asked.
        text: What stands in the composer.
        colors: 256 or 16 for Rich's choice among so many, otherwise the full colour.
        is_colorless: Whether NO_COLOR is set.
    """
    stage = Stage(
        Claude("model", 1, {"ANTHROPIC_API_KEY": "key"}) if has_key else None,
        settings=Settings(theme=theme),
    )
    with pytest.MonkeyPatch.context() as patch:
        if is_colorless:
            patch.setenv("NO_COLOR", "1")
        app = stage.app()
    app.loader.start = lambda: None  # type: ignore[method-assign]
    async with app.run_test(size=size) as pilot:
        screen = app.screen
        composer = screen.query_one("Composer")
        composer.cursor_blink = False  # type: ignore[attr-defined]
        await wait_until(pilot, lambda: bool(screen.query_one(KeyLine).offered))
        if text:
            composer.insert(text)  # type: ignore[attr-defined]
        await pilot.pause(0.1)
        await pilot.pause()
        return cells_of(screen, colors)


def cells_of(screen: Screen[object], colors: int = 0) -> Rows:
    """Return what a screen shows now, as the terminal gets it."""
    rows = []
    for strip in screen._compositor.render_strips():
        segments = list(strip)
        for line_filter in screen.app._filters:
            if line_filter.enabled:
                segments = line_filter.apply(segments, screen.background_colors[1])
        rows.append(
            [_cell(each, part.style or Style(), colors) for part in segments for each in part.text]
        )
    return rows


def _cell(text: str, style: Style, colors: int) -> Cell:
    is_blank = text == " "
    return Cell(
        text,
        None if is_blank else _number(style.color, colors),
        _number(style.bgcolor, colors),
        bool(style.bold) and not is_blank,
        bool(style.dim) and not is_blank,
        bool(style.reverse),
    )


_SYSTEMS = {256: ColorSystem.EIGHT_BIT, 16: ColorSystem.STANDARD}


def _number(color: Color | None, colors: int) -> int | None:
    if color is None or color.is_default:
        return None
    if color.triplet is None:
        return color.number
    if colors in _SYSTEMS:
        return color.downgrade(_SYSTEMS[colors]).number
    red, green, blue = color.get_truecolor()
    return int(red << 16 | green << 8 | blue)


_SAMPLES = {
    "pane": (2, " "),
    "name": (0, "Shammah"),
    "status": (0, "Init"),
    "no_key": (0, "no Claude"),
    "rule": (1, ""),
    "title": (-8, "Ask"),
    "muted": (-7, "A model"),
    "border": (-4, "╭"),
    "cursor": (-3, "A"),
    "placeholder": (-3, "sk any"),
    "key": (-1, "F2"),
    "word": (-1, "Models"),
    "key_off": (-1, "⏎"),
    "word_off": (-1, "Send"),
    "divider": (-1, "▏"),
}


def styles_of(empty: Rows, typed: Rows, *, is_ansi: bool = False) -> dict[str, str]:
    """Return the codes of the styles that the first picture knows, by their names.

    Args:
        empty: The screen with nothing in the composer.
        typed: The same with ``typed`` in it.
        is_ansi: Whether the cells' colours are numbers of the terminal's.
    """
    cells = {name: _find(empty[row], text) for name, (row, text) in _SAMPLES.items()}
    cells["text"] = _find(typed[-3], "typed")
    cells["footer"] = empty[-1][-1]
    styles = {}
    for name, cell in cells.items():
        front = cell.back if cell.text == " " else cell.front
        bits = cell.bold | cell.dim << 1 | cell.reverse << [*ATTRIBUTES].index("reverse")
        styles[name] = f"{_code(front, is_ansi)}{_code(cell.back, is_ansi)}{bits:X}"
    return styles


def _code(color: int | None, is_ansi: bool) -> str:
    if color is None:
        return DEFAULT_COLOR
    return f"{OF_TERMINAL}{color:02X}" if is_ansi else f"{color:06X}"


def _find(row: list[Cell], text: str) -> Cell:
    return row["".join(cell.text for cell in row).index(text)]


async def footer() -> list[tuple[str, str, bool]]:
    """Return key, word and whether it needs text, for what the footer offers; the palette last."""
    keys: list[list[OfferedKey]] = []
    for text in ("", "typed"):
        app = Stage().app()
        app.loader.start = lambda: None  # type: ignore[method-assign]
        async with app.run_test(size=(250, 16)) as pilot:
            await pilot.pause(0.1)
            app.screen.query_one("Composer").insert(text)  # type: ignore[attr-defined]
            await pilot.pause(0.1)
            keys.append(app.screen.query_one(KeyLine).offered)
    empty, typed = keys
    assert len(empty) == len(typed)
    return [
        (
            before.key_display,
            before.description,
            before.is_off > after.is_off,
        )
        for before, after in zip(empty, typed, strict=True)
    ]


async def recorded() -> str:
    """Return the text of ``shammah_tui/first/recorded.py``."""
    items = [f"    ({key!r}, {word!r}, {off})," for key, word, off in await footer()]
    lines = [
        '"""What the first picture shows; made by ``python -m tests.first.screen_cells``."""',
        "",
        "FOOTER: tuple[tuple[str, str, bool], ...] = (",
        *(item.replace("'", '"') for item in items),
        ")",
        '"""Key, word, and whether it needs text in the composer; the palette is the last."""',
        "",
        f"NAMES = {(*_SAMPLES, 'text', 'footer')!r}".replace("'", '"'),
        '"""Of the styles of a theme, in order."""',
        "",
        "STYLES = {",
    ]
    for theme in (*THEME_NAMES, COLORLESS):
        is_colorless = theme == COLORLESS
        name = DEFAULT_THEME if is_colorless else theme
        empty, typed = [
            await first_cells(name, (120, 16), text=text, is_colorless=is_colorless)
            for text in ("", "typed")
        ]
        is_ansi = theme in BUILTIN_THEMES and BUILTIN_THEMES[theme].ansi
        codes = [*styles_of(empty, typed, is_ansi=is_ansi).values()]
        rows = [" ".join(codes[first : first + 5]) for first in range(0, len(codes), 5)]
        lines.append(f'    "{theme}": "{rows[0]}"')
        lines += [f'    " {row}"' for row in rows[1:]]
        lines[-1] += ","
    lines.append("}")
    meaning = '"""Of each theme the styles: front, back and attributes, in hexadecimal."""'
    return "\n".join([*lines, meaning, ""])


if __name__ == "__main__":
    target = Path(shammah_tui.first.__file__).with_name("recorded.py")
    target.write_text(asyncio.run(recorded()))
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(target)], check=True)
