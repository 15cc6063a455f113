"""The terminal's own cursor stands at the caret, where input methods draw what is composed."""

import pytest

from shammah_tui.core.text.plain_text import cell_width
from tests.end_to_end.terminal import CTRL_J, Terminal
from tests.end_to_end.world import World

HOME = "\x1b[H"
LEFT = "\x1b[D"
INDENT = 2
"""Border and padding."""

TEXTS = {
    "latin": "plain",
    "chinese": "你好世界",
    "korean": "안녕하세요",
    "combining": "e\u0301a\u0300o\u0302",
    "emoji": "👍🏽👩\u200d💻",
    "hebrew": "שלום",
    "arabic": "مرحبا",
}


def stands_at(terminal: Terminal, cells: int, row: int = 0) -> None:
    """Wait until the cursor is so many cells after the beginning of a row of the composer."""

    def is_there(each: Terminal) -> bool:
        tops = [n for n, line in enumerate(each.screen) if line.startswith("╭")]
        return bool(tops) and each.cursor == (INDENT + cells, tops[-1] + 1 + row)

    terminal.wait_for(is_there)


@pytest.mark.parametrize("name", TEXTS)
def test_the_cursor_stands_after_what_was_written(world: World, name: str) -> None:
    text = TEXTS[name]
    terminal = world.open("--offline")
    terminal.send("x")
    terminal.wait_for(lambda each: each.composer.startswith("x"))
    stands_at(terminal, 1)
    terminal.send(text)
    stands_at(terminal, 1 + cell_width(text))
    terminal.send(HOME)
    stands_at(terminal, 0)
    terminal.resize(70, 20)
    stands_at(terminal, 0)


def test_the_cursor_goes_with_the_caret_through_wide_characters(world: World) -> None:
    terminal = world.open("--offline")
    terminal.send("a你b")
    stands_at(terminal, 4)
    for cells in (3, 1, 0):
        terminal.send(LEFT)
        stands_at(terminal, cells)


def test_the_cursor_is_in_the_second_line(world: World) -> None:
    terminal = world.open("--offline")
    terminal.send(f"one{CTRL_J}你")
    terminal.wait_for(lambda each: each.composer == "one\n你")
    stands_at(terminal, 2, row=1)
