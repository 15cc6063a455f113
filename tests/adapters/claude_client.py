"""The Claude adapter pointed at the loopback server, and what its tests ask it."""

from typing import Any

from shammah_tui.adapters.claude.claude import Claude
from shammah_tui.core.conversation.conversation import Conversation, Message, Role
from shammah_tui.core.conversation.reply import ReplyEvent, TextDelta
from shammah_tui.ports import Backend, ReplyOptions
from tests.loopback.messages_api import LoopbackMessagesAPI

KEY = "sk-ant-secret-1234567890"
PROMPT = "What is the answer, privately?"
ASK: Conversation = (Message(Role.USER, PROMPT),)


def make(api: LoopbackMessagesAPI, **fields: Any) -> Claude:
    environment = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": api.url}
    return Claude("claude-sonnet-5-5", 512, environment, **{"max_retries": 0, **fields})


async def collect(backend: Backend, conversation: Conversation = ASK) -> list[ReplyEvent]:
    return [event async for event in backend.reply(conversation, ReplyOptions())]


def text_of(events: list[ReplyEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))
