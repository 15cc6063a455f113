import pytest

from shammah_tui.core.context_window import shorten
from shammah_tui.core.conversation import Conversation, Message, Role

SYSTEM = Message(Role.SYSTEM, "Be brief.")


def turns(count: int, words: int = 30) -> Conversation:
    text = "word " * words
    pairs = [
        (Message(Role.USER, f"{n} {text}"), Message(Role.ASSISTANT, text)) for n in range(count)
    ]
    return tuple(message for pair in pairs for message in pair)


def test_what_fits_stays_as_it_is() -> None:
    conversation = (SYSTEM, *turns(3), Message(Role.USER, "and now?"))
    assert shorten(conversation, 4096) == (conversation, 0)


@pytest.mark.parametrize("context_length", [256, 512, 1024])
def test_the_oldest_turns_go_first_and_whole(context_length: int) -> None:
    last = Message(Role.USER, "and now?")
    conversation = (SYSTEM, *turns(20), last)
    short, left_out = shorten(conversation, context_length)
    assert left_out > 0
    assert left_out % 2 == 0
    assert short == (SYSTEM, *conversation[1 + left_out :])
    assert short[1].role is Role.USER
    assert short[-1] == last


def test_the_question_stays_even_where_it_is_too_long() -> None:
    last = Message(Role.USER, "x" * 10_000)
    assert shorten((SYSTEM, *turns(2), last), 512) == ((SYSTEM, last), 4)
    assert shorten((last,), 512) == ((last,), 0)
