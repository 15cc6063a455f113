import pytest

from shammah_tui.core.conversation.titles import (
    TITLE_WIDTH,
    UNTITLED,
    fitted_title,
    title_from,
    title_from_reply,
)
from shammah_tui.core.text.plain_text import cell_width


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("How do I boil an egg?", "How do I boil an egg?"),
        ("\n\n  ## What   is\tthis\nSecond line", "What is this"),
        ("> quoted first", "quoted first"),
        ("- one\n- two", "one"),
        ("1) one", "one"),
        ("-5 degrees?", "-5 degrees?"),
        ("```python\nprint(1)\n```\nWhy?", "print(1)"),
        ("…\n---\nWords at last", "Words at last"),
        ("👍", "👍"),
        ("\x1b[31mred\x07", "red"),
        ("", UNTITLED),
        (" \n\t", UNTITLED),
        ("```\n```", UNTITLED),
    ],
)
def test_a_title_is_the_first_words(question: str, title: str) -> None:
    assert title_from(question) == title


def test_a_long_question_is_cut_between_words() -> None:
    title = title_from("Why does the northern sky turn green on some nights in the winter?")
    assert title == "Why does the northern sky turn green on some…"
    assert cell_width(title) <= TITLE_WIDTH


def test_a_cut_that_falls_between_words_takes_none_away() -> None:
    assert title_from("abcde fghij klmno", 12) == "abcde fghij…"


@pytest.mark.parametrize(
    "question", ["x" * 100, "為什麼北方的天空在某些冬夜會變成綠色呢" * 3, "a " + "y" * 99]
)
def test_what_has_no_space_in_time_is_cut_where_it_is(question: str) -> None:
    title = title_from(question)
    assert TITLE_WIDTH - 1 <= cell_width(title) <= TITLE_WIDTH
    assert title.endswith("…")


@pytest.mark.parametrize(
    ("reply", "title"),
    [
        ("Why boats float", "Why boats float"),
        (' "Why boats float."\n', "Why boats float"),
        ("**Title:** “Why boats float”", "Why boats float"),
        ("# Why boats float\n\nIt is short.", "Why boats float"),
        ("Titel: Warum Schiffe schwimmen", "Warum Schiffe schwimmen"),
        ("标题：船为什么浮", "船为什么浮"),
        ("「船はなぜ浮くか」", "船はなぜ浮くか"),
        ("\n---\n\n1. Why boats float", "Why boats float"),
        (
            "Why\x1b[31m boats\x9b \U0001f3f4\U000e0067\U000e007f",
            "Why boats \U0001f3f4\U000e0067\U000e007f",
        ),
        ("Is C++ or C# the better one?", "Is C++ or C# the better one?"),
        ("word " * 40, "word word word word word word word word word…"),
        ("Titles of books", "Titles of books"),
    ],
)
def test_a_models_title_is_what_is_left_without_the_trimmings(reply: str, title: str) -> None:
    assert title_from_reply(reply) == title


@pytest.mark.parametrize("reply", ["", "\n", "...", '""', "12345", "***", "Title:"])
def test_a_reply_without_a_word_is_no_title(reply: str) -> None:
    assert title_from_reply(reply) == ""


def test_a_copys_number_stays_where_its_title_is_cut() -> None:
    assert fitted_title("Short (2)", 20) == "Short (2)"
    assert fitted_title("A title of many words (12)", 16) == "A title of… (12)"
    assert fitted_title("A title of many words (12)", 9).endswith("…")
    assert fitted_title("A title of many words", 9) == "A title…"


@pytest.mark.parametrize(
    ("reply", "title"),
    [
        ('Here\'s a possible title for your conversation:\n\n"Parsing dates"', "Parsing dates"),
        ("**Title:**\n\n**Parsing dates**", "Parsing dates"),
        ("标题：\n解析日期", "解析日期"),
        ("Here is a title:", ""),
        ("Title: Parsing dates", "Parsing dates"),
        ("Rust: lifetimes", "Rust: lifetimes"),
    ],
)
def test_what_announces_a_title_is_none(reply: str, title: str) -> None:
    assert title_from_reply(reply) == title
