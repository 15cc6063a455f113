"""Which messages are pinned to a side, and how a pin is written again."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shammah_tui.core.conversation.pins import Side, split_pin, with_pin

SIGNS = " \n\t\r:;,.!?>-*_()[]\"'`~@/\u200b\xa0\u2800\u3000。é\u0301😀\x00ax1local"


@pytest.mark.parametrize(
    ("text", "side", "rest"),
    [
        ("@claude hello", Side.CLAUDE, "hello"),
        ("@local hello", Side.LOCAL, "hello"),
        ("@LOCAL\nhello\n there", Side.LOCAL, "hello\n there"),
        ("@Claude\t hello", Side.CLAUDE, "hello"),
        ("  @local hello", Side.LOCAL, "hello"),
        ("@claude", Side.CLAUDE, ""),
        ("@local  ", Side.LOCAL, ""),
        ("@local @claude hello", Side.LOCAL, "@claude hello"),
        ("@local\n    if x:", Side.LOCAL, "    if x:"),
        ("@local — hello", Side.LOCAL, "— hello"),
        ("", None, ""),
    ],
)
def test_a_pin_is_the_first_word(text: str, side: Side | None, rest: str) -> None:
    assert split_pin(text) == (side, rest)


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    "after",
    [": D", ", D", ". D", "; D", "! D", "… D", ":D", ",D", ";D", "：D", "，D", "。D", "、D"],
)
def test_a_sign_may_follow_it(side: Side, after: str) -> None:
    assert split_pin(f"@{side}{after}") == (side, "D")


@pytest.mark.parametrize("before", ["\xa0", "\u200b", "\ufeff", "\u3164", "\u2060 ", "\n\n"])
@pytest.mark.parametrize(
    "word", ["@local", "＠local", "@ＬＯＣＡＬ", "@lo\u200bcal", "@\u2060local"]
)
@pytest.mark.parametrize("after", [" ", "\xa0", "\u200b", "\u3000", ": ", "\ufe0f "])
def test_what_looks_like_it_is_taken_for_it(before: str, word: str, after: str) -> None:
    assert split_pin(f"{before}{word}{after}D") == (Side.LOCAL, "D")


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("> @local D", "> D"),
        ("- @local D", "- D"),
        ("* @local: D", "* D"),
        ("1. @local D", "1. D"),
        ("- [x] @local D", "- [x] D"),
        ("“@local D”", "“D”"),
        ('"@local" D', "D"),
        ("(@local) D", "D"),
        ("**@local** D", "D"),
        ("`@local` D", "D"),
        ("# @local D", "# D"),
        ("🔒 @local D", "🔒 D"),
    ],
)
def test_behind_the_sign_of_a_list_or_a_quotation_local_is_one(text: str, rest: str) -> None:
    assert split_pin(text) == (Side.LOCAL, rest)


@pytest.mark.parametrize(
    "text", ["@local/package is broken", "@local-first?", "@local.example", "@local's D"]
)
def test_in_doubt_it_stays_here_and_the_text_is_whole(text: str) -> None:
    assert split_pin(text) == (Side.LOCAL, text)


@pytest.mark.parametrize(
    "text",
    [
        "@localhost is down",
        "@locals",
        "@local5",
        "@local_host",
        "@localé",
        "@claudette hi",
        "@claude-3 is out",
        "> @claude said so",
        "- @claude hi",
        "ask @claude this",
        "hello\n@local there",
        "mail me@local",
        "@ local hello",
        "local: hello",
    ],
)
def test_what_is_no_pin(text: str) -> None:
    assert split_pin(text) == (None, text)


@given(st.sampled_from(["@local", "@claude", "＠LOCAL", "> @local"]), st.text(SIGNS, max_size=12))
def test_what_is_written_again_is_read_as_it_was(pin: str, rest: str) -> None:
    side, text = split_pin(pin + rest)
    if side is not None:
        assert split_pin(with_pin(side, text)) == (side, text)


@given(st.sampled_from(Side), st.text(SIGNS, max_size=12))
def test_whatever_is_pinned_is_read_as_pinned(side: Side, text: str) -> None:
    assert split_pin(with_pin(side, text))[0] is side


@given(st.text(SIGNS, max_size=12), st.text(SIGNS, max_size=12))
@example("1. ", ">")
def test_nothing_is_lost_but_the_pin(before: str, after: str) -> None:
    side, rest = split_pin(f"{before}@local{after}")
    if side is Side.LOCAL:
        assert _letters(rest) in (_letters(before + after), _letters(f"{before}local{after}"))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def test_a_long_text_is_not_searched() -> None:
    assert split_pin("_. " * 100_000) == (None, "_. " * 100_000)
