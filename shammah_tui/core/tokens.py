"""A rough count of tokens, made before anything is loaded that could count them."""

import re

from shammah_tui.core.conversation import Conversation

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
