"""One sign a Backspace, whatever it is made of."""

import pytest

from shammah_tui.ui.composer.composer import sign_after, sign_before

SIGNS = [
    "a",
    "é",
    "e\u0301",
    "🏳️\u200d🌈",
    "1\ufe0f\u20e3",
    "👩\u200d👩\u200d👧\u200d👦",
    "👋🏽",
    "🇩🇪",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "한",
    "\u1112\u1161\u11ab",
    "นี้",
    "क्षि",
    "漢",
    "Z" + "\u0335" * 40,
]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", ["", "x", "漢", "🇫🇷", "a\u0301"])
def test_a_sign_is_gone_over_as_one(sign: str, before: str) -> None:
    text = f"{before}{sign}"
    assert sign_before(text, len(text)) == len(before)
    assert sign_after(f"{text}y", len(before)) == len(text)


def test_an_endless_row_of_marks_is_no_reason_to_wait() -> None:
    text = "a" + "\u0301" * 100_000
    assert 0 <= sign_before(text, len(text)) < len(text)
    assert 0 < sign_after(text, 0) <= len(text)
