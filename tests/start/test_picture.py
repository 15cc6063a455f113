"""The first picture is cell by cell what Textual draws first."""

from itertools import takewhile

import pyte
import pytest

from shammah_tui.start.look import Look
from shammah_tui.start.picture import FOOTER, picture
from tests.start.screen_cells import Cell, Rows, first_cells, footer

DARK, LIGHT = "shammah-dark", "shammah-light"
SIZES = [(80, 24), (120, 40), (59, 12), (60, 14), (200, 50)]
TEXTS = [
    "hello",
    "two\nlines\n",
    "words " * 40,
    "x" * 200,
    "漢字 und äß " * 8,
    "trailing   spaces   " * 9,
]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("has_key", [True, False])
async def test_sizes(size: tuple[int, int], has_key: bool) -> None:
    await _assert_same("shammah-dark", size, has_key=has_key)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("colors", [256, 1 << 24])
async def test_themes(theme: str, colors: int) -> None:
    await _assert_same(theme, (80, 24), colors=colors)


@pytest.mark.parametrize("text", ["", "typed"])
@pytest.mark.parametrize("theme", ["shammah-dark", "shammah-light", "nord", "ansi-dark"])
async def test_without_colors(theme: str, text: str) -> None:
    real = await first_cells(theme, (80, 24), text=text, is_colorless=True)
    assert all(cell.front is None and cell.back is None for row in real for cell in row)
    assert any(cell.reverse for row in real for cell in row)
    _assert_equal(_look(theme, 0), text, real)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
async def test_sixteen_colors(theme: str) -> None:
    await _assert_same(theme, (80, 24), colors=16)


@pytest.mark.parametrize("text", TEXTS)
async def test_typed_text(text: str) -> None:
    await _assert_same("shammah-dark", (80, 40), text=text)


async def test_a_small_window_leaves_the_pane_to_textual() -> None:
    size = (33, 10)
    real = await first_cells("shammah-dark", size)
    drawn = emulated(picture(_look(DARK), *size), size)
    assert [drawn[row] for row in (0, 1, -4, -3, -2, -1)] == [
        real[row] for row in (0, 1, -4, -3, -2, -1)
    ]


async def test_the_footer_is_what_the_screen_shows_now() -> None:
    assert list(FOOTER) == await footer()


async def _assert_same(
    theme: str,
    size: tuple[int, int],
    *,
    has_key: bool = False,
    colors: int = 1 << 24,
    text: str = "",
) -> None:
    real = await first_cells(theme, size, has_key=has_key, text=text, colors=colors)
    _assert_equal(_look(theme, colors, has_key=has_key), text, real)


def _look(theme: str, colors: int = 1 << 24, *, has_key: bool = False) -> Look:
    return Look(colors, is_light=theme == LIGHT, has_key=has_key, has_own_keys=False)


def _assert_equal(look: Look, text: str, real: Rows) -> None:
    size = len(real[0]), len(real)
    drawn = emulated(picture(look, *size, text), size)
    for number, (row, wanted) in enumerate(zip(drawn, real, strict=True)):
        assert row == [emulated_color(cell, look.colors) for cell in wanted], number


class _Terminal(pyte.Screen):  # type: ignore[misc]
    """pyte does not know dim text: here it blinks, which nothing else does."""

    def select_graphic_rendition(self, *attributes: int, **options: bool) -> None:
        before = list(takewhile(lambda each: each not in (38, 48), attributes))
        dim = (5 if each == 2 else each for each in before)
        super().select_graphic_rendition(*dim, *attributes[len(before) :], **options)


def emulated(drawn: str, size: tuple[int, int]) -> Rows:
    """Return what a terminal shows that is given the first picture."""
    screen = _Terminal(*size)
    pyte.Stream(screen).feed(drawn)
    return [
        [
            Cell(
                cell.data,
                None if cell.data == " " else _seen(cell.fg),
                _seen(cell.bg),
                cell.bold and cell.data != " ",
                cell.blink and cell.data != " ",
                cell.reverse,
            )
            for column in range(size[0])
            if (cell := screen.buffer[row][column]).data
        ]
        for row in range(size[1])
    ]


_NAMED = [*pyte.graphics.FG_ANSI.values()][:8] + [*pyte.graphics.FG_AIXTERM.values()][:8]


def _seen(color: str) -> int | None:
    """Return a colour as a number: of the sixteen, which pyte names, the place among them."""
    if color == "default":
        return None
    return _NAMED.index(color) if color in _NAMED else int(color, 16)


def emulated_color(cell: Cell, colors: int) -> Cell:
    """pyte tells colours of a palette by what they look like."""
    if colors != 256:
        return cell
    palette = [int(color, 16) for color in pyte.graphics.FG_BG_256]
    return cell._replace(
        front=None if cell.front is None else palette[cell.front],
        back=None if cell.back is None else palette[cell.back],
    )
