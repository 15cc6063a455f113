from shammah_tui.core.conversation import Message, Role
from shammah_tui.core.records import StoredMessage, to_conversation


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
