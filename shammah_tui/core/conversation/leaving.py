"""What of a conversation may leave this machine: the one place where that is decided."""

from dataclasses import dataclass

from shammah_tui.core.conversation.conversation import Conversation, Message, Role
from shammah_tui.core.errors import BackendProblem
from shammah_tui.core.wording.troubles import claude_trouble


@dataclass(frozen=True, slots=True)
class Leaving:
    """What Claude may be told of a conversation, and how many messages stay on this machine."""

    conversation: Conversation
    kept_here: int = 0


def leaving(conversation: Conversation) -> Leaving:
    """Return what of ``conversation`` may leave this machine.

    A question and the replies to it leave together or not at all: where one of them stays here,
    so does the other, since each tells of it.

    Raises:
        BackendError: What is asked stays here, or the reply to go on with does.
    """
    turns: list[list[Message]] = [[]]
    for message in conversation:
        if message.role is Role.USER:
            turns.append([])
        turns[-1].append(message)
    if _stays(turns[-1]):
        raise claude_trouble(BackendProblem.STAYS_HERE)
    told = tuple(message for turn in turns if not _stays(turn) for message in turn)
    return Leaving(told, len(conversation) - len(told))


def _stays(turn: list[Message]) -> bool:
    return any(message.stays_here for message in turn)
