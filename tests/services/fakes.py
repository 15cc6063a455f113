"""A backend that says what it is told to, when it is told to."""

import asyncio
from collections.abc import AsyncGenerator

from shammah_tui.core.conversation.conversation import Conversation
from shammah_tui.core.conversation.reply import (
    ReplyBegun,
    ReplyDone,
    ReplyEvent,
    TextDelta,
    TextWasThought,
    ThinkingDelta,
    Warming,
)
from shammah_tui.core.errors import BackendError
from shammah_tui.ports import ReplyOptions

Step = str | ReplyBegun | ThinkingDelta | TextWasThought | ReplyDone | BackendError | asyncio.Event


class FakeBackend:
    """Plays ``steps`` for each reply: text is streamed, errors are raised, events waited for.

    Attributes:
        asked: The conversations that it was asked to reply to, in order.
        options: What each was asked for with.
        waiting: Set while it waits for one of its events.
        ended: How many replies are over, however they ended.
        warming: What each warm-up plays.
        warmed: The conversations that it was to read ahead, in order.
        warmings_ended: How many warm-ups are over, however they ended.
    """

    def __init__(self, *steps: Step) -> None:
        self.steps = steps
        self.asked: list[Conversation] = []
        self.options: list[ReplyOptions] = []
        self.waiting = asyncio.Event()
        self.ended = 0
        self.warming: tuple[Warming | asyncio.Event, ...] = ()
        self.warmed: list[Conversation] = []
        self.warmings_ended = 0

    async def reply(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[ReplyEvent, None]:
        """Play the steps."""
        self.asked.append(conversation)
        self.options.append(options)
        try:
            for step in self.steps:
                match step:
                    case str():
                        yield TextDelta(step)
                    case ReplyBegun() | ThinkingDelta() | TextWasThought() | ReplyDone():
                        yield step
                    case BackendError():
                        raise BackendError(
                            step.problem,
                            step.fact,
                            step.advice,
                            context_length=step.context_length,
                            prompt_tokens=step.prompt_tokens,
                        )
                    case asyncio.Event():
                        self.waiting.set()
                        await step.wait()
        finally:
            self.ended += 1

    async def warm(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[Warming, None]:
        """Note what is to be read ahead, and play ``warming``."""
        self.warmed.append(conversation)
        try:
            for step in self.warming:
                if isinstance(step, Warming):
                    yield step
                else:
                    self.waiting.set()
                    await step.wait()
        finally:
            self.warmings_ended += 1
