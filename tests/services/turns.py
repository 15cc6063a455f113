"""Turns with fakes on both sides, ready to be asked."""

from typing import Any

from shammah_tui.core.conversation.conversation import Message
from shammah_tui.core.conversation.reply import ReplyDone, StopReason, Usage
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.local.generator import Downloading, GeneratorState, Ready
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.protocol.fetch_messages import Progressed
from shammah_tui.core.routing.routing import Router
from shammah_tui.ports import ReplyOptions
from shammah_tui.services.turn.attempts import LocalBackend
from shammah_tui.services.turn.chat_turn import ChatTurn
from shammah_tui.services.turn.turn_events import TurnEvent, Unanswered
from tests.services.fakes import FakeBackend

QWEN = ModelSpec("q", "Qwen3.5 4B", repo="a/b")
READY = Ready(QWEN, "CPU", 0)
DOWNLOADING = Downloading(QWEN, Progressed(45, 100))
NO_KEY = BackendError(BackendProblem.NO_KEY, "ANTHROPIC_API_KEY is not set.")
UNREACHABLE = BackendError(BackendProblem.UNREACHABLE, "Claude cannot be reached; try later.")
GONE = BackendError(BackendProblem.ENGINE_GONE, "The engine stopped; it is started again.")
TOO_LONG = BackendError(BackendProblem.CONTEXT_TOO_LONG, "Too long for the model.")
CLAUDE_DONE = ReplyDone(StopReason.END_TURN, Usage(9, 2), "claude-sonnet-5-5")
LOCAL_DONE = ReplyDone(StopReason.END_TURN, Usage(9, 2, 31.2, 0.1), "Qwen3.5-4B-Q4_K_M")
CRISIS = "I want to kill myself"


def claude(*steps: Any) -> FakeBackend:
    return FakeBackend(*(steps or ("Hello ", "from Claude", CLAUDE_DONE)))


def local(*steps: Any) -> FakeBackend:
    return FakeBackend(*(steps or ("Hello ", "from here", LOCAL_DONE)))


def turn(
    claude_side: FakeBackend | BackendError,
    local_side: FakeBackend | None = None,
    generator: GeneratorState | None = None,
    context_length: int | None = 4096,
    local_options: ReplyOptions | None = None,
    **more: Any,
) -> ChatTurn:
    if generator is None:
        generator = DOWNLOADING if local_side is None else READY
    found = None
    if local_side is not None:
        options = local_options or ReplyOptions()
        found = LocalBackend(local_side, "Qwen3.5 4B", context_length, options)
    return ChatTurn(Router(), lambda: claude_side, lambda: found, lambda: generator, **more)


async def events_of(
    asked: ChatTurn, text: str, before: tuple[Message, ...] = ()
) -> list[TurnEvent]:
    return [event async for event in asked.run(before, text)]


def sentence_of(events: list[TurnEvent]) -> str:
    assert isinstance(events[-1], Unanswered)
    return events[-1].sentence
