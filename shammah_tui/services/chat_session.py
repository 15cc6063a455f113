"""The conversation as a record: what is shown comes from here, and stays here."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from shammah_tui.core.conversation import Conversation, Message, Role
from shammah_tui.services.chat_turn import ChatTurn, Delta, Routed, TurnEvent, Unanswered


class ChatSession:
    """Asks questions one after the other and keeps both sides of the conversation.

    Args:
        turn: Who has a question answered.
    """

    def __init__(self, turn: ChatTurn) -> None:
        self._turn = turn
        self._conversation: Conversation = ()

    @property
    def conversation(self) -> Conversation:
        """Questions and replies so far, without the system prompt."""
        return self._conversation

    async def ask(self, text: str) -> AsyncGenerator[TurnEvent, None]:
        """Stream what happens with one question, and record it.

        A reply that was stopped or broke off stays in the conversation as far as it came; a
        question that nobody answered does not.
        """
        reply: list[str] = []
        question = text
        answered = True
        try:
            async with aclosing(self._turn.run(self._conversation, text)) as events:
                async for event in events:
                    match event:
                        case Delta(piece):
                            reply.append(piece)
                        case Routed(question=asked):
                            question = asked
                        case Unanswered():
                            answered = False
                    yield event
        finally:
            if answered and reply:
                self._conversation += (
                    Message(Role.USER, question),
                    Message(Role.ASSISTANT, "".join(reply)),
                )
