"""Writing in a real terminal: pastes without brackets, keys for lines, editors, kept drafts."""

import signal
import time
from collections.abc import Iterator

import pytest

from tests.end_to_end.terminal import ENTER, UP, Terminal
from tests.end_to_end.world import CLAUDE_SHOWN, World

ALT_ENTER, BACKSPACE, CTRL_G, CTRL_L, CTRL_Z = "\x1b\r", "\x7f", "\x07", "\x0c", "\x1a"
LINES = "\n".join(f"line {n}" for n in range(12))
FOLDED = "[pasted 1: 12 lines]"
FLAG = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


def asked(world: World, count: int = 1) -> list[str]:
    return [call.body["messages"][-1]["content"] for call in world.api.wait_for_calls(count)]


def opened(world: World, *arguments: str) -> Terminal:
    terminal = world.open("--offline", *arguments)
    terminal.wait_for("Offline")
    return terminal


def _pieces(text: str, size: int) -> Iterator[str]:
    return (text[at : at + size] for at in range(0, len(text), size))


@pytest.mark.parametrize("size", [1_000, 7, 1])
@pytest.mark.parametrize("end", ["", "\r"])
def test_a_paste_without_brackets_is_one_text_and_sends_nothing(
    world: World, size: int, end: str
) -> None:
    terminal = opened(world)
    for piece in _pieces(f"one\rtwo\rthree{end}", size):
        terminal.send(piece)
        if size < 1_000:
            # As slow terminals do; nothing is waited for with it.
            time.sleep(0.005)
    terminal.wait_for(lambda each: each.composer.rstrip("\n") == "one\ntwo\nthree")
    assert not world.api.calls
    time.sleep(0.3)
    terminal.send(ENTER)
    assert asked(world) == ["one\ntwo\nthree"]


def test_300_lines_without_brackets_are_folded_in_their_order(world: World) -> None:
    text = "\r".join(f"value_{n}" for n in range(300))
    terminal = opened(world)
    terminal.send(text)
    terminal.wait_for("lines]", 10)
    time.sleep(0.5)
    assert not world.api.calls
    terminal.send(ENTER)
    assert asked(world) == [text.replace("\r", "\n")]


def test_keys_that_begin_a_line(world: World) -> None:
    terminal = opened(world)
    terminal.send(f"one{ALT_ENTER}")
    terminal.wait_for(lambda each: each.composer == "one\n")
    terminal.send("two\\")
    terminal.wait_for(lambda each: each.composer == "one\ntwo\\")
    terminal.send(ENTER)
    terminal.wait_for(lambda each: each.composer == "one\ntwo\n")
    terminal.send(f"three{ENTER}")
    assert asked(world) == ["one\ntwo\nthree"]


def test_a_key_empties_the_composer_and_undo_fills_it(world: World) -> None:
    terminal = opened(world)
    terminal.send("a thought")
    terminal.wait_for(lambda each: each.composer == "a thought")
    terminal.send(CTRL_L)
    terminal.wait_for(lambda each: each.composer == "")
    terminal.send(CTRL_Z)
    terminal.wait_for(lambda each: each.composer == "a thought")


def test_tab_stays_in_the_composer(world: World) -> None:
    terminal = opened(world)
    terminal.send(f"one{ENTER}")
    terminal.wait_for(CLAUDE_SHOWN)
    terminal.send("\tdel x")
    terminal.wait_for(lambda each: each.composer == "del x")
    terminal.send(f"{CTRL_L}for x in y:{ALT_ENTER}")
    terminal.wait_for(lambda each: each.composer == "for x in y:\n")
    terminal.send("\tdel x")
    terminal.wait_for(lambda each: each.composer == "for x in y:\ndel x")
    terminal.send(ENTER)
    assert asked(world, 2)[1] == "for x in y:\n    del x"


@pytest.mark.parametrize(
    ("editor", "said"),
    [
        ("", "No editor is set"),
        ("false", "The editor ended with status 1"),
        ("/nowhere/editor", "cannot be used as an editor"),
        ("'", "cannot be used as an editor"),
        ("sh -c 'kill -9 $$'", "The editor ended with status -9"),
    ],
)
def test_an_editor_that_is_none_leaves_the_chat(world: World, editor: str, said: str) -> None:
    world.environment["EDITOR"] = editor
    terminal = opened(world)
    terminal.send("a draft")
    terminal.wait_for(lambda each: each.composer == "a draft")
    terminal.send(CTRL_G)
    terminal.wait_for(said)
    terminal.send("!")
    terminal.wait_for(lambda each: each.composer == "a draft!")
    terminal.send(ENTER)
    assert asked(world) == ["a draft!"]
    terminal.wait_for(CLAUDE_SHOWN)


def test_a_paste_survives_a_kill(world: World) -> None:
    terminal = opened(world)
    terminal.paste(LINES)
    terminal.wait_for(FOLDED)
    time.sleep(1)
    terminal.signal(signal.SIGKILL)
    terminal.wait_for_exit()
    again = world.open("--offline")
    again.wait_for(FOLDED)
    again.send(ENTER)
    assert asked(world) == [LINES]


def test_signs_that_are_not_seen_are_sent_as_typed(world: World) -> None:
    text = f"{FLAG} a\u200bb\u00adc \U0001f3f3\ufe0f\u200d\U0001f308 \ue0b0"
    terminal = opened(world)
    terminal.send(text)
    terminal.wait_for(lambda each: "c" in each.composer)
    terminal.send(f"!{ENTER}")
    assert asked(world) == [f"{text}!"]


def test_backspace_takes_one_sign(world: World) -> None:
    terminal = opened(world)
    for sign in ("\U0001f3f3\ufe0f\u200d\U0001f308", "1\ufe0f\u20e3", FLAG):
        terminal.send(f"{sign}{BACKSPACE}")
    terminal.send("x")
    terminal.wait_for(lambda each: each.composer == "x")
    terminal.send(ENTER)
    assert asked(world) == ["x"]


@pytest.mark.parametrize("text", ["\u200b", "\u2800", "\u3164\u00ad"])
def test_what_nobody_can_see_is_not_sent(world: World, text: str) -> None:
    terminal = opened(world)
    terminal.send(text)
    # Enter is a key of its own, then; nothing is waited for with it.
    time.sleep(0.3)
    terminal.send(ENTER)
    time.sleep(0.3)
    terminal.send(f"{CTRL_L}x")
    terminal.wait_for(lambda each: "x" in each.composer)
    assert not world.api.calls


HUGE = {
    "a megabyte": "x" * 1_000_000,
    "minified": "if(a){b(c,d)};" * 21_000,
    "letters": "漢" * 100_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_text_is_folded_when_it_is_recalled_and_no_key_is_slow(
    world: World, name: str
) -> None:
    terminal = opened(world)
    terminal.paste(HUGE[name])
    terminal.wait_for("characters]", 60)
    terminal.send(ENTER)
    assert asked(world) == [HUGE[name]]
    terminal.wait_for(CLAUDE_SHOWN, 60)
    terminal.signal(signal.SIGTERM)
    terminal.wait_for_exit()
    again = world.open("--offline", "--continue")
    again.wait_for(CLAUDE_SHOWN, 60)
    time.sleep(1)
    again.send(UP)
    again.wait_for("characters]", 60)
    time.sleep(1)
    before = sum(again.program.cpu_times()[:2])
    for number in range(20):
        again.send("abcdefghijklmnopqrst"[number])
        time.sleep(0.05)
    again.wait_for("abcdefghijklmnopqrst")
    assert (sum(again.program.cpu_times()[:2]) - before) / 20 < 0.05
