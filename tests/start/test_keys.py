"""What is typed early, as text."""

import pytest

from shammah_tui.start.keys import EarlyText


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("plain äß 漢字", "plain äß 漢字"),
        ("ab\x7fc", "ac"),
        ("\x7f", ""),
        ("one\ntwo", "one\ntwo"),
        ("a\x1b[200~pasted\rlines\x1b[201~b", "apasted\nlinesb"),
        ("sent\rnext", "next"),
        ("  \rstays", "  stays"),
        ("\x1b[I\x1b[<35;10;10M\x1b[?2026;2$ya", "a"),
        ("\x1b[104;;104u\x1b[127u\x1b[105;1;105u\x1b[106;5uj", "i\nj"),
    ],
)
def test_understood(typed: str, text: str) -> None:
    early = EarlyText()
    early.feed(typed.encode())
    assert (early.text, early.is_known) == (text, True)


def test_cut_anywhere() -> None:
    data = "ä漢\x1b[200~pa\rste\x1b[201~\x7f!".encode()
    for cut in range(len(data) + 1):
        early = EarlyText()
        early.feed(data[:cut])
        early.feed(data[cut:])
        assert early.text == "ä漢pa\nst!"


@pytest.mark.parametrize("typed", ["\x1b[D", "\x1bx", "\x01", "\t", "/model\r"])
def test_stands_still_from_what_only_textual_knows(typed: str) -> None:
    early = EarlyText()
    early.feed(f"before{typed}after".encode() if typed[0] != "/" else f"{typed}after".encode())
    assert not early.is_known
    assert "after" not in early.text
