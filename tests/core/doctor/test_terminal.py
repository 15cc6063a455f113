"""What terminals answer, byte for byte, and what is made of it."""

import pytest

from shammah_tui.core.doctor.terminal import (
    QUESTIONS,
    Colours,
    TerminalAnswers,
    colours,
    is_complete,
    read_answers,
    takes_clipboard,
)

KITTY = b"\x1b[?0u\x1b[?2026;2$y\x1b[?2004;2$y\x1bP>|kitty(0.42.1)\x1b\\\x1b[?62;52;c"
XTERM = b"\x1b[?2026;0$y\x1b[?2004;2$y\x1bP>|XTerm(390)\x1b\\\x1b[?64;1;2;6;9;15;22c"
APPLE = b"\x1b[?1;2c"
SILENT = read_answers(b"")


def test_the_last_question_is_the_one_that_all_answer() -> None:
    assert QUESTIONS.endswith(b"\x1b[c")
    assert QUESTIONS.count(b"\x1b") == 5


@pytest.mark.parametrize(
    ("answers", "meaning"),
    [
        (KITTY, TerminalAnswers(True, True, True, True, "kitty(0.42.1)", True)),
        (XTERM, TerminalAnswers(True, False, False, True, "XTerm(390)", False)),
        (APPLE, TerminalAnswers(True, False, None, None, "", False)),
        (b"", TerminalAnswers(False, None, None, None, "", False)),
        # It has begun to answer when the time is over.
        (KITTY[:5], TerminalAnswers(False, True, None, None, "", False)),
        # Somebody typed in between.
        (b"ls\x1b[?2026;1$yx\r\x1b[?62c", TerminalAnswers(True, False, True, None, "", False)),
        (b"\x1b[?2004;4$y\x1b[?6c", TerminalAnswers(True, False, None, False, "", False)),
        (b"\x1bP>|a\x07\nb\x1b\\\x1b[?6c", TerminalAnswers(True, False, None, None, "a b", False)),
    ],
)
def test_read_answers(answers: bytes, meaning: TerminalAnswers) -> None:
    assert read_answers(answers) == meaning
    assert is_complete(answers) is meaning.is_complete


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, Colours.NONE),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, Colours.NONE),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Colours.TRUE),
        ({"TERM": "xterm-256color", "COLORTERM": "24bit"}, Colours.TRUE),
        ({"TERM": "xterm-kitty"}, Colours.TRUE),
        ({"TERM": "xterm-direct"}, Colours.TRUE),
        ({"TERM": "xterm-256color"}, Colours.MANY),
        ({"TERM": "linux"}, Colours.FEW),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, Colours.NONE),
    ],
)
def test_colours(environment: dict[str, str], expected: Colours) -> None:
    assert colours(environment) is expected


@pytest.mark.parametrize(
    ("environment", "answers", "likely"),
    [
        ({"TERM": "xterm-256color"}, SILENT, False),
        ({"TERM": "xterm-256color"}, None, False),
        ({"TERM": "xterm-256color"}, read_answers(KITTY), True),
        ({"TERM": "xterm-256color"}, read_answers(XTERM), True),
        ({"TERM": "xterm-256color"}, read_answers(APPLE), False),
        ({"TERM": "foot"}, SILENT, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, SILENT, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, SILENT, False),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, SILENT, True),
    ],
)
def test_clipboard(
    environment: dict[str, str], answers: TerminalAnswers | None, likely: bool
) -> None:
    assert takes_clipboard(environment, answers) is likely
