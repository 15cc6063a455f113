from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.records import StoredMessage, first_seen, to_conversation


def message(number: int, role: Role, text: str) -> StoredMessage:
    return StoredMessage(number, number - 1 or None, role, text, 0)


def test_questions_and_replies_become_a_conversation() -> None:
    path = (message(1, Role.USER, "Hi"), message(2, Role.ASSISTANT, "Hello"))
    assert to_conversation(path) == (Message(Role.USER, "Hi"), Message(Role.ASSISTANT, "Hello"))


def test_what_no_backend_takes_is_left_out() -> None:
    path = (
        message(1, Role.USER, "Never answered"),
        message(2, Role.USER, "Answered with nothing"),
        message(3, Role.ASSISTANT, " \n"),
        message(4, Role.USER, "Answered"),
        message(5, Role.ASSISTANT, "Yes"),
        message(6, Role.ASSISTANT, "A reply whose question was deleted"),
        message(7, Role.USER, "Under way"),
    )
    assert [each.text for each in to_conversation(path)] == ["Answered", "Yes"]


def test_what_was_seen_begins_after_what_was_left_out_of_what_is_told() -> None:
    path = (
        message(1, Role.USER, "Never answered"),
        message(2, Role.USER, "First"),
        message(3, Role.ASSISTANT, "Yes"),
        message(4, Role.USER, "Answered with nothing"),
        message(5, Role.ASSISTANT, ""),
        message(6, Role.USER, "Second"),
        message(7, Role.ASSISTANT, "No"),
        message(8, Role.USER, "Under way"),
        message(9, Role.ASSISTANT, ""),
    )
    told = [*to_conversation(path), Message(Role.USER, "Under way")]
    for left_out in (2, 4):
        at = first_seen(path, left_out)
        assert at is not None
        assert path[at].text == told[left_out].text
    assert first_seen(path, 2) == 5
    assert first_seen(path, 4) == 7
    assert first_seen(path[:7], 2) == 5
    assert first_seen(path, 0) is None
    assert first_seen(path, 6) is None
    assert first_seen((), 2) is None
