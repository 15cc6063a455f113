import pytest

from shammah_tui.core.conversation.conversation import Conversation, Message, Role
from shammah_tui.core.routing.context_window import estimate_tokens, shorten

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


def test_a_cut_reply_stays_with_its_question() -> None:
    conversation = (SYSTEM, *turns(20))
    short, left_out = shorten(conversation, 512)
    assert left_out > 0
    assert short == (SYSTEM, *conversation[1 + left_out :])
    assert [message.role for message in short[-2:]] == [Role.USER, Role.ASSISTANT]
    assert shorten(turns(1), 4096) == (turns(1), 0)


def test_of_a_cut_reply_that_is_too_long_the_end_stays_and_as_much_room() -> None:
    lines = "\n".join(f"{number} of many lines" for number in range(500))
    question = Message(Role.USER, "Count")
    conversation = (SYSTEM, *turns(2), question, Message(Role.ASSISTANT, lines))
    short, left_out = shorten(conversation, 1024)
    assert left_out == 4
    assert short[:2] == (SYSTEM, question)
    kept = short[2].text
    assert lines.endswith(f"\n{kept}")
    assert 0.3 < estimate_tokens(short) / 1024 < 0.6
    # One without line ends is cut anywhere.
    short, _ = shorten((question, Message(Role.ASSISTANT, "x" * 9_000)), 1024)
    assert set(short[1].text) == {"x"}
    assert estimate_tokens(short) < 0.6 * 1024
