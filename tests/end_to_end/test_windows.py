"""Windows of every size, and changes of size in the middle of things."""

import pytest

from tests.end_to_end.terminal import BRACKETED_PASTE, CTRL_Q, ENTER, ESCAPE, F2
from tests.end_to_end.world import CLAUDE_REPLY, CLAUDE_SHOWN, World


def test_resized_while_a_reply_streams(world: World) -> None:
    text = "\n\n".join(f"Paragraph {number}. {CLAUDE_REPLY}" for number in range(12))
    world.api.reply_with(f"{text}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nThe end.")
    world.api.pace_s = 0.01
    terminal = world.start_downloading()
    terminal.send(f"A long one, please{ENTER}")
    terminal.wait_for("Paragraph 1.")
    for columns, rows in ((120, 40), (40, 12), (20, 6), (100, 30)):
        terminal.resize(columns, rows)
        terminal.wait_for(lambda each, rows=rows: "Shammah" in each.screen[0])  # type: ignore[misc]
    terminal.wait_for("The end.")
    assert len(terminal.screen) == 30
    assert terminal.composer == ""
    terminal.wait_for("Downloading")
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()


@pytest.mark.parametrize(("columns", "rows"), [(20, 5), (80, 8), (80, 9), (80, 10), (12, 3)])
def test_what_is_written_can_be_seen_in_few_rows(world: World, columns: int, rows: int) -> None:
    terminal = world.start("--offline", columns=columns, rows=rows)
    terminal.wait_for("Shammah")
    terminal.send("What is")
    terminal.wait_for("What is")
    if rows >= 5:
        terminal.send(ENTER)
        terminal.wait_for("plain words.")
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()


@pytest.mark.parametrize(("columns", "rows"), [(20, 6), (1, 1)])
def test_tiny(world: World, columns: int, rows: int) -> None:
    terminal = world.start("--offline", columns=columns, rows=rows)
    terminal.wait_for(lambda each: str(BRACKETED_PASTE) in each.modes)
    terminal.send(f"Question{ENTER}")
    world.api.wait_for_calls(1)
    terminal.send(F2)
    terminal.send(ESCAPE)
    # It still works: in a window that shows something the same things are there.
    terminal.resize(80, 24)
    terminal.wait_for(CLAUDE_SHOWN)
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()
