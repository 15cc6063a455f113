from datetime import date

import pytest

from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.search_query import SearchFilter, SearchQuery, parse_query


def test_words_stand_for_themselves_and_the_last_is_open() -> None:
    assert parse_query("Hot wat") == SearchQuery((("hot",), ("wat",)), is_last_open=True)


@pytest.mark.parametrize("text", ["hot water ", '"hot water"', "water?", "water from:me"])
def test_a_word_that_is_over_is_not_open(text: str) -> None:
    query = parse_query(text)
    assert query.phrases
    assert not query.is_last_open


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ('"hot water" egg', (("hot", "water"), ("egg",))),
        ('egg "hot wat', (("egg",), ("hot", "wat"))),
        ("世界", (("世", "界"),)),
        ('a"b"c', (("a",), ("b",), ("c",))),
        ('"" " ! * ( AND', (("and",),)),
        ("egg) OR NEAR(", (("egg",), ("or",), ("near",))),
    ],
)
def test_phrases(text: str, phrases: tuple[tuple[str, ...], ...]) -> None:
    query = parse_query(text)
    assert query.phrases == phrases
    assert query.filter == SearchFilter()
    assert not query.problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from:local", SearchFilter(sender=Side.LOCAL)),
        ("FROM:Claude", SearchFilter(sender=Side.CLAUDE)),
        ("from:cl", SearchFilter(sender=Side.CLAUDE)),
        ("from:me", SearchFilter(sender=Role.USER)),
        ("why:Crisis", SearchFilter(why="crisis")),
        ('why:"still downloading"', SearchFilter(why="still downloading")),
        ('model:"Qwen3.5 4B', SearchFilter(model="qwen3.5 4b")),
        ("before:2026-11-03", SearchFilter(before=date(2026, 11, 3))),
        ("after:2026-11", SearchFilter(after=date(2026, 11, 1))),
        ("after:2026 before:2027-", SearchFilter(after=date(2026, 1, 1), before=date(2027, 1, 1))),
        ("from: why: model: before:", SearchFilter()),
    ],
)
def test_filters(text: str, expected: SearchFilter) -> None:
    query = parse_query(text)
    assert query.filter == expected
    assert query.phrases == ()
    assert not query.problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("from:bob", "Write from:local, from:claude or from:me"),
        ("before:yesterday", "Write before: with a date, such as before:2026-11-03"),
        ("after:2026-02-30", "Write after: with a date, such as after:2026-11-03"),
        ("after:0000", "Write after: with a date, such as after:2026-11-03"),
        ("after:1234", "Write after: with a date, such as after:2026-11-03"),
    ],
)
def test_what_cannot_be_understood_is_said_and_left_out(text: str, problem: str) -> None:
    query = parse_query(f"{text} egg")
    assert query.problems == (problem,)
    assert query.filter == SearchFilter()
    assert query.phrases == (("egg",),)


def test_filters_and_words_go_together() -> None:
    query = parse_query('why:crisis "hot water" from:local eg')
    assert query == SearchQuery(
        (("hot", "water"), ("eg",)), True, SearchFilter(sender=Side.LOCAL, why="crisis")
    )


@pytest.mark.parametrize("text", ["", "  ", "!?", "from:", '"'])
def test_nothing_to_look_for(text: str) -> None:
    assert parse_query(text).is_empty


def test_a_filter_alone_is_something_to_look_for() -> None:
    assert not parse_query("from:local").is_empty


@pytest.mark.parametrize(
    "code",
    ["C++", "a->b", "foo_bar", "--flag", "C#", "f(x)", "node.js", "x=1", "🎉", "@media", "$HOME"],
)
def test_code_is_looked_for_as_it_is_written(code: str) -> None:
    query = parse_query(f"use {code}")
    assert (query.phrases, query.literals, query.problems) == ((("use",),), (code,), ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rivers,", ("rivers",)),
        ("(what?)", ("what",)),
        ("don't", ("don", "t")),
        ("well-known", ("well", "known")),
        ("2026-11-03", ("2026", "11", "03")),
    ],
)
def test_signs_of_a_sentence_are_no_code(text: str, words: tuple[str, ...]) -> None:
    assert (parse_query(text).phrases, parse_query(text).literals) == ((words,), ())


@pytest.mark.parametrize("alone", ["-", "?", "…", "—"])
def test_a_sign_alone_asks_for_nothing_yet(alone: str) -> None:
    assert parse_query(f"{alone} ").phrases == ()


def test_a_slip_in_a_filters_name_is_told() -> None:
    query = parse_query("rust fromm:local")
    assert query.problems == ("There is no filter fromm:; did you mean from:?",)
    assert query.phrases == (("rust",),)
    assert parse_query("key:value").unknown == "key:"
    assert parse_query("https://a.example").problems == ()


def test_the_bin_is_asked_for_by_a_filter() -> None:
    assert parse_query("in:bin").in_bin
    assert parse_query("in:b").in_bin
    assert not parse_query("in:").in_bin
    assert parse_query("in:x").problems == ("Write in:bin for the deleted conversations",)
