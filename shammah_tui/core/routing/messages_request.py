"""A conversation as the Messages API accepts it."""

from dataclasses import dataclass

from shammah_tui.core.conversation.conversation import Conversation, Role
from shammah_tui.core.text.blank import is_blank

GO_ON = (
    "Your last message was cut off. Go on exactly where it stops, in the middle of a word or of a "
    "line of code if need be. Repeat nothing and do not mention this."
)
"""What is asked for the rest of a cut reply: the present models refuse a message of the assistant's
as the last one, which earlier ones took for the beginning of theirs."""


@dataclass(frozen=True, slots=True)
class MessagesRequest:
    """The part of a request that the conversation decides; roles alternate, the user's is first."""

    system: str
    turns: tuple[tuple[Role, str], ...]


def messages_request(conversation: Conversation) -> MessagesRequest:
    """Return ``conversation`` in the API's form.

    The API refuses empty messages and a conversation that the assistant begins or ends; such are
    left out, or followed by ``GO_ON``. A question that got no reply is left out where another one
    follows it: the two would be one. A half surrogate, which cannot be sent as UTF-8, becomes a
    question mark.
    """
    system: list[str] = []
    turns: list[tuple[Role, str]] = []
    for message in conversation:
        text = message.text.encode("utf-8", "replace").decode()
        if is_blank(text):
            continue
        if message.role is Role.SYSTEM:
            system.append(text)
        elif turns and turns[-1][0] is message.role is Role.USER:
            turns[-1] = (message.role, text)
        elif turns and turns[-1][0] is message.role:
            turns[-1] = (message.role, f"{turns[-1][1]}\n\n{text}")
        elif turns or message.role is Role.USER:
            turns.append((message.role, text))
    if turns and turns[-1][0] is Role.ASSISTANT:
        turns.append((Role.USER, GO_ON))
    return MessagesRequest("\n\n".join(system), tuple(turns))
