"""The plain mode in a real terminal."""

import re

import pytest

from tests.end_to_end.terminal import ENTER, Terminal
from tests.end_to_end.world import World


def _is_row(terminal: Terminal, text: str) -> bool:
    return any(row.strip() == text for row in terminal.screen)


@pytest.mark.parametrize("way", ["option", "setting"])
def test_nothing_but_text_is_drawn_and_all_can_be_done(world: World, way: str) -> None:
    arguments = ["--offline"]
    if way == "option":
        arguments.append("--plain")
    else:
        world.configure("plain = true\n")
    terminal = world.open(*arguments)
    terminal.send(f"Question{ENTER}")
    terminal.wait_for("far side")
    terminal.send("/he")
    terminal.wait_for(lambda each: "/help" in each.text and _is_row(each, "/he"))
    # Two line ends at once would be a paste: the second is pressed when the first was seen.
    terminal.send(ENTER)
    terminal.wait_for(lambda each: _is_row(each, "/help"))
    terminal.send(ENTER)
    terminal.wait_for("Send the message")
    drawn = {each for each in terminal.written.decode() if 0x2500 <= ord(each) <= 0x259F}
    assert drawn == set()
    terminal.send("\x1b")
    terminal.wait_for(lambda each: "Send the message" not in each.text)
    terminal.send(f"/quit{ENTER}")
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()


def test_a_theme_that_was_chosen_is_there_at_the_next_start(world: World) -> None:
    world.environment["COLORTERM"] = "truecolor"
    terminal = world.open("--offline")
    terminal.send(f"/theme light{ENTER}")
    kept = world.home / ".local" / "state" / "shammah" / "theme.json"
    terminal.wait_for(lambda _: kept.exists() and "shammah-light" in kept.read_text())
    terminal.send(f"/quit{ENTER}")
    assert terminal.wait_for_exit() == 0
    again = world.open("--offline")
    # The light theme's background.
    assert b"48;2;251;251;253" in again.written


def test_no_color_sends_no_colour(world: World) -> None:
    world.environment["NO_COLOR"] = "1"
    terminal = world.open("--offline")
    terminal.send(f"Question{ENTER}")
    terminal.wait_for("far side")
    sent = {
        int(number)
        for style in re.findall(rb"\x1b\[([\d;]*)m", terminal.written)
        for number in style.split(b";")
        if number
    }
    colours = {*range(30, 39), *range(40, 49), *range(90, 98), *range(100, 108)}
    # Bold and reversed tell what colours would.
    assert 1 in sent
    assert not sent & colours
