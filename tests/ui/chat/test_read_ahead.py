"""When a draft is worth being read ahead."""

import time

import pytest

from shammah_tui.core.routing.context_window import CHARACTERS_PER_TOKEN
from shammah_tui.ui.chat.reading_ahead import SENTENCE_TOKENS, WORTH_TOKENS, is_worth_reading

LINE = "x" * (WORTH_TOKENS * CHARACTERS_PER_TOKEN)
SENTENCE = "x" * (SENTENCE_TOKENS * CHARACTERS_PER_TOKEN - 1) + "."


@pytest.mark.parametrize(
    ("draft", "read", "is_worth"),
    [
        ("", "", False),
        ("Why do boats float", "", False),
        (LINE, "", True),
        (SENTENCE, "", True),
        (SENTENCE[:-1] + ",", "", False),
        ("Yes.", "", False),
        # Once.
        (SENTENCE, SENTENCE, False),
        (LINE, LINE, False),
        # What is new counts, wherever that begins.
        (LINE + " and so on", LINE, False),
        (LINE + LINE, LINE, True),
        (LINE + SENTENCE, LINE, True),
        ("y" + LINE, LINE, True),
        (LINE + "y" + LINE, LINE + LINE, True),
        (LINE + "y", LINE + LINE, False),
        # What is taken back costs nothing.
        (LINE, LINE + LINE, False),
        ("", LINE, False),
        # A token each.
        ("船" * WORTH_TOKENS, "", True),
        ("船" * (SENTENCE_TOKENS - 1) + "。", "", True),
        ("船" * SENTENCE_TOKENS, "", False),
    ],
)
def test_what_is_worth_reading(draft: str, read: str, is_worth: bool) -> None:
    assert is_worth_reading(draft, read) is is_worth


def test_a_long_paste_is_judged_between_two_keys() -> None:
    pasted = "A line of a program, or of a log.\n" * 4000
    began_s = time.process_time()
    assert is_worth_reading(pasted + LINE, pasted)
    assert not is_worth_reading(pasted[1:], pasted[1:] + LINE)
    assert not is_worth_reading(pasted[:-1] + "x", pasted + LINE)
    assert time.process_time() - began_s < 0.1


def test_a_letter_taken_from_a_huge_draft_is_noticed_in_no_time() -> None:
    text = "word and " * 120_000
    began = time.process_time()
    assert not is_worth_reading(text[:-1], text)
    assert is_worth_reading(f"{text[:500_000]}and then something else came. {text}", text)
    assert time.process_time() - began < 0.05
