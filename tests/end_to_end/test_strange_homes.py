"""Homes in which something is not what it should be: said in words, and the chat opens."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.terminal import CTRL_Q, ENTER, Terminal
from tests.end_to_end.world import CLAUDE_SHOWN, World

DATA = Path(".local/share/shammah")
DATABASE = DATA / "conversations.db"


def test_a_folder_in_place_of_the_settings(world: World) -> None:
    path = world.home / ".config" / "shammah" / "config.toml"
    path.mkdir(parents=True)
    terminal = world.open("--offline", columns=160)
    terminal.wait_for(f"{path}: cannot be read (Is a directory); defaults are used")
    _ask_and_leave(terminal)


def _a_newer_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA user_version = 999")
    connection.close()


def _a_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        # One word: where the notice is wrapped depends on the length of the path.
        (_a_newer_database, "newer"),
        (_a_folder, "Nothing is stored:"),
    ],
)
def test_a_database_that_cannot_be_used(
    world: World, make: Callable[[Path], None], said: str
) -> None:
    path = world.home / DATABASE
    path.parent.mkdir(parents=True)
    make(path)
    before = path.read_bytes() if path.is_file() else None
    terminal = world.open("--offline", columns=200)
    terminal.send(f"Question{ENTER}")
    terminal.wait_for(said)
    terminal.wait_for_reply(CLAUDE_SHOWN)
    _ask_and_leave(terminal)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_damaged_database_is_set_aside_byte_by_byte(world: World) -> None:
    path = world.home / DATABASE
    path.parent.mkdir(parents=True)
    damaged = b"This is no database. " * 1000
    path.write_bytes(damaged)
    terminal = world.open("--offline", columns=200)
    terminal.send(f"Question{ENTER}")
    terminal.wait_for("The conversations' file was damaged: it was moved to")
    terminal.wait_for_reply(CLAUDE_SHOWN)
    _ask_and_leave(terminal)
    (aside,) = path.parent.glob("conversations-damaged-*.db")
    assert aside.read_bytes() == damaged
    again = world.start("--continue")
    again.wait_for("▌ Does it work?")


def test_folders_that_are_files(world: World) -> None:
    for name in (".local", ".cache", ".config"):
        (world.home / name).write_text("not a folder")
    terminal = world.open(columns=200)
    terminal.wait_for("Not a directory")
    _ask_and_leave(terminal)


@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
)
def test_a_locale_that_lacks_the_signs(world: World, variables: dict[str, str]) -> None:
    world.environment |= variables
    terminal = world.start("--offline")
    terminal.wait_for("Ask anything")
    terminal.send(f"Question{ENTER}")
    terminal.wait_for("far side")
    # Everything is where it is in other locales: a sign that is lacking takes one cell.
    terminal.wait_for(lambda each: "Shammah" in each.header)
    assert "Help" in terminal.footer
    assert "Ask anything" in terminal.screen[-3]
    assert "\\u" not in terminal.text
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()


def _ask_and_leave(terminal: Terminal) -> None:
    terminal.send(f"Does it work?{ENTER}")
    terminal.wait_for_match(rf"▌ Does it work\? .* {CLAUDE_SHOWN}")
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()
    terminal.assert_no_process_left()
