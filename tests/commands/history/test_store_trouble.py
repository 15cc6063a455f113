"""Commands on a store that is held, newer, damaged or full: waited for, and never nothing."""

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from shammah_tui.commands.history import history_store
from tests.commands.ask_runs import AskRuns

BACKUP = "the backup of before"
READING = (
    ("history",),
    ("history", "--json"),
    ("usage",),
    ("export",),
    ("export", "--all"),
    ("export", "--all", "-o", "backup.json"),
    ("ask", "-c", "Hi"),
)


@contextmanager
def held(path: Path, how: str, seconds: float = 0.0) -> Iterator[None]:
    """Hold the file, for a while or until the end."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    if how == "exclusively":
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE" if how == "exclusively" else "BEGIN IMMEDIATE")
    release = threading.Timer(seconds, other.close)
    if seconds:
        release.start()
    yield
    release.cancel()
    release.join() if seconds else None
    other.close()


@pytest.fixture
def filled(asks: AskRuns) -> AskRuns:
    """One conversation is kept, and a backup is there."""
    assert asks.run("ask", "Before").status == 0
    (asks.home / "backup.json").write_text(BACKUP)
    return asks


def assert_told(asks: AskRuns, arguments: tuple[str, ...], sentence: str) -> None:
    said = asks.run(*arguments)
    assert (said.status, said.output) == (1, ""), said
    assert sentence in said.errors
    assert "No conversation" not in said.errors
    assert "Traceback" not in said.errors
    assert (asks.home / "backup.json").read_text() == BACKUP


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_a_store_that_stays_held_is_told_and_nothing_is_overwritten(
    filled: AskRuns, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_store, "PATIENCE_S", 0.5)
    with held(filled.store, "exclusively"):
        assert_told(filled, arguments, "Another program has locked")


@pytest.mark.parametrize("arguments", READING[:-1], ids=" ".join)
def test_a_newer_store_is_told_and_nothing_is_overwritten(
    filled: AskRuns, arguments: tuple[str, ...]
) -> None:
    with closing(sqlite3.connect(filled.store)) as connection:
        connection.execute("PRAGMA user_version = 1000")
    assert_told(filled, arguments, "was written by a newer Shammah")


@pytest.mark.parametrize("arguments", READING[:-1], ids=" ".join)
def test_a_damaged_store_is_told_and_nothing_is_overwritten(
    filled: AskRuns, arguments: tuple[str, ...]
) -> None:
    filled.store.write_bytes(b"This was never a database. " * 100)
    assert_told(filled, arguments, "was damaged: it was moved to")
    assert list(filled.store.parent.glob("*-damaged-*.db"))
    # Nor when it is empty because of that.
    said = filled.run("export", "--all", "-o", "backup.json")
    assert said.status == 3
    assert (filled.home / "backup.json").read_text() == BACKUP


@pytest.mark.parametrize("how", ["for writing", "exclusively"])
def test_what_is_held_for_a_while_is_waited_for(filled: AskRuns, how: str) -> None:
    with held(filled.store, how, 4.0):
        began_s = time.monotonic()
        assert "Before" in filled.run("history").output
        took_s = time.monotonic() - began_s
    assert took_s < 2 if how == "for writing" else took_s > 3


def test_several_that_ask_at_once_while_the_store_is_held_are_all_kept(filled: AskRuns) -> None:
    with held(filled.store, "for writing"):
        programs = [filled.start("ask", f"Question {n}") for n in range(4)]
        for program in programs:
            assert program.stdout is not None
            assert program.stdout.readline() == b"Hello.\n"
        errors = programs[0].stderr
        assert errors is not None
        assert b"Waiting: Another program has locked" in errors.readline()
    assert [program.wait(30) for program in programs] == [0] * 4
    questions = {messages[0]["text"] for messages in filled.kept()}
    assert questions == {"Before", *(f"Question {n}" for n in range(4))}


def test_a_reply_that_is_not_kept_is_told_by_the_status(
    filled: AskRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_store, "PATIENCE_S", 0.5)
    with held(filled.store, "for writing"):
        said = filled.run("ask", "Lost")
    assert (said.status, said.output) == (1, "Hello.\n")
    assert "This reply is not kept: Another program has locked" in said.errors


def test_one_byte_in_a_title_takes_nothing_away(filled: AskRuns) -> None:
    assert filled.run("ask", "After").status == 0
    with closing(sqlite3.connect(filled.store, isolation_level=None)) as connection:
        connection.execute(
            "UPDATE conversation SET title = CAST(x'C3' AS TEXT) WHERE title = 'Before'"
        )
    said = filled.run("history")
    assert (said.status, said.errors) == (0, "")
    assert "After" in said.output
    assert "[damaged]" in said.output
    assert filled.run("export", "--all", "-o", "all.json").status == 0
    document = json.loads((filled.home / "all.json").read_text())
    assert len(document["conversations"]) == 2
    assert filled.run("import", "all.json").status == 0


def test_export_names_the_folder_that_is_missing(filled: AskRuns) -> None:
    said = filled.run("export", "-o", "new/x.json")
    assert said.status == 1
    assert f"There is no folder {os.path.realpath(filled.home)}/new" in said.errors
    assert said.errors.count("\n") == 1
