import random

import pytest

from shammah_tui.ui.reply.passages import PassageCutter

LIMIT = 60


def cut(text: str, pieces: list[str] | None = None) -> list[str]:
    """Return the passages of ``text``, fed in pieces."""
    cutter = PassageCutter(LIMIT)
    passages = [""]
    for piece in [text] if pieces is None else pieces:
        first, *others = cutter.cut(piece)
        passages[-1] += first
        passages += others
    assert "".join(passages) == text
    return passages


PARAGRAPH = "The boats come home with the evening wind, one after another, and go.\n"


def test_a_short_text_is_one_passage() -> None:
    assert cut("One.\n\nTwo.\n\nThree.\n") == ["One.\n\nTwo.\n\nThree.\n"]


def test_a_long_one_is_cut_before_a_paragraph_that_follows_a_blank_line() -> None:
    assert cut(f"{PARAGRAPH}\nNext\n") == [f"{PARAGRAPH}\n", "Next\n"]
    assert cut(f"{PARAGRAPH}Next\n") == [f"{PARAGRAPH}Next\n"]
    assert cut(f"{PARAGRAPH}\n**Bold**\n") == [f"{PARAGRAPH}\n", "**Bold**\n"]


@pytest.mark.parametrize(
    "line", ["    code", "  text", "# Head", "> quote", "| a | b |", "[a]: b", "```", "<b>", "---"]
)
def test_it_is_not_cut_before_what_may_be_no_paragraph(line: str) -> None:
    assert len(cut(f"{PARAGRAPH}\n{line}\n")) == 1


def test_a_list_is_cut_between_its_items() -> None:
    items = [f"{number}. {PARAGRAPH}" for number in range(1, 5)]
    assert cut("".join(items)) == items
    items = [f"- {PARAGRAPH}  and more of it\n" for _ in range(3)]
    assert cut("".join(items)) == items


def test_a_list_is_not_cut_where_two_would_look_otherwise() -> None:
    # Inside an item; in a list that counts 1, 1, 1; in a paragraph, where a number is a number.
    assert len(cut(f"- {PARAGRAPH}  - {PARAGRAPH}  - inner\n")) == 1
    assert len(cut(f"1. {PARAGRAPH}1. {PARAGRAPH}1. {PARAGRAPH}")) == 1
    assert len(cut(f"{PARAGRAPH}2. of May\n3. of May\n")) == 1


def test_code_is_never_cut() -> None:
    cutter = PassageCutter(LIMIT)
    code = f"```\n{PARAGRAPH}\n{PARAGRAPH}\nNext\n```\n"
    assert cutter.cut(code, is_code=True) == [code]
    assert cutter.cut("On\n\nNext\n") == ["On\n\n", "Next\n"]


def test_the_cuts_depend_on_the_text_and_not_on_its_pieces() -> None:
    text = f"{PARAGRAPH}\n{PARAGRAPH}{PARAGRAPH}\n- {PARAGRAPH}- {PARAGRAPH}- c\n\n{PARAGRAPH}\nEnd"
    whole = cut(text)
    assert len(whole) > 4
    chance = random.Random(3)
    for _ in range(300):
        ends = sorted(chance.sample(range(1, len(text)), chance.randint(1, 40)))
        # As the fences' stream does, which holds back what may become one or an item.
        ends = [end for end in ends if text[end - 1] not in "-*" and text[end - 2 : end] != "- "]
        pieces = [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]
        assert cut(text, pieces) == whole
