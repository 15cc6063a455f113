"""A key that is given in the program: it works at once, at the next start, and in the commands."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from keyring.backends import fail

from tests.end_to_end.terminal import CTRL_Q, ENTER, ESCAPE, UP, Terminal
from tests.end_to_end.world import CLAUDE_SHOWN, FILE, KEY, World
from tests.keyrings import FILE_VARIABLE, FileKeyring, LockedKeyring, named

REPOSITORY = Path(__file__).parents[2]
NO_KEY_SAID = "no Claude key"


@pytest.fixture
def keyed(world: World) -> World:
    """The environment has no key, and a keyring that is a file."""
    del world.environment["ANTHROPIC_API_KEY"]
    world.environment["PYTHONPATH"] = str(REPOSITORY)
    world.environment[FILE_VARIABLE] = str(world.home.parent / "keyring")
    world.environment["PYTHON_KEYRING_BACKEND"] = named(FileKeyring)
    return world


def give(terminal: Terminal, key: str = KEY) -> None:
    terminal.send(f"/key{ENTER}")
    terminal.wait_for("Paste a key from Anthropic's console")
    terminal.paste(key)
    terminal.wait_for("••••")
    assert key not in terminal.text
    terminal.send(ENTER)


def wait_for_notice(terminal: Terminal, sentence: str) -> None:
    """Wait for a notice, which is wrapped at the right of the screen."""

    def is_there(each: Terminal) -> bool:
        lines = [row.rpartition("▌")[2].rstrip("─╮│ ") for row in each.screen if "▌" in row]
        return sentence in " ".join(" ".join(lines).split())

    terminal.wait_for(is_there)


def asked(terminal: Terminal, question: str) -> None:
    terminal.send(f"{question}{ENTER}")
    terminal.wait_for(CLAUDE_SHOWN)


def leave(terminal: Terminal) -> None:
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()


def run(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "shammah_tui", *arguments],
        env=world.environment,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=90,
    )


def kept_file(world: World) -> Path:
    return world.home / ".local" / "state" / "shammah" / "claude-key.json"


def files_with(world: World, text: str) -> list[Path]:
    """Return every file of the home that holds ``text``, the database's own pages among them."""
    found = [each for each in world.home.rglob("*") if each.is_file() and not each.is_symlink()]
    return [each for each in found if text.encode() in each.read_bytes()]


def test_it_works_at_once_and_at_the_next_start(keyed: World) -> None:
    terminal = keyed.open("--offline", columns=160, rows=40)
    terminal.wait_for("no Claude key is set")
    terminal.wait_for("/key takes a key for Claude")
    give(terminal)
    wait_for_notice(terminal, "Claude answers from now on. The key is in the system's keyring")
    terminal.wait_for("Offline: Claude answers")
    assert "no Claude key" not in terminal.text
    asked(terminal, "Hello?")
    assert KEY in Path(keyed.environment[FILE_VARIABLE]).read_text()
    leave(terminal)

    # The first picture knows of it, and the keyring is read after that.
    terminal = keyed.start("--offline", columns=160, rows=40, typed_ahead=f"Again?{ENTER}")
    terminal.wait_for(CLAUDE_SHOWN)
    assert {call.key for call in keyed.api.calls} == {KEY}
    assert run(keyed, "ask", "And you?").stdout.strip()
    doctor = json.loads(run(keyed, "doctor", "--json").stdout)
    facts = {each["id"]: each["facts"] for each in doctor["findings"]}
    assert facts["key"] == {"present": True, "place": "keyring"}
    assert facts["claude"]["reached"] is True

    terminal.send(f"/key forget{ENTER}")
    wait_for_notice(terminal, "The key is deleted from the system's keyring")
    terminal.wait_for("no Claude key is set")
    assert KEY not in Path(keyed.environment[FILE_VARIABLE]).read_text()
    terminal.send(f"Once more?{ENTER}")
    terminal.wait_for("or give a key with /key")
    leave(terminal)
    assert files_with(keyed, KEY) == []


def test_without_a_keyring_it_is_in_a_file_that_only_its_owner_reads(keyed: World) -> None:
    keyed.environment["PYTHON_KEYRING_BACKEND"] = named(fail.Keyring)
    terminal = keyed.open("--offline", columns=160, rows=40)
    terminal.wait_for("no Claude key is set")
    give(terminal)
    wait_for_notice(terminal, "This system has no keyring: the key is in")
    asked(terminal, "Hello?")
    leave(terminal)
    assert files_with(keyed, KEY) == [kept_file(keyed)]
    assert stat.S_IMODE(kept_file(keyed).stat().st_mode) == 0o600
    told = run(keyed, "doctor")
    assert f"given with /key, kept in {kept_file(keyed)}" in told.stdout
    assert KEY not in told.stdout + told.stderr
    assert run(keyed, "ask", "--no-store", "Hi").returncode == 0
    export = run(keyed, "export", "--all", "--format", "json")
    assert "Hello?" in export.stdout
    assert KEY not in export.stdout


def test_what_is_wrong_with_it_is_said_and_it_can_be_kept_unchecked(keyed: World) -> None:
    terminal = keyed.open("--offline", columns=160, rows=40)
    terminal.wait_for("no Claude key is set")
    give(terminal, "sk-ant-api03-not-this-one-0123")
    terminal.wait_for("Claude refused the key: copy it again.")
    assert not kept_file(keyed).exists()
    terminal.send(ESCAPE)
    url = keyed.environment["ANTHROPIC_BASE_URL"]
    leave(terminal)

    keyed.environment["ANTHROPIC_BASE_URL"] = "http://127.0.0.1:9"
    terminal = keyed.open("--offline", columns=160, rows=40)
    terminal.wait_for("no Claude key is set")
    give(terminal)
    terminal.wait_for("could not be checked: Claude's API cannot be reached.")
    terminal.send(ENTER)
    wait_for_notice(terminal, "Claude is asked with this key from now on.")
    leave(terminal)
    keyed.environment["ANTHROPIC_BASE_URL"] = url
    terminal = keyed.open("--offline", columns=160, rows=40)
    asked(terminal, "Hello?")
    leave(terminal)


@pytest.mark.parametrize("typed", [f"/key {KEY}", KEY])
def test_a_key_in_the_composer_is_taken_and_stored_nowhere(keyed: World, typed: str) -> None:
    terminal = keyed.open("--offline", columns=160, rows=40)
    terminal.wait_for("no Claude key is set")
    terminal.paste(typed)
    terminal.wait_for(lambda each: each.composer == typed)
    terminal.send(ENTER)
    wait_for_notice(terminal, "Claude answers from now on")
    assert terminal.composer == ""
    terminal.send("\x1a")  # Ctrl+Z
    terminal.send(UP)
    asked(terminal, " Hello?")
    assert KEY not in terminal.text
    leave(terminal)
    assert files_with(keyed, KEY) == []
    assert all(KEY not in json.dumps(call.body) for call in keyed.api.calls)


@pytest.mark.parametrize("around", ["", "Some words\n"])
@pytest.mark.parametrize("typed", [f"/key {KEY}", KEY])
def test_a_key_that_is_typed_and_not_sent_is_in_no_draft(
    keyed: World, typed: str, around: str
) -> None:
    terminal = keyed.open("--offline", columns=160, rows=40)
    terminal.wait_for("no Claude key is set")
    terminal.paste(around + typed)
    terminal.wait_for(lambda each: KEY[:20] in each.composer)
    leave(terminal)
    assert files_with(keyed, KEY) == []
    terminal = keyed.open("--offline", columns=160, rows=40)
    terminal.wait_for("no Claude key is set")
    terminal.wait_for(around.strip() or "[hidden]" if around or typed == KEY else "Ask anything")
    assert KEY[:20] not in terminal.text
    leave(terminal)


def test_a_locked_keyring_is_named(keyed: World) -> None:
    terminal = keyed.open("--offline", columns=160, rows=40)
    terminal.wait_for("no Claude key is set")
    give(terminal)
    wait_for_notice(terminal, "Claude answers from now on")
    leave(terminal)
    keyed.environment["PYTHON_KEYRING_BACKEND"] = named(LockedKeyring)
    terminal = keyed.open("--offline", columns=160, rows=40)
    terminal.wait_for("no Claude key is set")
    terminal.send(f"Hello?{ENTER}")
    terminal.wait_for("the system's keyring is locked")
    leave(terminal)
    failed = run(keyed, "ask", "Hello?")
    assert failed.returncode == 6
    assert "the system's keyring is locked" in failed.stderr


def test_the_environment_says_that_it_comes_first(keyed: World) -> None:
    keyed.environment["ANTHROPIC_API_KEY"] = KEY
    terminal = keyed.open("--offline", columns=160, rows=40)
    terminal.wait_for("Claude answers")
    give(terminal)
    wait_for_notice(terminal, "Claude is still asked with ANTHROPIC_API_KEY")
    terminal.send(f"/key forget{ENTER}")
    wait_for_notice(terminal, "ANTHROPIC_API_KEY is still set: Claude is asked with that.")
    asked(terminal, "Hello?")
    leave(terminal)


def test_no_child_has_it(keyed: World) -> None:
    terminal = keyed.start_ready(FILE)
    terminal.wait_for(NO_KEY_SAID)
    give(terminal)
    wait_for_notice(terminal, "Claude answers from now on")
    (engine,) = terminal.children("children.llama")
    engine.kill()
    terminal.wait_for_match(r"✓ .* ready")
    for process in terminal.processes():
        told = "\0".join([*process.cmdline(), *process.environ().values()])
        assert KEY not in told
    asked(terminal, "@claude Hello?")
    terminal.send(CTRL_Q)
    terminal.wait_for_exit()
    assert KEY not in keyed.logs()
    assert os.environ.get("ANTHROPIC_API_KEY") != KEY
