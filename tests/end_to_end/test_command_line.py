"""What can be said on the command line, and what is said back."""

import subprocess
import sys
from pathlib import Path

import pytest

from shammah_tui.cli import main
from tests.end_to_end.world import World

HEAVY = {"textual", "rich", "anthropic", "httpx2", "huggingface_hub", "llama_cpp", "pynvml"}


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_told_without_a_terminal_and_without_imports(world: World, option: str) -> None:
    run = _run(world, option, python=("-X", "importtime"))
    assert run.returncode == 0
    assert "shammah" in run.stdout
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in _lines(run.stderr)}
    assert "argparse" in imported
    assert not imported & HEAVY
    # Nothing but the report of the imports.
    assert all(line.startswith("import time:") for line in _lines(run.stderr))


def test_not_a_terminal(world: World) -> None:
    run = _run(world)
    assert run.returncode == 2
    assert not run.stdout
    assert len(_lines(run.stderr)) == 1
    assert "a terminal is needed" in run.stderr


def test_a_terminal_that_draws_nothing(world: World) -> None:
    world.environment["TERM"] = "dumb"
    terminal = world.start("--offline")
    assert terminal.wait_for_exit() == 2
    terminal.wait_for("this terminal (TERM=dumb) draws no screen: use `shammah ask`")
    assert b"\x1b" not in terminal.written
    terminal.assert_intact()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--colour",), "unknown option --colour"),
        (("--modle", "x"), "unknown option --modle; did you mean --model?"),
        (("--modle=x", "ask"), "unknown option --modle; did you mean --model?"),
        (("ask", "--lokal", "hi"), "unknown option --lokal; did you mean --local?"),
        (("ask", "--model", "--locl", "hi"), "expected one argument"),
        (("models", "pull", "--forse"), "unknown option --forse"),
        (("models", "pull"), "the following arguments are required: WHAT"),
        (("history", "-z"), "unknown option -z"),
    ],
)
def test_a_mistyped_option_is_named(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("qwen3.5-5b", "did you mean qwen3.5-9b or qwen3.5-4b?"),
        ("/no/such/file.gguf", "There is no file /no/such/file.gguf"),
        ("what is this", "“what is this” is not a model"),
    ],
)
def test_bad_model_is_one_line_and_the_terminal_is_intact(
    world: World, what: str, said: str
) -> None:
    terminal = world.start("--model", what, columns=200)
    assert terminal.wait_for_exit() == 2
    shown = [line for line in terminal.screen if line and not line.startswith("[shell]")]
    assert len(shown) == 1
    assert shown[0].startswith("shammah: ")
    assert said in shown[0]
    assert "1049" not in terminal.modes
    # The first picture may have been there; what it covered is back, and the sentence stays.
    assert terminal.written.count(b"\x1b[?1049h") == terminal.written.count(b"\x1b[?1049l")
    terminal.assert_intact()


def _run(
    world: World, *arguments: str, python: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *python, "-m", "shammah_tui", *arguments],
        env=world.environment,
        cwd=Path(world.home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]
