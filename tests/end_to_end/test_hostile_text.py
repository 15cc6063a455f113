"""What a file says is text: whatever stands in any field of it, no terminal obeys it."""

import json
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import Any

import pexpect
import pytest

from shammah_tui.core.conversation.export_format import to_json
from tests.core.export_records import FULL
from tests.end_to_end.terminal import CTRL_Q, ENTER, ESCAPE, F4, UP, Terminal
from tests.end_to_end.world import World

HOSTILE = (
    "\x1b]52;c;T1dORUQ=\x07"  # the clipboard
    "\x1b]0;OWNED\x07"  # the title
    "\x1bc"  # reset
    "\x1b[?1049l\x1b[3J"
    "\x1bP+q544e\x1b\\"
    "\x9b31m\x9d0;OWNED\x9c\x85"
    "\u202egpj\u2066.exe"
    "\x00\x07\x08\x0e\x7f"
)
OBEYED = re.compile(
    rb"OWNED\x07|\x1b\]52|\x1b\]0;|\x1bc|\x1bP|\x1b\[3J|\xc2[\x80-\x9f]|\xe2\x80\xae|\xe2\x81\xa6"
    rb"|[\x00\x08\x0e\x7f]"
)
FREE = {"title", "text", "draft", "thought", "label", "reason", "model", "revision", "interrupted"}


def spoiled(value: Any, key: str = "") -> Any:
    """Return a document in which every field of free text is hostile, and lone halves stand in."""
    if isinstance(value, dict):
        return {name: spoiled(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [spoiled(each) for each in value]
    if isinstance(value, str) and key in FREE:
        return f"egg {key} {HOSTILE}\ud800 end"
    return value


def document() -> str:
    return json.dumps(spoiled(json.loads(to_json((FULL,)))))


def run(world: World, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "shammah_tui", *arguments],
        env=world.environment,
        cwd=world.home,
        capture_output=True,
        timeout=60,
    )


def store_raw(world: World) -> None:
    """Put the same into the store as an earlier version would have taken it."""
    path = world.home / ".local" / "share" / "shammah" / "conversations.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for table, column in (
            ("receipt", "label"),
            ("receipt", "reason"),
            ("receipt", "model"),
            ("receipt", "revision"),
            ("receipt", "interrupted"),
            ("conversation", "title"),
            ("message", "text"),
        ):
            text = f"egg {HOSTILE}"
            connection.execute(f"UPDATE {table} SET {column} = ?", (text,))


def look_around(terminal: Terminal) -> None:
    terminal.wait_for("egg")
    for keys in ("\x1b[1;5A", "i", ESCAPE, "[", "]", "\x1b[1;5A", "e", ESCAPE, ESCAPE):
        press(terminal, keys)
    press(terminal, "\x1bOR")
    # A key of the panel's: the chat's own line names the conversations, too.
    terminal.wait_for("Rename")
    press(terminal, "egg")
    press(terminal, F4)
    for _ in range(3):
        press(terminal, ESCAPE)
    terminal.wait_for(lambda each: "Rename" not in each.text)
    press(terminal, f"{UP}{UP}")
    press(terminal, ESCAPE)
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0


def press(terminal: Terminal, keys: str) -> None:
    """Send keys as a person does: what follows Escape at once is taken for one key with it."""
    terminal.send(keys)
    time.sleep(0.3)


@pytest.mark.parametrize("is_raw", [False, True], ids=["imported", "already there"])
def test_no_field_of_an_import_reaches_the_terminal_as_it_is(world: World, is_raw: bool) -> None:
    (world.home / "hostile.json").write_text(document())
    done = run(world, "import", "hostile.json")
    assert (done.returncode, OBEYED.search(done.stdout + done.stderr)) == (0, None)
    if is_raw:
        store_raw(world)
    # The second start begins with what the first one has shown last.
    for _ in range(2):
        with world.start("--offline", "--continue", columns=110, rows=40) as terminal:
            look_around(terminal)
            written = bytes(terminal.written)
        found = OBEYED.search(written)
        assert found is None, written[max(0, found.start() - 80) :][:200]
    for arguments in (
        ("history",),
        ("history", "--json"),
        ("export", "--all"),
        ("export", "--all", "--format", "json"),
        ("usage",),
        ("usage", "--json"),
    ):
        told, status = pexpect.run(
            f"{sys.executable} -m shammah_tui {' '.join(arguments)}",
            env=world.environment,
            cwd=str(world.home),
            withexitstatus=True,
        )
        assert status == 0, told
        assert OBEYED.search(told) is None, (arguments, told)


def test_what_was_imported_is_exported_again_and_is_the_same(world: World) -> None:
    (world.home / "hostile.json").write_text(document())
    assert run(world, "import", "hostile.json").returncode == 0
    first = run(world, "export", "--all", "--format", "json")
    (world.home / "again.json").write_bytes(first.stdout)
    assert b"0 new conversations, 0 new messages" in run(world, "import", "again.json").stdout
    assert run(world, "export", "--all", "--format", "json").stdout == first.stdout


def test_a_conversation_of_another_chat_is_gone_on_with(world: World) -> None:
    exported = [
        {
            "uuid": "c",
            "name": "Hens",
            "chat_messages": [
                {"uuid": "1", "sender": "human", "text": "Why do hens brood?"},
                {"uuid": "2", "sender": "assistant", "text": "For **warmth**."},
            ],
        }
    ]
    (world.home / "claude.json").write_text(json.dumps(exported))
    assert run(world, "import", "claude.json").returncode == 0
    with world.start("--offline", "--continue") as terminal:
        terminal.wait_for("For warmth.")
        terminal.send(f"And ducks?{ENTER}")
        terminal.wait_for("far side")
        terminal.send(CTRL_Q)
        assert terminal.wait_for_exit() == 0
    told = [(turn["role"], turn["content"]) for turn in world.api.calls[0].body["messages"]]
    assert told[:2] == [("user", "Why do hens brood?"), ("assistant", "For **warmth**.")]
