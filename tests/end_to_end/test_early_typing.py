"""What is typed before the program has drawn anything is kept, whole and in order."""

import random
import time

import pytest

from tests.end_to_end.terminal import BRACKETED_PASTE, CTRL_J, CTRL_Q, ENTER, Terminal
from tests.end_to_end.world import CLAUDE_SHOWN, World

SPAN_S = 0.8
ROWS = 60
"""The composer grows to a third of the window: all of what is typed here can be seen."""


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_lost_doubled_or_reordered(world: World, seed: int) -> None:
    chance = random.Random(seed)
    terminal = world.start("--offline", rows=ROWS)
    expected = _type_at_random(terminal, chance)
    terminal.wait_for(lambda each: each.composer == expected)
    assert "Claude ·" not in terminal.text
    assert not world.api.calls


@pytest.mark.parametrize("seed", range(100, 104))
def test_enter_typed_early_sends(world: World, seed: int) -> None:
    chance = random.Random(seed)
    terminal = world.start("--offline", rows=ROWS)
    expected = _type_at_random(terminal, chance)
    terminal.send(f"{ENTER}next")
    terminal.wait_for(CLAUDE_SHOWN)
    (call,) = world.api.wait_for_calls(1)
    assert call.body["messages"] == [{"role": "user", "content": expected.strip()}]
    terminal.wait_for(lambda each: each.composer == "next")


def test_a_second_message_typed_early_waits(world: World) -> None:
    world.api.hold()
    terminal = world.start("--offline")
    terminal.wait_for(lambda each: str(BRACKETED_PASTE) in each.modes)
    terminal.send(f"one{ENTER}two{ENTER}three")
    terminal.wait_for(lambda each: each.composer == "two\nthree")
    world.api.release()
    terminal.wait_for(CLAUDE_SHOWN)
    (call,) = world.api.wait_for_calls(1)
    assert call.body["messages"][-1]["content"] == "one"


def test_typed_ahead_of_the_program(world: World) -> None:
    # The terminal is still the shell's, which turns Enter into a newline.
    terminal = world.start("--offline", rows=ROWS, typed_ahead=f"first{ENTER}second")
    terminal.send(" line")
    terminal.wait_for(CLAUDE_SHOWN)
    (call,) = world.api.wait_for_calls(1)
    assert call.body["messages"] == [{"role": "user", "content": "first"}]
    terminal.wait_for(lambda each: each.composer == "second line")


def test_a_conversation_that_goes_on_gets_what_is_typed_meanwhile(world: World) -> None:
    terminal = world.open("--offline")
    terminal.send(f"What now?{ENTER}")
    terminal.wait_for_reply(CLAUDE_SHOWN)
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    left_over = world.home / ".local" / "state" / "shammah" / "screenful"
    left_over.write_text("What an older version kept of the conversation.")
    again = world.start("--continue", "--offline")
    again.wait_for("Starting")
    again.send(f"One{CTRL_J}two{ENTER}three")
    again.wait_for(lambda each: each.text.count(CLAUDE_SHOWN) == 2)
    again.wait_for(lambda each: each.composer == "three")
    again.wait_for("▌ One ▌ two")
    assert not left_over.exists()


def test_a_large_paste_as_soon_as_the_terminal_is_held(world: World) -> None:
    # Three times what the kernel keeps for a program that does not read yet.
    lines = [f"{number:04} a line of a long paste" for number in range(400)]
    terminal = world.start("--offline", rows=ROWS)
    terminal.wait_for(lambda each: str(BRACKETED_PASTE) in each.modes)
    terminal.paste("\n".join(lines))
    terminal.send(f"{CTRL_J}the end")
    terminal.wait_for("the end")
    assert not world.api.calls
    terminal.send(ENTER)
    (call,) = world.api.wait_for_calls(1)
    # Line by line: pytest takes minutes to explain how two such long texts differ.
    assert call.body["messages"][-1]["content"].split("\n") == [*lines, "the end"]


def _type_at_random(terminal: Terminal, chance: random.Random) -> str:
    """Type bursts, newlines and one paste at random moments; return what must come of it."""
    count = chance.randint(3, 7)
    moments = sorted(chance.uniform(0, SPAN_S) for _ in range(count))
    moments[0] *= chance.choice((0, 1))
    paste_at = chance.randrange(1, count)
    expected = ""
    began = time.monotonic()
    for number, moment in enumerate(moments):
        # The gaps are what is tested; nothing is waited for with them.
        time.sleep(max(0.0, began + moment - time.monotonic()))
        if number == paste_at:
            # Terminals bracket a paste once they were told to; before, it is like typing.
            terminal.wait_for(lambda each: str(BRACKETED_PASTE) in each.modes)
            pasted = f"<{number}\npasted lines\nof many>"
            terminal.paste(pasted)
            expected += pasted
        elif chance.random() < 0.3:
            # Before the program has the terminal, this cannot be told from Enter.
            terminal.wait_for(lambda each: str(BRACKETED_PASTE) in each.modes)
            terminal.send(CTRL_J)
            expected += "\n"
        word = f"w{number}" + chance.choice(("äß", "漢字", "xyz"))
        terminal.send(word)
        expected += word
    return expected
