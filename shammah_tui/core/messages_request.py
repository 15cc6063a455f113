"""A conversation as the Messages API accepts it."""

from dataclasses import dataclass

from shammah_tui.core.conversation import Conversation, Role


@dataclass(frozen=True, slots=True)
class MessagesRequest:
    """The part of a request that the conversation decides.

    Attributes:
        system: The system prompt; empty for none.
        turns: Role and text, alternating, the user's first.
    """

    system: str
    turns: tuple[tuple[Role, str], ...]


def messages_request(conversation: Conversation) -> MessagesRequest:
    """Return ``conversation`` in the API's form.

    The API refuses empty messages, a conversation that the assistant begins, and white space at
    the end of an assistant's message that it is to continue; such are left out or trimmed. Messages
    of one role in a row, as they stand after a reply that came to nothing, become one. A half
    surrogate, which cannot be sent as UTF-8, becomes a question mark.
    """
    system: list[str] = []
    turns: list[tuple[Role, str]] = []
    for message in conversation:
        text = message.text.encode("utf-8", "replace").decode()
        if not text.strip():
            continue
        if message.role is Role.SYSTEM:
            system.append(text)
        elif turns and turns[-1][0] is message.role:
            turns[-1] = (message.role, f"{turns[-1][1]}\n\n{text}")
        elif turns or message.role is Role.USER:
            turns.append((message.role, text))
    if turns and turns[-1][0] is Role.ASSISTANT:
        turns[-1] = (Role.ASSISTANT, turns[-1][1].rstrip())
    return MessagesRequest("\n\n".join(system), tuple(turns))
