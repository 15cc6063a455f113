"""``shammah demo``: the story with the real small model; nothing of the user's is touched."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import psutil
import pytest

from tests.end_to_end.terminal import CTRL_Q, ENTER, TIMEOUT_S
from tests.end_to_end.world import World
from tests.recording.animated_svg import animated_svg
from tests.recording.frames import Row, frames_of
from tests.recording.recorder import record

MODEL = "SmolLM2-135M-Instruct Q4_1"
STILL_AT_MOST_S = 150.0
COLUMNS, ROWS = 100, 28
PICTURE = Path(__file__).parents[2] / "assets" / "demo.svg"
TITLE = (
    "A recording of shammah demo --script: a stand-in for Claude replies while a small model "
    "downloads and loads, then the model replies on this machine"
)
FOREGROUND, BACKGROUND = "e4e6ee", "14161f"
"""The terminal's; the program draws in its own, of which this is the darkest."""
MOST_BYTES = 600_000
TAGS = {"svg", "title", "style", "defs", "g", "rect", "text", "use"}
"""Nothing that runs or is fetched."""


@pytest.fixture
def temporary(tmp_path: Path, world: World) -> Iterator[Path]:
    """Where the demonstration has its home; the user's own home has things that are to stay."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    world.configure('theme = "shammah-light"\n')
    mine = world.home / "mine"
    mine.mkdir()
    # All that could lead it out of its own home, or to anybody but its own servers.
    world.environment |= {
        "TMPDIR": str(folder),
        "XDG_CONFIG_HOME": str(mine),
        "XDG_DATA_HOME": str(mine),
        "XDG_STATE_HOME": str(mine),
        "XDG_CACHE_HOME": str(mine),
        "HF_HOME": str(mine),
        "HF_TOKEN": "hf_good",
        "HF_HUB_OFFLINE": "1",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
    }
    before = _contents(world.home)
    yield folder
    assert _contents(world.home) == before
    assert not world.hub.requests
    assert not world.api.calls


@pytest.mark.timeout(400)
def test_the_script_plays_the_story(
    world: World, temporary: Path, request: pytest.FixtureRequest
) -> None:
    """With ``--record`` README's picture is made of it: on a machine that does nothing else."""
    world.environment["COLORTERM"] = "truecolor"
    command = [sys.executable, "-m", "shammah_tui", "demo", "--script"]
    status, pieces = record(
        command, world.environment, world.home, COLUMNS, ROWS, timeout_s=STILL_AT_MOST_S
    )
    frames = frames_of(pieces, COLUMNS, ROWS, FOREGROUND, BACKGROUND)
    last = [text for row in frames[-1].rows if (text := _text(row).rstrip())]
    assert status == 0, last
    assert len(last) == 3
    for label, pattern in zip(
        last,
        (
            r"Claude \(stand-in\) · model still downloading \(\d+ %\)",
            r"Claude \(stand-in\) · model (loading|not ready yet|still downloading.*)",
            rf"Local · {MODEL} · [\d.]+ tok/s",
        ),
        strict=True,
    ):
        assert re.fullmatch(pattern, label)
    # Also before the API has told its name.
    shown = {_text(row).strip() for each in frames for row in each.rows}
    labels = [each for each in shown if re.match(r"Claude\b.*·", each)]
    assert labels
    assert all(each.startswith("Claude (stand-in) · ") for each in labels)
    _assert_gone(temporary)

    recording = animated_svg(frames, COLUMNS, BACKGROUND, TITLE)
    assert_is_the_story(recording)
    if request.config.getoption("--record"):
        PICTURE.write_text(recording, encoding="utf-8")


def test_the_readmes_picture_is_such_a_recording() -> None:
    assert_is_the_story(PICTURE.read_text(encoding="utf-8"))


def assert_is_the_story(recording: str) -> None:
    """Assert that it is a picture that is small enough and has all of the story in it."""
    assert len(recording.encode()) < MOST_BYTES
    root = ET.fromstring(recording)
    assert {each.tag.rpartition("}")[2] for each in root.iter()} == TAGS
    rows = ["".join(row.itertext()) for row in root.iter() if row.get("id")]
    for wanted in (
        r"Downloading SmolLM2-135M-Instr.*\d+ %",
        r"Claude \(stand-in\) · model still downloading \(\d+ %\)",
        r"Claude \(stand-in\) · model loading",
        rf"✓ {MODEL} ready",
        rf"Local · {MODEL} · [\d.]+ tok/s",
    ):
        found = re.compile(wanted.replace(" ", " *"))
        assert any(map(found.search, rows)), wanted


def _text(row: Row) -> str:
    return "".join(run.text for run in row)


def test_a_person_plays_it(world: World, temporary: Path) -> None:
    terminal = world.start("demo")
    terminal.wait_for("Press Enter to begin:")
    assert not list(temporary.iterdir())
    terminal.send(ENTER)
    terminal.wait_for(f"Downloading {MODEL}")
    terminal.send(f"Who are you?{ENTER}")
    terminal.wait_for_match(r"▌ Who are you\? Claude \(stand-in\) · model still downloading")
    terminal.wait_for_reply("Claude would reply here.")
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.wait_for(lambda each: "The demonstration is over" in each.text)
    terminal.assert_intact()
    _assert_gone(temporary)


def test_who_presses_no_enter_starts_nothing(world: World, temporary: Path) -> None:
    terminal = world.start("demo")
    terminal.wait_for("Press Enter to begin:")
    terminal.send("\x04")
    assert terminal.wait_for_exit() == 0
    assert not list(temporary.iterdir())


def test_a_script_that_is_cut_short_says_so(world: World, temporary: Path) -> None:
    terminal = world.start("demo", "--script")
    terminal.wait_for("▌ How do I use Rust lifetimes?")
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 1
    assert terminal.screen[0] == "shammah: The demonstration stopped before its end: run it again"
    terminal.assert_intact()
    _assert_gone(temporary)


@pytest.mark.parametrize("arguments", [(), ("--script",)])
def test_told_to_end_it_leaves_nothing(
    arguments: tuple[str, ...], world: World, temporary: Path
) -> None:
    terminal = world.start("demo", *arguments)
    terminal.send("" if arguments else ENTER)
    terminal.wait_for(f"Downloading {MODEL}")
    terminal.program.send_signal(signal.SIGTERM)
    assert terminal.wait_for_exit() == 128 + signal.SIGTERM
    terminal.assert_intact()
    _assert_gone(temporary)


@pytest.mark.parametrize("arguments", [(), ("--script",)])
def test_a_window_that_is_closed_leaves_nothing(
    arguments: tuple[str, ...], world: World, temporary: Path
) -> None:
    terminal = world.start("demo", *arguments)
    terminal.send("" if arguments else ENTER)
    terminal.wait_for(f"Downloading {MODEL}")
    running = [*_processes(temporary), terminal.program]
    terminal.hang_up()
    _, alive = psutil.wait_procs(running, TIMEOUT_S)
    assert not alive
    _assert_gone(temporary)


def test_the_script_follows_another_size(world: World, temporary: Path) -> None:
    terminal = world.start("demo", "--script", columns=100, rows=28)
    terminal.wait_for(f"Downloading {MODEL}")
    terminal.resize(70, 20)
    terminal.wait_for(lambda each: each.row(19).strip().endswith("palette"))
    terminal.wait_for("▌ How do I use Rust lifetimes? Claude (stand-in)")
    terminal.wait_for("What's the difference between &str and String?")
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 1
    _assert_gone(temporary)


def test_without_a_terminal(world: World, temporary: Path) -> None:
    command = [sys.executable, "-m", "shammah_tui", "demo", "--script"]
    run = subprocess.run(
        command, env=world.environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert run.stderr == "shammah: a terminal is needed: standard input or output is not one\n"
    assert not list(temporary.iterdir())


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


def _processes(temporary: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("HOME", "").startswith(f"{temporary}{os.sep}"):
                found.append(process)
        except psutil.Error:
            continue
    return found


def _assert_gone(temporary: Path) -> None:
    """Assert that neither the home nor anybody who lives in it is left."""
    _, alive = psutil.wait_procs(_processes(temporary), TIMEOUT_S)
    assert not alive
    assert not list(temporary.iterdir())
