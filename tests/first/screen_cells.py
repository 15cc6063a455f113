"""The cells that Textual draws when the program begins, and the tables that are made of them.

``python -m tests.first.screen_cells`` writes ``shammah_tui/first/recorded.py`` anew.
"""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from rich.color import ColorSystem
from rich.style import Style
from textual.screen import Screen

import shammah_tui.first
from shammah_tui.adapters.claude import Claude
from shammah_tui.core.settings import Settings
from shammah_tui.ui.theme import THEME_NAMES
from shammah_tui.ui.widgets.key_line import KeyLine, OfferedKey
from tests.ui.apps import Stage, wait_until


class Cell(NamedTuple):
    """What a cell shows; white space has no colour of its own."""

    text: str
    front: int | None
    back: int | None
    bold: bool


Rows = list[list[Cell]]


async def first_cells(
    theme: str, size: tuple[int, int], *, has_key: bool = False, text: str = "", colors: int = 0
) -> Rows:
    """Return what the real screen shows before the local model's state is known.

    Args:
        theme: The theme's name.
        size: Columns and rows.
        has_key: Whether Claude can be asked.
        text: What stands in the composer.
        colors: 256 or 16 for Rich's choice among so many, otherwise the full colour.
    """
    stage = Stage(
        Claude("model", 1, {"ANTHROPIC_API_KEY": "key"}) if has_key else None,
        settings=Settings(theme=theme),
    )
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
    """Return what a screen shows now."""
    return [
        [
            _cell(each, segment.style or Style(), colors)
            for segment in strip
            for each in segment.text
        ]
        for strip in screen._compositor.render_strips()
    ]


def _cell(text: str, style: Style, colors: int) -> Cell:
    front = None if text == " " else _number(style.color, colors)
    return Cell(text, front, _number(style.bgcolor, colors), bool(style.bold) and text != " ")


_SYSTEMS = {256: ColorSystem.EIGHT_BIT, 16: ColorSystem.STANDARD}


def _number(color: object, colors: int) -> int | None:
    if color is None or not color.triplet:  # type: ignore[attr-defined]
        return None
    if colors in _SYSTEMS:
        return color.downgrade(_SYSTEMS[colors]).number  # type: ignore[attr-defined,no-any-return]
    red, green, blue = color.get_truecolor()  # type: ignore[attr-defined]
    return int(red << 16 | green << 8 | blue)


_SAMPLES = {
    "pane": (2, " "),
    "name": (0, "Shammah"),
    "status": (0, "Init"),
    "no_key": (0, "no Claude"),
    "rule": (1, "━"),
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


def styles_of(empty: Rows, typed: Rows) -> dict[str, tuple[int, int, int]]:
    """Return front, back and weight for the names that the first picture knows.

    Raises:
        ValueError: The theme leaves colours to the terminal, or its screen looks different.
    """
    cells = {name: _find(empty[row], text) for name, (row, text) in _SAMPLES.items()}
    cells["text"] = _find(typed[-3], "typed")
    cells["footer"] = empty[-1][-1]
    styles = {}
    for name, cell in cells.items():
        front = cell.front if cell.front is not None else cell.back
        if front is None or cell.back is None:
            raise ValueError(name)
        styles[name] = (front, cell.back, int(cell.bold))
    return styles


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
    for theme in THEME_NAMES:
        try:
            styles = styles_of(
                await first_cells(theme, (120, 16)),
                await first_cells(theme, (120, 16), text="typed"),
            )
        except ValueError:
            continue
        codes = [f"{front:06X}{back:06X}{bold}" for front, back, bold in styles.values()]
        rows = [" ".join(codes[first : first + 5]) for first in range(0, len(codes), 5)]
        lines.append(f'    "{theme}": "{rows[0]}"')
        lines += [f'    " {row}"' for row in rows[1:]]
        lines[-1] += ","
    lines.append("}")
    meaning = '"""Of each theme the styles: front and back (RGB), and 1 where it is bold."""'
    return "\n".join([*lines, meaning, ""])


if __name__ == "__main__":
    target = Path(shammah_tui.first.__file__).with_name("recorded.py")
    target.write_text(asyncio.run(recorded()))
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(target)], check=True)
