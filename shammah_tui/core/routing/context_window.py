"""How many tokens a conversation takes, roughly, and how it is shortened to fit a context."""

import re
from dataclasses import dataclass, replace

from shammah_tui.core.conversation.conversation import Conversation, Message, Role

CHARACTERS_PER_TOKEN = 3
"""Qwen's vocabulary takes about four characters of English prose to a token, three of code."""
_WIDE = "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60\U00020000-\U0003fffd]"
"""Chinese, Japanese and Korean letters; compiled on first use, since that takes 2 ms."""
_MESSAGE_TOKENS = 5
"""Of the chat template, for each message: two markers, the role and two line ends."""
_REPLY_SHARE = 8
"""An eighth of the context is kept for the reply, and no more than ``_REPLY_TOKENS``."""
_REPLY_TOKENS = 512


def estimate_tokens(conversation: Conversation) -> int:
    """Return about how many tokens ``conversation`` takes.

    Wide characters (Chinese, Japanese, Korean) count one token each, others a third. The engine
    counts exactly and refuses what is too long; this only saves asking it in vain.
    """
    return sum(_MESSAGE_TOKENS + estimate_text_tokens(message.text) for message in conversation)


def estimate_text_tokens(text: str) -> int:
    """Return about how many tokens ``text`` alone takes; see ``estimate_tokens``."""
    wide = 0 if text.isascii() else len(re.findall(_WIDE, text))
    return wide + -(-(len(text) - wide) // CHARACTERS_PER_TOKEN)


def leaves_room(prompt_tokens: int, context_length: int) -> bool:
    """Return whether a prompt leaves room for a reply in a context of that many tokens."""
    reply_tokens = min(_REPLY_TOKENS, context_length // _REPLY_SHARE)
    return prompt_tokens + reply_tokens <= context_length


@dataclass(frozen=True, slots=True)
class ContextUse:
    """How full a model's context is, in tokens by the engine's count, the last reply included."""

    used_tokens: int
    length: int


def shorten(conversation: Conversation, context_length: int) -> tuple[Conversation, int]:
    """Return the conversation without its oldest turns, and how many messages were left out.

    The system message stays, and so does the last question with what follows it; a turn goes as a
    whole: what is left begins with a question. Where the conversation ends in a reply that is to be
    gone on with and even this is too long, the beginning of that reply is left out, too. What is
    still too long is returned so; the engine says it. ``context_length`` has to hold the next reply
    as well.
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
