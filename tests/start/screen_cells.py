"""The cells that Textual draws when the program begins, and what its footer offers."""

from typing import NamedTuple

import pytest
from rich.color import Color, ColorSystem
from rich.style import Style
from textual.screen import Screen

from shammah_tui.adapters.claude.claude import Claude
from shammah_tui.core.settings.settings import Settings
from shammah_tui.ui.frame.key_line import KeyLine, OfferedKey
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
