"""Pastes of everything: escape sequences, control characters, a megabyte."""

from tests.end_to_end.terminal import CTRL_Q, ENTER
from tests.end_to_end.world import CLAUDE_SHOWN, World

MARK = "the mark"
HOSTILE = (
    "one \x1b[31mred\x1b[0m \x1b]52;c;ZXZpbA==\x07 \x1bq\x1b\x11 two\x1b\rthree "
    "\x9b2J \x08\x7f\x00\x03\x07 four"
)
LEFT = "one [31mred[0m ]52;c;ZXZpbA== q two\nthree 2J  four"


def test_what_is_pasted_presses_no_key_and_steers_nothing(world: World) -> None:
    terminal = world.open("--offline")
    terminal.wait_for("Offline: ")
    drawn = len(terminal.written)
    terminal.paste(f"{HOSTILE} {MARK}")
    terminal.wait_for(MARK)
    assert "three" in terminal.composer
    # Nothing was pressed: neither Enter, nor ctrl+q, nor ctrl+g.
    assert not world.api.calls
    terminal.send(ENTER)
    (call,) = world.api.wait_for_calls(1)
    assert call.body["messages"] == [{"role": "user", "content": f"{LEFT} {MARK}"}]
    terminal.wait_for(CLAUDE_SHOWN)
    # The terminal was sent no bell, no clipboard, and no control character of one byte or two.
    written = terminal.written[drawn:].decode()
    assert "\x1b]52" not in written
    assert not {"\x07", "\x08", "\x7f", "\x9b"} & set(written)
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()


def test_a_megabyte_is_one_token_until_it_is_sent(world: World) -> None:
    text = "".join(f"line {number} of a long text\n" for number in range(45_000))
    assert len(text) > 1_000_000
    terminal = world.open("--offline")
    terminal.paste(text)
    terminal.send(MARK)
    terminal.wait_for("[pasted 1: 45,001 lines]the mark", 90)
    terminal.send(ENTER)
    (call,) = world.api.wait_for_calls(1, 90)
    assert call.body["messages"] == [{"role": "user", "content": text + MARK}]
    terminal.wait_for(CLAUDE_SHOWN, 90)
    terminal.send("and on")
    terminal.wait_for(lambda each: each.composer == "and on")
