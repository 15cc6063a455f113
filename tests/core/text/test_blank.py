"""Nothing that looks like something, and what is taken away around a question."""

import pytest

from shammah_tui.core.text.blank import is_blank, without_blank_lines_around


@pytest.mark.parametrize(
    "code",
    [
        *(
            0x20,
            0x09,
            0x0A,
            0xA0,
            0xAD,
            0x34F,
            0x61C,
            0x115F,
            0x1160,
            0x17B4,
            0x180E,
            0x2000,
            0x200B,
        ),
        *(0x200D, 0x200E, 0x2028, 0x202E, 0x2060, 0x2064, 0x206A, 0x2800, 0x3000, 0x3164, 0xFE0F),
        *(0xFEFF, 0xFFA0, 0xE0067, 0xE007F, 0xE0100, 0x1D159, 0x00, 0x1B),
    ],
)
def test_what_nobody_sees_is_blank(code: int) -> None:
    assert is_blank(chr(code))
    assert is_blank(f" {chr(code)}\n{chr(code)}\u200b")
    assert not is_blank(f"{chr(code)}?")


@pytest.mark.parametrize("text", ["?", ".", "漢", "🏴", "e\u0301", "\u0301", "\u200bx", "¿"])
def test_what_is_seen_is_not(text: str) -> None:
    assert not is_blank(text)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("    def f(self):\n        return 1", "    def f(self):\n        return 1"),
        ("\n  \n\tcc -o x\n\n", "\tcc -o x"),
        ("  hi  ", "  hi"),
        ("\n\n", ""),
        ("", ""),
        ("a\n\nb", "a\n\nb"),
    ],
)
def test_only_blank_lines_around_a_question_go(written: str, sent: str) -> None:
    assert without_blank_lines_around(written) == sent
