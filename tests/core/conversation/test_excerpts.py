import pytest

from shammah_tui.core.conversation.excerpts import EXCERPT_CHARACTERS, excerpt_of
from shammah_tui.core.conversation.search_query import parse_query


def marked(text: str, query: str, characters: int = EXCERPT_CHARACTERS) -> str:
    """Return the excerpt with its hits in brackets."""
    excerpt = excerpt_of(text, parse_query(query), characters)
    shown = excerpt.text
    for start, end in reversed(excerpt.marks):
        shown = f"{shown[:start]}[{shown[start:end]}]{shown[end:]}"
    return shown


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("Boil the Egg", "egg", "Boil the [Egg]"),
        ("Boil the eggs", "egg", "Boil the [eggs]"),
        ("Boil the eggs", "egg ", "Boil the [egg]s"),
        ("A naïve CAFÉ", "cafe naive ", "A [naïve] [CAFÉ]"),
        ("hot water is hot", '"hot water"', "[hot water] is hot"),
        ("hot, water", "hot wat", "[hot], [water]"),
        ("one\n\ttwo", "two", "one  [two]"),
        ("你好世界", "世界", "你好[世界]"),
        ("a_b a b", "a_b", "[a_b] a b"),
        ("a\x1b[31mred\x07", "red", "a [31m[red] "),
        ("nothing here", "egg", "nothing here"),
        ("from a filter", "from:me", "from a filter"),
        ("", "egg", ""),
    ],
)
def test_hits_are_marked(text: str, query: str, shown: str) -> None:
    assert marked(text, query) == shown


def test_overlapping_hits_are_one() -> None:
    assert marked("hot hot hot", '"hot hot"') == "[hot hot hot]"


def test_a_long_text_is_cut_around_the_first_hit() -> None:
    text = "before " * 100 + "egg " + "after " * 100
    shown = marked(text, "egg", 80)
    assert "[egg]" in shown
    assert shown.startswith("…before ")
    assert shown.endswith("after…")
    assert len(shown) <= 80 + len("[]……")


def test_the_beginning_is_shown_without_a_hit() -> None:
    shown = marked("word " * 100, "", 40)
    assert shown == "word word word word word word word word…"


def test_a_long_word_is_cut_where_it_is() -> None:
    shown = marked("x" * 1000 + " egg", "x", 80)
    assert shown == "[" + "x" * 80 + "]…"


def test_only_marks_inside_the_excerpt_are_told() -> None:
    text = "egg " + "word " * 100 + "egg"
    excerpt = excerpt_of(text, parse_query("egg"), 80)
    assert excerpt.marks == ((0, 3),)
    assert all(end <= len(excerpt.text) for _, end in excerpt.marks)


def test_parts_of_words_and_code_are_marked() -> None:
    text = "The partition of a C++ map: m->at"
    for asked, marked in (("artition", ["artition"]), ("c++ m->at", ["C++", "m->at"])):
        excerpt = excerpt_of(text, parse_query(asked))
        assert [excerpt.text[start:end] for start, end in excerpt.marks] == marked
