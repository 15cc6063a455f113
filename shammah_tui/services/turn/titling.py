"""A conversation's title by the local model."""

import logging
from contextlib import aclosing
from dataclasses import replace

from shammah_tui.core.conversation.conversation import Conversation, Message, Role
from shammah_tui.core.conversation.reply import TextDelta, TextWasThought
from shammah_tui.core.conversation.titles import title_from_reply
from shammah_tui.core.errors import BackendError
from shammah_tui.core.routing.context_window import estimate_tokens, leaves_room
from shammah_tui.ports import ReplyOptions
from shammah_tui.services.turn.attempts import LocalBackend

log = logging.getLogger(__name__)

TITLE_TOKENS = 24
"""Ten words in any language; a title is cut at 48 cells."""

_WISH = "Give our conversation a title of two to six words, in its language. Write only the title."
_BEGINNING = "Title:"


async def title_by(local: LocalBackend, prompt: Conversation) -> str:
    """Return a title for a conversation; empty where the model gives none that is one.

    It is asked for as the conversation's next question, so that the model reads no more than that
    question, and what it has read of the conversation stays. Cancelling ends it at once.
    """
    asked = (*prompt, Message(Role.USER, _WISH))
    if local.options.enable_thinking:
        # Where the title has begun there is nothing left to think of.
        asked = (*asked, Message(Role.ASSISTANT, _BEGINNING))
    length = local.context_length
    if length is not None and not leaves_room(estimate_tokens(asked), length):
        return ""
    options: ReplyOptions = replace(local.options, max_tokens=TITLE_TOKENS, is_aside=True)
    text = ""
    try:
        async with local.lease, aclosing(local.backend.reply(asked, options)) as events:
            async for event in events:
                match event:
                    case TextDelta(piece):
                        text += piece
                    case TextWasThought():
                        text = ""
                    case _:
                        pass
    except BackendError as error:
        log.info("No title: %s", error.problem)
        return ""
    return title_from_reply(text)
