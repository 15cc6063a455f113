import pytest
from rich.cells import cell_len

from shammah_tui.core.text.plain_text import (
    Stand,
    cell_width,
    drawable,
    drawn,
    plain,
    plain_line,
    plain_lines,
    truncate,
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
        ("left\u202eright\u2066x\u2069", "left‹U+202E›right‹U+2066›x‹U+2069›"),
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


ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
MANY = "\u0301" * 40


def test_what_is_kept_loses_only_control_characters() -> None:
    written = (
        "tab\there\nשלום\u200f 👩\u200d🚀 soft\u00adhyphen\u200b \ufeffü"
        " \u202egpj.exe\u2066 ❤\ufe0f"
        f" {ENGLAND} ไทย\u200bไทย می\u200cخواهم \u2060\ue000 e{MANY}"
    )
    assert plain_lines(written) == written
    assert plain_line(written) == written.replace("\t", " ").replace("\n", " ")
    gone = "".join(map(chr, [*range(9), *range(14, 28), *range(127, 133), *range(134, 160)]))
    assert plain_lines(f"a{gone}b\ud800c") == "abc"
    assert plain_lines("a\r\nb\rc\x85d\u2028e") == "a\nb\nc\nd\ne"


def test_what_is_drawn_shows_overrides_and_leaves_out_what_terminals_count_differently() -> None:
    assert drawn("a\u202eb") == ("a‹U+202E›b", [Stand(1, 9, "\u202e")])
    assert drawn(f"{ENGLAND}!") == ("🏴!", [Stand(1, 1, ENGLAND[1:])])
    assert drawn("so\u00adft")[0] == "soft"
    kept = "می\u200cخواهم 👩\u200d💻 ❤\ufe0f 1\ufe0f\u20e3 नमस्ते e\u0301"
    assert drawn(kept) == (kept, [])
    many = drawn(f"e{MANY}!")[0]
    assert many == f"e{MANY[:6]}!"


@pytest.mark.parametrize(
    "text",
    ["a\u202eb", ENGLAND, "so\u00adft", "a\u200bb\u2060c\ufeff", f"e{MANY}", "\u0600"],
)
def test_the_terminal_gets_what_the_layout_counted_and_no_override(text: str) -> None:
    written = drawable(text)
    assert cell_len(written) == cell_len(text)
    assert not set(written) & set("\u202e\u00ad\u200b\u2060\ufeff")
    assert not any(0xE0000 <= ord(each) < 0xE0080 for each in written)
