"""How much of a context a conversation takes, and making it fit by leaving out its beginning."""

from dataclasses import dataclass, replace

from shammah_tui.core.conversation import Conversation, Message, Role
from shammah_tui.core.tokens import CHARACTERS_PER_TOKEN, estimate_tokens, leaves_room


@dataclass(frozen=True, slots=True)
class ContextUse:
    """How full a model's context is.

    Attributes:
        used_tokens: Tokens of the conversation, the last reply included, by the engine's count.
        length: Tokens that there is room for.
    """

    used_tokens: int
    length: int


def shorten(conversation: Conversation, context_length: int) -> tuple[Conversation, int]:
    """Return the conversation without its oldest turns, and how many messages were left out.

    The system message stays, and so does the last question with what follows it; a turn goes as a
    whole: what is left begins with a question. Where the conversation ends in a reply that is to be
    gone on with and even this is too long, the beginning of that reply is left out, too. What is
    still too long is returned so; the engine says it.

    Args:
        conversation: The whole conversation; its last message is the question, or a cut reply.
        context_length: Tokens that it and a reply must fit into.
    """
    system = tuple(message for message in conversation if message.role is Role.SYSTEM)
    turns = [message for message in conversation if message.role is not Role.SYSTEM]
    total = len(turns)

    def fits() -> bool:
        return leaves_room(estimate_tokens((*system, *turns)), context_length)

    kept = 2 if turns and turns[-1].role is Role.ASSISTANT else 1
    while len(turns) > kept and not fits():
        del turns[0]
        while len(turns) > kept and turns[0].role is not Role.USER:
            del turns[0]
    if kept == 2 and len(turns) == 2 and not fits():
        turns[1] = _tail(turns[1], estimate_tokens((*system, turns[0])), context_length)
        return (*system, *turns), total - len(turns)
    left_out = total - len(turns)
    return (conversation, 0) if left_out == 0 else ((*system, *turns), left_out)


def _tail(reply: Message, before_tokens: int, context_length: int) -> Message:
    """Return the end of a reply, such that as much room is left as it then takes."""
    room_tokens = max(0, context_length - before_tokens) // 2
    start = max(0, len(reply.text) - room_tokens * CHARACTERS_PER_TOKEN)
    # From the beginning of a line, if there is one soon.
    line = reply.text.find("\n", start, start + CHARACTERS_PER_TOKEN * 100)
    return replace(reply, text=reply.text[line + 1 if start and line >= 0 else start :])
