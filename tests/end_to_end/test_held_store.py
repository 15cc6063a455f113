"""Another program has locked the conversations' file at the start, or when one leaves."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.end_to_end.terminal import CTRL_Q, ENTER
from tests.end_to_end.world import World


def store_of(world: World) -> Path:
    path = world.home / ".local" / "share" / "shammah" / "conversations.db"
    path.parent.mkdir(parents=True)
    return path


def held(path: Path) -> sqlite3.Connection:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    return other


def history(world: World) -> str:
    return subprocess.run(
        [sys.executable, "-m", "shammah_tui", "history"],
        env=world.environment,
        cwd=world.home,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout


@pytest.mark.parametrize("seconds", [0, 9])
def test_a_session_that_began_while_it_was_held_is_kept(world: World, seconds: int) -> None:
    other = held(store_of(world))
    terminal = world.open("--offline", columns=100)
    terminal.wait_for("Another program has locked")
    terminal.send(f"During{ENTER}")
    terminal.wait_for_reply("far side")
    time.sleep(seconds)
    other.close()
    terminal.wait_for("nothing was lost")
    terminal.send(f"After{ENTER}")
    terminal.wait_for("▌ After")
    terminal.wait_for(lambda each: each.text.count("far side") == 2)
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()
    assert "4  During" in history(world)


def test_what_was_not_kept_is_told_when_the_screen_is_left(world: World) -> None:
    other = held(store_of(world))
    terminal = world.open("--offline", columns=100)
    terminal.send(f"During{ENTER}")
    terminal.wait_for_reply("far side")
    terminal.send(CTRL_Q)
    terminal.wait_for_exit()
    assert "the conversation is not saved in full: Another program has locked" in terminal.text
    other.close()
