"""The conversation as both backends see it."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Who speaks; the values are those of the Messages API and of chat templates."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation: plain text, without identity."""

    role: Role
    text: str


Conversation = tuple[Message, ...]
