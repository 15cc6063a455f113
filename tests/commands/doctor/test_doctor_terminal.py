"""``shammah doctor`` in a terminal that answers, one that does not, and what it leaves behind."""

import re
import termios
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from shammah_tui.core.doctor.terminal import QUESTIONS
from tests.commands.doctor_runs import KEY, DoctorRuns
from tests.loopback.hub import LoopbackHub
from tests.loopback.messages_api import LoopbackMessagesAPI

KITTY = b"\x1b[?0u\x1b[?2026;2$y\x1b[?2004;2$y\x1bP>|kitty(0.42.1)\x1b\\\x1b[?62;52;c"
SHELL = '"$@"; printf "[status %s]" "$?"; read -r line; printf "[typed %s]" "$line"'


@pytest.fixture
def doctor(tmp_path: Path) -> Iterator[DoctorRuns]:
    home = tmp_path / "home"
    home.mkdir()
    with LoopbackHub() as hub, LoopbackMessagesAPI(key=KEY) as api:
        yield DoctorRuns(home, hub, api)


def run(
    doctor: DoctorRuns,
    answer: bytes | None,
    typed_late: bytes = b"",
    columns: int = 120,
    **environment: str,
) -> tuple[str, str]:
    """Run it under a shell in a terminal that answers so; None is never asked.

    Returns:
        What came on the screen, and what the shell read afterwards up to a line's end.
    """
    shell = pexpect.spawn(
        "/bin/sh",
        ["-c", SHELL, "sh", *doctor.command],
        env={**doctor.environment, **environment},
        cwd=str(doctor.home),
        dimensions=(30, columns),
        timeout=60,
    )
    before = termios.tcgetattr(shell.child_fd)
    if answer is not None:
        shell.expect_exact(QUESTIONS)
        assert not termios.tcgetattr(shell.child_fd)[3] & termios.ECHO
        shell.send(answer)
    shell.expect_exact("[status 0]")
    told: bytes = shell.before
    assert termios.tcgetattr(shell.child_fd) == before
    shell.send(typed_late + b"done\n")
    shell.expect(rb"\[typed (.*)\]")
    read: bytes = shell.match[1]
    shell.expect(pexpect.EOF)
    shell.close()
    return told.decode(), read.decode()


def words(text: str) -> str:
    return re.sub(r"\x1b\[\d*m", "", text)


def test_a_terminal_that_can_everything(doctor: DoctorRuns) -> None:
    told, read = run(doctor, KITTY)
    assert "\x1b[32m✓\x1b[0m Terminal" in told
    said = words(told)
    assert "✓ Terminal       xterm-256color (kitty(0.42.1)) · 120×30" in said
    assert "✓ Drawing        24-bit colour · UTF-8 · synchronized output: yes" in said
    assert "✓ Keys           Kitty keyboard protocol: yes · bracketed paste: yes" in said
    assert "✓ Clipboard      copying reaches the clipboard (OSC 52, likely)" in said
    assert read == "done", "nothing of the answers is left for the shell"
    assert "\x1b[?62" not in told


def test_a_terminal_that_can_little(doctor: DoctorRuns) -> None:
    answer = b"\x1b[?2026;0$y\x1b[?2004;0$y\x1b[?6c"
    told, _ = run(doctor, answer, columns=50, COLORTERM="", NO_COLOR="")
    said = words(told)
    assert "⚠ Terminal       xterm-256color · 50×30 · small" in said
    assert "→ make the window at least 60×16" in said
    assert "⚠ Drawing        256 colours · UTF-8 · synchronized output: no" in said
    assert "→ if this terminal has 24-bit colour: export COLORTERM=truecolor" in said
    assert "Kitty keyboard protocol: no (ctrl+j begins a new line" in said
    assert "bracketed paste: no" in said
    assert "⚠ Clipboard" in said


def test_a_terminal_that_does_not_answer_is_not_waited_for_long(doctor: DoctorRuns) -> None:
    told, read = run(doctor, b"")
    assert "the terminal does not answer questions about keys and pasting" in told
    assert read == "done"


def test_no_colour_where_none_is_wanted(doctor: DoctorRuns) -> None:
    told, _ = run(doctor, KITTY, NO_COLOR="1")
    assert "\x1b" not in told
    assert "✓ Drawing        no colours · UTF-8" in told


def test_a_dumb_terminal_is_asked_nothing(doctor: DoctorRuns) -> None:
    told, _ = run(doctor, None, TERM="dumb")
    assert "\x1b" not in told
    assert "✗ Terminal       dumb · 120×30 · no screen" in told
    assert "→ export TERM=xterm-256color" in told


def test_a_terminal_that_does_not_know_its_size(doctor: DoctorRuns) -> None:
    told, _ = run(doctor, KITTY, columns=0)
    assert "✓ Terminal       xterm-256color (kitty(0.42.1))\r\n" in words(told)
