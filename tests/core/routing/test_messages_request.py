import pytest

from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.routing.messages_request import GO_ON, MessagesRequest, messages_request

S, U, A = Role.SYSTEM, Role.USER, Role.ASSISTANT


@pytest.mark.parametrize(
    ("said", "system", "turns"),
    [
        ([], "", []),
        ([(U, "Hi")], "", [(U, "Hi")]),
        ([(S, "Be brief."), (U, "Hi")], "Be brief.", [(U, "Hi")]),
        ([(S, "a"), (U, "Hi"), (S, "b")], "a\n\nb", [(U, "Hi")]),
        ([(S, "  "), (U, "Hi")], "", [(U, "Hi")]),
        ([(U, "Hi"), (A, "Ho"), (U, "x")], "", [(U, "Hi"), (A, "Ho"), (U, "x")]),
        # After a reply that came to nothing, its question is not a part of the next one.
        ([(U, "Hi"), (A, ""), (U, "Hi?")], "", [(U, "Hi?")]),
        ([(U, "Hi"), (A, " \n"), (U, "Hi?")], "", [(U, "Hi?")]),
        ([(U, "Hi"), (A, "\u200b\u2800"), (U, "Hi?")], "", [(U, "Hi?")]),
        ([(U, "Hi"), (A, "a"), (A, "b"), (U, "x")], "", [(U, "Hi"), (A, "a\n\nb"), (U, "x")]),
        ([(A, "Welcome"), (U, "Hi")], "", [(U, "Hi")]),
        # White space belongs to what was said.
        (
            [(U, "  code:\n "), (A, "a \n"), (U, "x")],
            "",
            [(U, "  code:\n "), (A, "a \n"), (U, "x")],
        ),
        # A reply that was cut is gone on with where it stopped.
        ([(U, "Hi"), (A, "It is \n")], "", [(U, "Hi"), (A, "It is \n"), (U, GO_ON)]),
        ([(U, "Hi"), (A, "")], "", [(U, "Hi")]),
        ([(U, "half \ud83d surrogate")], "", [(U, "half ? surrogate")]),
    ],
)
def test_shape(said: list[tuple[Role, str]], system: str, turns: list[tuple[Role, str]]) -> None:
    conversation = tuple(Message(role, text) for role, text in said)
    assert messages_request(conversation) == MessagesRequest(system, tuple(turns))
