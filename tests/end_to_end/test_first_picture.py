"""The picture before Textual: it takes keys, gives way without a flash, and leaves no trace."""

import signal
import sys

import pytest

from tests.end_to_end.screen import EmulatedScreen
from tests.end_to_end.terminal import ENTER, Terminal
from tests.end_to_end.world import CLAUDE_SHOWN, World

TAKEN = b"\x1b[>25u"
"""Textual reads keys from here on."""
SHOWN = b"\x1b[?2026l"
NAME = b"Shammah"


def before_textual(terminal: Terminal) -> EmulatedScreen:
    """Return the screen as it was when Textual began to read keys."""
    terminal.wait_for(lambda each: TAKEN in each.written)
    screen = EmulatedScreen(80, 24)
    screen.feed(bytes(terminal.written).partition(TAKEN)[0])
    return screen


def test_keys_are_shown_before_textual_is_there(world: World) -> None:
    terminal = world.start("--offline")
    terminal.wait_for("Starting")
    terminal.send("hello wörld")
    assert "hello wörld" in "".join(before_textual(terminal).lines)
    terminal.wait_for(lambda each: each.composer == "hello wörld")


@pytest.mark.parametrize("look", ["usual", "no colours", "the terminal's colours"])
def test_nothing_jumps_when_textual_takes_over(world: World, look: str) -> None:
    world.environment["ANTHROPIC_API_KEY"] = ""
    if look == "no colours":
        world.environment["NO_COLOR"] = "1"
    elif look == "the terminal's colours":
        world.configure('theme = "ansi-dark"\n')
    terminal = world.start("--offline")
    terminal.wait_for("Starting")
    terminal.send("hello")
    terminal.wait_for(lambda each: SHOWN in each.written.partition(TAKEN)[2].partition(NAME)[2])
    written = bytes(terminal.written)
    taken = written.index(TAKEN)
    screen = EmulatedScreen(80, 24)
    screen.feed(written[:taken])
    first = screen.lines
    assert "hello" in "".join(first)
    end = written.index(SHOWN, written.index(NAME, taken))
    screen.feed(written[taken:end])
    assert screen.lines == first
    # Once: a second switch would clear the picture and forget the shell's cursor.
    assert written.count(b"\x1b[?1049h") == 1


def test_enter_in_the_first_picture_sends(world: World) -> None:
    terminal = world.start("--offline")
    terminal.wait_for("Starting")
    terminal.send(f"question{ENTER}more")
    assert "more" in "".join(before_textual(terminal).lines)
    terminal.wait_for(CLAUDE_SHOWN)
    terminal.wait_for(lambda each: each.composer == "more")


def test_a_mistake_is_told_on_the_shells_screen(world: World) -> None:
    terminal = world.start("--model", "no such model")
    assert terminal.wait_for_exit() == 2
    assert "shammah:" in terminal.text
    terminal.assert_intact()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_during_the_imports_leaves_the_terminal_intact(
    world: World, number: signal.Signals
) -> None:
    terminal = world.start("--offline")
    # Once the first picture is whole: the handlers are there before it.
    terminal.wait_for(lambda each: SHOWN in each.written)
    terminal.signal(number)
    terminal.wait_for_exit()
    terminal.assert_intact()
    terminal.assert_no_process_left()


STAGES = {
    "drawing": "shammah_tui.start.screen.FirstScreen.read_keys",
    "imports": "shammah_tui.cli.make_app",
    "making the app": "shammah_tui.ui.app.ShammahApp.__init__",
    "the terminal": "shammah_tui.ui.frame.terminal_driver.TerminalDriver.start_application_mode",
    "the first frame": "shammah_tui.ui.chat.chat_screen.ChatScreen.compose",
    "taking over": "shammah_tui.ui.chat.chat_screen.ChatScreen.drawn",
    "what stands behind the screen": "shammah_tui.wiring.chat_services",
}
BROKEN = """
import sys
from pkgutil import resolve_name
from shammah_tui.__main__ import main

place, _, name = {place!r}.rpartition(".")

def broken(*_, **__):
    raise RuntimeError("broken on purpose")

setattr(resolve_name(place), name, broken)
sys.argv[1:] = ["--offline"]
sys.exit(main())
"""


@pytest.mark.parametrize("place", STAGES.values(), ids=STAGES)
def test_whatever_fails_leaves_the_terminal_intact(world: World, place: str) -> None:
    terminal = world.stack.enter_context(
        Terminal(
            [sys.executable, "-c", BROKEN.format(place=place)],
            world.environment,
            world.home.parent,
            80,
            24,
        )
    )
    assert terminal.wait_for_exit() == 1
    told = terminal.text.replace("\n", "")
    assert "Something went wrong inside (" in told and "Traceback" not in told
    # Of a driver that does not start, Textual tells what follows from it.
    assert "broken on purpose" in world.logs() or "Driver must be" in world.logs()
    terminal.assert_intact()
    terminal.assert_no_process_left()
