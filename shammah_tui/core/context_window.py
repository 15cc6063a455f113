"""Making a conversation fit a context by leaving out its oldest turns."""

from shammah_tui.core.conversation import Conversation, Role
from shammah_tui.core.tokens import estimate_tokens, leaves_room


def shorten(conversation: Conversation, context_length: int) -> tuple[Conversation, int]:
    """Return the conversation without its oldest turns, and how many messages were left out.

    The system message and the last question always stay, and a turn goes as a whole: what is left
    begins with a question. Where even that is too long it is returned so; the engine says it.

    Args:
        conversation: The whole conversation; its last message is the question.
        context_length: Tokens that it and a reply must fit into.
    """
    system = tuple(message for message in conversation if message.role is Role.SYSTEM)
    turns = [message for message in conversation if message.role is not Role.SYSTEM]
    total = len(turns)
    while len(turns) > 1 and not leaves_room(estimate_tokens((*system, *turns)), context_length):
        del turns[0]
        while len(turns) > 1 and turns[0].role is not Role.USER:
            del turns[0]
    left_out = total - len(turns)
    return (conversation, 0) if left_out == 0 else ((*system, *turns), left_out)
