"""A draft is a value: what is shown, what is sent and what is stored come from its pieces."""

import random

import pytest

from shammah_tui.core.conversation.draft import (
    FOLD_CHARACTERS,
    FOLD_LINES,
    LONG_LINE,
    LONG_LINES,
    LONG_TEXT,
    Draft,
    Pasted,
    from_stored,
    is_folded_when_pasted,
    is_long,
    to_stored,
)

LINES = "\n".join(f"line {n}" for n in range(12))


@pytest.mark.parametrize("text", ["", "word", "\n" * (FOLD_LINES - 1), "x" * FOLD_CHARACTERS])
def test_small_pastes_stay_as_they_are(text: str) -> None:
    assert not is_folded_when_pasted(text)


def test_pastes_are_shown_folded_and_sent_whole() -> None:
    draft = Draft("a ", Pasted(LINES, 1), " b ", Pasted("y" * 5_000, 2))
    assert draft.shown == "a [pasted 1: 12 lines] b [pasted 2: 5,000 characters]"
    assert draft.text == f"a {LINES} b {'y' * 5_000}"


@pytest.mark.parametrize(
    "text",
    [
        "x" * (LONG_LINE + 1),
        "\n" * LONG_LINES,
        "word word\n" * (LONG_TEXT // 10 + 1),
        f"short\n{'漢' * (LONG_LINE + 1)}\nshort",
    ],
)
def test_what_is_too_long_to_be_shown_is_folded_however_it_comes(text: str) -> None:
    assert is_long(text)
    assert Draft.of(text).text == text and len(Draft.of(text).shown) < 50


def test_what_is_written_by_hand_is_shown() -> None:
    assert Draft.of(LINES).shown == LINES


def test_the_stored_form_gives_the_same_back() -> None:
    chance = random.Random(3)
    words = ["", "a", "\n", "[pasted 1: 12 lines]", '{"shammah_draft": ', "汉字\u200b", "🏴", '"\\']
    for _ in range(300):

        def draft() -> Draft:
            texts = ("".join(chance.choices(words, k=3)) for _ in range(chance.randrange(4)))
            return Draft(*(Pasted(t, 7) if t and chance.random() < 0.5 else t for t in texts))

        whole, set_aside = draft(), tuple(draft() for _ in range(chance.choice((0, 0, 2))))
        read, read_aside = from_stored(to_stored(whole, set_aside))
        assert (read.text, read.shown) == (whole.text, whole.shown)
        assert read.pastes == whole.pastes
        assert [each.text for each in read_aside] == [each.text for each in set_aside]


@pytest.mark.parametrize(
    "stored",
    [
        "an old draft",
        "",
        '{"shammah_draft": ',
        '{"shammah_draft": {"pieces": [1], "set_aside": []}}',
        '{"shammah_draft": {"pieces": [["1", 2]], "set_aside": []}}',
        '{"shammah_draft": []}',
        '{"shammah_draft": {"pieces": 3}}',
    ],
)
def test_what_is_in_no_form_of_ours_is_one_typed_text(stored: str) -> None:
    assert from_stored(stored) == (Draft(stored), ())


def test_a_typed_text_is_stored_as_it_is() -> None:
    assert to_stored(Draft("half a thought")) == "half a thought"


def test_pastes_that_are_still_there_stay_folded_when_the_whole_was_rewritten() -> None:
    first, second = Pasted(LINES, 1), Pasted("y" * 2_000, 2)
    draft = Draft("see ", first, " and ", second)
    assert draft.rewritten(draft.text) == draft
    changed = f"look at {LINES} and {'y' * 1_999}"
    assert draft.rewritten(changed).text == changed
    assert draft.rewritten(changed).pastes == (first,)
