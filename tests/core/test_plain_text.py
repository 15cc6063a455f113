import pytest
from rich.cells import cell_len

from shammah_tui.core.plain_text import (
    cell_width,
    plain,
    plain_lines,
    truncate,
    without_controls,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Qwen3.5 4B", "Qwen3.5 4B"),
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1b]8;;http://x\x1b\\link", "alink"),
        ("a\x1bPdata\x1b\\b", "ab"),
        ("\x1bc reset", "c reset"),
        ("a\x9b31mb", "a31mb"),
        ("line\r\nline\ttab", "line line tab"),
        ("  wide   gaps \u3000 ", "wide gaps"),
        ("left\u202eright\u2066x\u2069", "leftrightx"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("a\x00\x08\x7fb", "ab"),
        ("[bold]stays[/]", "[bold]stays[/]"),
        ("half\ud800", "half"),
    ],
)
def test_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("abc", 3),
        ("…·✓✗⚠", 5),
        ("模型", 4),
        ("ａ", 2),
        ("e\u0301", 1),
        ("한글", 4),
        ("é", 1),
        ("👩\u200d💻", 2),
        ("👨\u200d👩\u200d👧!", 3),
        ("👍🏽", 2),
        ("🇩🇪", 2),
        ("❤\ufe0f", 2),
        ("1\ufe0f\u20e3", 2),
        ("\u1112\u1161\u11ab", 2),
        ("שָׁלוֹם", 4),
        ("می\u200cخواهم", 7),
        ("नमस्ते", 4),
        ("தமிழ்", 3),
    ],
)
def test_cell_width(text: str, cells: int) -> None:
    assert cell_width(text) == cells
    # The screen is laid out by Rich's figures: where ours differ, a line wraps or leaves a gap.
    assert cell_len(text) == cells


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("abcdef", 1, "…"),
        ("abcdef", 0, ""),
        ("模型模型", 8, "模型模型"),
        ("模型模型", 7, "模型模…"),
        ("模型模型", 6, "模型…"),
        ("ab cdef", 4, "ab…"),
        ("👩\u200d💻👩\u200d💻", 3, "👩\u200d💻…"),
        ("👩\u200d💻👩\u200d💻", 2, "…"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
    ],
)
def test_truncate(text: str, width: int, expected: str) -> None:
    assert truncate(text, width) == expected
    assert cell_width(truncate(text, width)) <= width


@pytest.mark.parametrize("end", ["\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029", "\x1c"])
def test_every_line_end_is_one_that_all_count(end: str) -> None:
    assert plain_lines(f"one{end}two\tthree\x1f\x1b") == "one\ntwo\tthree "


def test_what_a_person_writes_keeps_every_visible_character() -> None:
    written = "tab\there\nשלום\u200f 👩\u200d🚀 soft\u00adhyphen\u200b \ufeffü"
    assert without_controls(written) == written
    gone = "".join(map(chr, [*range(9), *range(14, 28), *range(127, 133), *range(134, 160)]))
    assert without_controls(f"a{gone}b\ud800c") == "abc"
    assert without_controls("a\r\nb\rc\x85d\u2028e") == "a\nb\nc\nd\ne"
