"""The conversation as both backends see it."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """Who speaks; the values are those of the Messages API and of chat templates."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation: plain text, without identity.

    ``stays_here`` is whether nobody but the local side may be told it. To a model it makes no
    difference, so it does not count when messages are compared.
    """

    role: Role
    text: str
    stays_here: bool = field(default=False, compare=False)


Conversation = tuple[Message, ...]
