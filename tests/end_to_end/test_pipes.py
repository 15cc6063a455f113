"""Commands whose output nobody reads, cannot be written, or goes nowhere."""

import shlex
import subprocess
import sys

import pytest

from tests.end_to_end.world import CLAUDE_REPLY, KEY, World

COMMANDS = ("doctor", "doctor --json", "history", "export", "usage", "models", "models --json")


@pytest.fixture
def used(world: World) -> World:
    """A home in which a question was asked, and a model that another program fetched."""
    told = _run(world, f"ask {shlex.quote('What is here?')}")
    assert told.stdout == f"{CLAUDE_REPLY}\n"
    snapshot = world.home / ".cache/huggingface/hub/models--o--r/snapshots" / ("a" * 40)
    snapshot.mkdir(parents=True)
    (snapshot / "Small-Q4_K_M.gguf").symlink_to(world.models / "endless.gguf")
    return world


def test_read_in_part(used: World) -> None:
    for command in COMMANDS:
        told = _run(used, command, "| head -1")
        assert told.returncode == 0, command
        assert len(told.stdout.splitlines()) == 1, command
        assert told.stderr == "", command


@pytest.mark.parametrize(
    ("where", "status", "said"),
    [
        ("| true", 0, ""),
        (">/dev/full", 1, "shammah: No space left on device; stopped here\n"),
        (">&-", 0, ""),
    ],
)
def test_output_that_goes_nowhere(used: World, where: str, status: int, said: str) -> None:
    for command in COMMANDS:
        told = _run(used, command, where)
        assert told.stdout == "", command
        assert told.returncode == status, command
        assert told.stderr == said, command


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_nobodys_files(used: World, closed: str) -> None:
    # A database that got the number of standard output would be written over by the reply.
    assert _run(used, "ask Again", closed).returncode == 0
    assert _run(used, "history").stdout.count("  2  ") == 2
    told = _run(used, "", closed)
    assert told.returncode == 2
    assert not told.stdout
    assert told.stderr.startswith("" if "2>" in closed else "shammah: a terminal is needed")


@pytest.mark.parametrize("piped", [bytes(range(256)) * 80, b"\0" * 1000])
def test_bytes_that_are_no_text_are_refused_and_go_nowhere(world: World, piped: bytes) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "shammah_tui", "ask", "What is this?"],
        env=world.environment,
        cwd=world.home,
        input=piped,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (told.returncode, told.stdout) == (2, b"")
    assert told.stderr == b"shammah: The piped input is not text\n"
    assert world.api.calls == []


def _run(world: World, command: str, where: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command line of the shell; the status is the program's, not that of who reads."""
    line = f"{shlex.quote(sys.executable)} -m shammah_tui {command} {where}"
    told = subprocess.run(
        ["bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}"],
        env=world.environment,
        cwd=world.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert KEY not in told.stdout + told.stderr
    return told
