"""A terminal that takes no output any more, comes back, or goes away without a word."""

import signal
import sqlite3
import sys
import time
from contextlib import closing

import psutil
import pytest

from tests.end_to_end.terminal import CTRL_Q, ENTER, Terminal
from tests.end_to_end.world import World

GONE_S = 5.0
LINES = 1_000
PACE_S = 0.002
UNSIGNALLED = ("setsid", "-w")
"""In a session of its own nobody is told that the terminal is gone: it can only be noticed."""


def reply() -> str:
    return "".join(f"Line {n} of the reply that flows on and on.\n\n" for n in range(LINES))


def kept_text(world: World) -> str:
    """Return what is kept of the only reply, read beside the program that writes it."""
    path = world.home / ".local" / "share" / "shammah" / "conversations.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        texts = connection.execute("SELECT text FROM message WHERE role = 'assistant'").fetchall()
        pieces = connection.execute("SELECT text FROM piece ORDER BY id").fetchall()
    return "".join(text for (text,) in texts + pieces)


def start(world: World, *before: str, is_stalled: bool = False) -> Terminal:
    command = [*before, sys.executable, "-m", "shammah_tui"]
    return world.stack.enter_context(
        Terminal(command, world.environment, world.home.parent, is_stalled=is_stalled)
    )


def unscrolled(lines: list[str]) -> list[str]:
    """Return what is shown but for the footer and the scrollbar, whose rounding may differ."""
    return [line.rstrip(" ▁▂▃▄▅▆▇█") for line in lines[:-1]]


def ask_and_stall(world: World, terminal: Terminal) -> None:
    """Have a reply stream, and the terminal take nothing of it, until its queues are full."""
    world.api.pace_s = PACE_S
    world.api.reply_with(reply())
    terminal.wait_for("Ask anything")
    terminal.send(f"Question{ENTER}")
    terminal.wait_for("of the reply that flows")
    terminal.stall()
    stalled_at = len(kept_text(world))
    wait_until_kept(world, stalled_at + 15_000)


def wait_until_kept(world: World, characters: int) -> None:
    until = time.monotonic() + 60
    while len(kept_text(world)) < characters:
        assert time.monotonic() < until, f"{len(kept_text(world))} characters are kept"
        time.sleep(0.05)


def assert_gone(terminal: Terminal) -> None:
    _, alive = psutil.wait_procs(terminal.processes(), GONE_S)
    assert alive == []


@pytest.mark.parametrize("before", [(), UNSIGNALLED], ids=["signalled", "unsignalled"])
def test_a_reply_is_kept_while_nothing_is_taken_and_all_end_with_the_window(
    world: World, before: tuple[str, ...]
) -> None:
    terminal = start(world, *before)
    ask_and_stall(world, terminal)
    kept = len(kept_text(world))
    terminal.hang_up()
    assert_gone(terminal)
    assert len(kept_text(world)) >= kept


@pytest.mark.parametrize("arguments", [("--offline",), ("--model", "endless.gguf")])
def test_a_window_that_goes_without_a_signal_ends_everything(
    world: World, arguments: tuple[str, ...]
) -> None:
    command = [*UNSIGNALLED, sys.executable, "-m", "shammah_tui", *arguments]
    command = [str(world.models / each) if each == "endless.gguf" else each for each in command]
    terminal = world.stack.enter_context(Terminal(command, world.environment, world.home.parent))
    terminal.wait_for("Ask anything" if arguments == ("--offline",) else "ready · CPU")
    terminal.hang_up()
    assert_gone(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_end_it_while_nothing_is_taken(world: World, number: signal.Signals) -> None:
    terminal = start(world)
    ask_and_stall(world, terminal)
    terminal.program.send_signal(number)
    assert_gone(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_end_it_where_nothing_was_ever_taken(world: World, number: signal.Signals) -> None:
    # So wide that the first picture alone is more than the queues hold.
    command = [sys.executable, "-m", "shammah_tui", "--offline"]
    with Terminal(
        command, world.environment, world.home.parent, 500, 200, is_stalled=True
    ) as terminal:
        terminal.wait_for(lambda each: each.attributes != each.attributes_before)
        time.sleep(0.5)
        terminal.program.send_signal(number)
        assert_gone(terminal)


def test_what_is_shown_is_right_when_it_is_taken_again(world: World) -> None:
    terminal = start(world)
    ask_and_stall(world, terminal)
    terminal.send("meanwhile")
    terminal.flow()
    terminal.wait_for(lambda each: each.composer == "meanwhile")
    terminal.wait_for(f"Line {LINES - 1} of")
    terminal.wait_for(lambda each: "Stop" not in each.footer)
    time.sleep(1)
    shown = terminal.screen
    # A window that grows and shrinks again is drawn anew as a whole.
    terminal.resize(90, 30)
    terminal.wait_for(lambda each: "F1" in each.screen[29])
    terminal.resize(80, 24)
    terminal.wait_for(lambda each: unscrolled(each.screen) == unscrolled(shown))
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()


def test_a_stopped_job_ends_with_its_window(world: World) -> None:
    terminal = start(world, *UNSIGNALLED)
    terminal.wait_for("Ask anything")
    program = terminal.program
    program.send_signal(signal.SIGSTOP)
    terminal.hang_up()
    program.send_signal(signal.SIGCONT)
    assert_gone(terminal)
