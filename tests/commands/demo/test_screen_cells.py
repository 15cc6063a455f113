"""The characters of a screen, beside what pyte makes of the same bytes."""

import unicodedata

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shammah_tui.commands.demo.screen_cells import ScreenCells

COLUMNS, ROWS = 80, 4
# A line that is too long is another matter: the program never writes one.
PIECES = (
    *("ab", "é", "e\u0301", "\r", "\n", "\b"),
    *("\x1b[H", "\x1b[2;3H", "\x1b[9;9H", "\x1b[2A", "\x1b[B", "\x1b[3C", "\x1b[D"),
    *("\x1b[4G", "\x1b[3d", "\x1b[2J", "\x1b[J", "\x1b[K", "\x1b[1K", "\x1b[2K"),
    *("\x1b[1;38;2;1;2;3m", "\x1b[?25l", "\x1b[?25h", "\x1b]0;title\x07", "\x1b(B"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=20), st.integers(1, 7))
def test_the_same_as_pyte(pieces: list[str], chunk: int) -> None:
    written = "".join(pieces).encode()
    theirs = pyte.Screen(COLUMNS, ROWS)
    pyte.ByteStream(theirs).feed(written)
    ours = ScreenCells(COLUMNS, ROWS)
    for at in range(0, len(written), chunk):
        ours.feed(written[at : at + chunk])
    lines = [unicodedata.normalize("NFC", line) for line in ours.lines]
    assert lines == [line.rstrip() for line in theirs.display]


@pytest.mark.parametrize("columns", [8, 20])
def test_another_size_starts_blank(columns: int) -> None:
    screen = ScreenCells(COLUMNS, ROWS)
    screen.feed(b"text\x1b[3;3Hmore")
    screen.fit(COLUMNS, ROWS)
    assert screen.lines == ["text", "", "  more", ""]
    screen.fit(columns, 2)
    screen.feed(b"new")
    assert screen.lines == ["new", ""]


def test_wide_characters_take_two_cells() -> None:
    screen = ScreenCells(COLUMNS, ROWS)
    screen.feed("語x\x1b[2;3Hy\x1b[1;3Hz".encode())
    assert screen.lines == ["語z", "  y", "", ""]
