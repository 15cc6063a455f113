"""Loops are noticed soon, and what only looks like one is let be."""

import time

import pytest

from shammah_tui.core.conversation.repetition import (
    RepetitionWatch,
    TextRepetitionWatch,
    _units,
    one_round,
)

INTRO = "Here is what you asked for. It took a while, and I hope that it helps you.\n\n"

LOOPS = {
    "six words": "I am here to help you. ",
    "one word": "very ",
    "a sentence with numbers that stay": "In 1998 he went home, and in 1999 he came back. ",
    "a paragraph": (
        "The ship sailed far beyond our planet, stretching its sails into the dark, and the crew "
        "told each other what they had left behind, until nobody knew any more who had begun.\n\n"
    ),
    "a list item": "- Check the cable and try it again.\n",
    "Chinese": "我是一个人工智能助手。",
    "code": "    result = compute(value, other)\n",
    "a tag": "<p>Hello there, dear reader of this page</p>\n",
}


def noticed(text: str) -> int | None:
    """Return after how many units a loop is told; None for never."""
    watch = RepetitionWatch()
    return next((n for n, unit in enumerate(_units(text), 1) if watch.add(unit)), None)


@pytest.mark.parametrize("unit", LOOPS.values(), ids=LOOPS.keys())
def test_a_loop_is_noticed_within_200_tokens(unit: str) -> None:
    before, first = len(_units(INTRO)), len(_units(unit))
    found = noticed(INTRO + unit * 200)
    assert found is not None
    # What comes once is no loop yet.
    assert before + first < found <= before + first + 200
    # Of what is said over and over, one round is left, wherever it was cut.
    looped = INTRO + unit * 100
    for text in (looped, looped[:-1], looped[:-3]):
        left = one_round(text)
        assert left == text[: len(left)]
        assert len(INTRO) + len(unit) - 4 <= len(left) <= len(INTRO) + 2 * len(unit)


def test_numbering_that_counts_up_with_the_same_line_is_a_loop() -> None:
    countries = "".join(f"{n}. {name}\n" for n, name in enumerate(("Chad", "Chile", "Peru"), 1))
    looped = countries + "".join(f"{n}. China\n" for n in range(4, 300))
    found = noticed(looped)
    assert found is not None
    assert found <= len(_units(countries)) + 200
    assert len(one_round(looped)) < len(countries) + 20


@pytest.mark.parametrize("sign", ["!", "=", "0", "ab", "?!", "😀", " ", "\n"])
def test_one_sign_for_ever_is_a_loop(sign: str) -> None:
    assert noticed(INTRO + sign * 3000) is not None


def fenced(code: str) -> str:
    return f"```c\n{code}```\n"


SCALE = "    ".join(str(n) for n in range(0, 101, 5))
POEM = (
    "Row, row, row your boat\nGently down the stream,\nMerrily, merrily, merrily, merrily,\n"
    "Life is but a dream.\n\n"
)
PROGRAM = "".join(
    f"def step_{name}(value: int) -> int:\n    total = value + {n}\n    return total * {n + 2}\n\n"
    for n, name in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight"))
)
QUIET = {
    "values that count up": "".join(f"{n},Berlin,ok\n" for n in range(1, 41)),
    "JSON that counts up, outside of a code block": "[\n"
    + "".join(f'  {{"id": {n}, "name": "user{n}", "active": true}},\n' for n in range(1, 41))
    + "]\n",
    "numbers in lines": "".join(f"{n}\n" for n in range(1, 1000)),
    "numbers in a line": ", ".join(map(str, range(1, 1000))),
    "even numbers": ", ".join(map(str, range(0, 2000, 2))),
    "a matrix of zeros": ("0 " * 16 + "\n") * 16,
    "a matrix in code": fenced(("    {0, 0, 0, 0, 0, 0, 0, 0},\n") * 40),
    "a table of bytes": fenced(("    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,\n") * 32),
    "null pointers": fenced("    { NULL, NULL, NULL },\n" * 32),
    "an array in one line": fenced("int a[256] = {" + "0, " * 255 + "0};\n"),
    "empty cells": fenced("<tr><td></td><td></td><td></td></tr>\n" * 24),
    "inserts": fenced(
        "".join(
            f"INSERT INTO users VALUES ({n}, 'user{n}', 'user{n}@example.com');\n"
            for n in range(1, 31)
        )
    ),
    "cases": fenced("".join(f"case {n}:\n    return {n};\n" for n in range(1, 40))),
    "objects": fenced("".join(f'{{"x": {n}, "y": {n * n}}},\n' for n in range(60))),
    "a poem": POEM * 4,
    "a poem with verses": "".join(
        f"{verse} {POEM}" for verse in ("The first goes so.", "Then another.", "A third, last one.")
    ),
    "a long table": "| Day | Open |\n|---|---|\n"
    + "".join(f"| {n} | yes |\n" for n in range(1, 41)),
    "a table of equal rows": "| a | b | c |\n|---|---|---|\n" + "| yes | no | yes |\n" * 40,
    "rulers": ("-" * 80 + "\n") * 3 + "=" * 120 + "\n" + SCALE + "\n" + "|----" * 20,
    "a program before and after": f"Before:\n{fenced(PROGRAM)}\nAfter:\n{fenced(PROGRAM)}\nDone.",
    "chapters": "".join(f"Chapter {n}\n" for n in range(1, 26)),
    "measurements": "".join(
        f"Run {n}: {n * 37 % 101} ms and {n * 53 % 97} ms\n" for n in range(60)
    ),
    "a pair of chess moves": "".join(f"{n}. Nf3 Nf6 " for n in range(1, 12)),
    "pi": "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899" * 2,
    "laughter": "ha" * 20,
}


@pytest.mark.parametrize("sign", ["! ", "😀🎉", "👨\u200d👩\u200d👧", ". "])
def test_signs_without_words_are_a_loop_after_200_tokens(sign: str) -> None:
    found = noticed(INTRO + sign * 1000)
    assert found is not None
    assert found <= len(_units(INTRO)) + 200


@pytest.mark.parametrize("text", QUIET.values(), ids=QUIET.keys())
def test_what_is_no_loop_is_let_be(text: str) -> None:
    assert noticed(INTRO + text + "\n" + INTRO) is None


@pytest.mark.parametrize("size", [1, 7, 400])
def test_text_may_come_in_any_pieces(size: int) -> None:
    text = INTRO + LOOPS["six words"] * 40
    watch = TextRepetitionWatch()
    told = [watch.add(text[at : at + size]) for at in range(0, len(text), size)]
    assert any(told)
    calm = TextRepetitionWatch()
    text = INTRO + PROGRAM
    assert not any(calm.add(text[at : at + size]) for at in range(0, len(text), size))


def test_a_text_without_a_loop_is_not_shortened() -> None:
    assert one_round(INTRO + PROGRAM) == INTRO + PROGRAM
    assert one_round("") == ""


def test_it_costs_next_to_nothing() -> None:
    units = _units((INTRO + PROGRAM + POEM) * 20)
    watch = RepetitionWatch()
    began_s = time.process_time()
    for unit in units:
        watch.add(unit)
    # A hundredth of the 5 ms that a token takes at best.
    assert (time.process_time() - began_s) / len(units) < 50e-6
