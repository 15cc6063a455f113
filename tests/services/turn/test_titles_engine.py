"""A title by a real engine child with a real, small model."""

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from shammah_tui.adapters.engine.local_engine import LocalEngine, LocalEngineStarter
from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.records import TitleSource
from shammah_tui.core.conversation.reply import StopReason, Usage, Warming
from shammah_tui.core.model.model_spec import DevicePreference
from shammah_tui.core.model.sampling import Sampling
from shammah_tui.core.protocol.engine_messages import LoadModel, ModelLoaded
from shammah_tui.core.routing.routing import Router
from shammah_tui.ports import ReplyOptions
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.turn.attempts import LocalBackend
from shammah_tui.services.turn.chat_turn import ChatTurn
from shammah_tui.services.turn.turn_events import Finished
from tests.gguf_hybrid import ARCHITECTURE
from tests.gguf_models import REPLY, Shape, build_model
from tests.services.turns import READY, claude

LONG_QUESTION = "The sea is grey and quiet, and the first boats come home. " * 20


class Talk:
    """A session whose local side is an engine child."""

    def __init__(self, path: Path, store: SqliteStore, *, thinking: bool = False) -> None:
        loaded = self.loaded = asyncio.Event()
        loop = asyncio.get_running_loop()

        def hear(event: object) -> None:
            if isinstance(event, ModelLoaded):
                loop.call_soon_threadsafe(loaded.set)

        starter = LocalEngineStarter(path.with_suffix(".log"), os.environ)
        self.engine: LocalEngine = starter.start(
            LoadModel(str(path), 4096, DevicePreference.CPU), hear
        )
        options = ReplyOptions(sampling=Sampling(temperature=0.0), enable_thinking=thinking)
        found = LocalBackend(self.engine, "Test", 4096, options)
        turn = ChatTurn(Router(), claude, lambda: found, lambda: READY)
        self.session = ChatSession(turn, store)

    async def ask(self, text: str) -> Usage:
        events = [event async for event in self.session.ask(f"@local {text}")]
        end = events[-1]
        assert isinstance(end, Finished)
        assert (end.text, end.stop_reason) == (REPLY, StopReason.END_TURN)
        return end.usage

    async def warm(self) -> list[Warming]:
        return [step async for step in self.session.warm()]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[SqliteStore, None]:
    store = SqliteStore(tmp_path / "store.db")
    yield store
    await store.close()


@pytest.mark.parametrize("architecture", ["qwen2", ARCHITECTURE])
async def test_it_gives_the_title_and_the_next_question_reads_only_itself(
    tmp_path: Path, store: SqliteStore, architecture: str
) -> None:
    talk = Talk(build_model(tmp_path / "model.gguf", architecture=architecture), store)
    try:
        await talk.loaded.wait()
        first = await talk.ask(LONG_QUESTION)
        read = (await talk.warm())[-1].total_tokens
        (summary,) = await store.conversations()
        assert (summary.title, summary.title_source) == (REPLY.rstrip("."), TitleSource.MODEL)
        usage = await talk.ask("And then?")
        assert usage.reread_tokens == 0
        assert first.prompt_tokens is not None and usage.prompt_tokens is not None
        assert usage.prompt_tokens > read > first.prompt_tokens
    finally:
        await asyncio.to_thread(talk.engine.stop)


async def test_a_question_that_comes_meanwhile_is_answered_and_not_held_up(
    tmp_path: Path, store: SqliteStore
) -> None:
    slow = build_model(
        tmp_path / "slow.gguf",
        shape=Shape(layers=4, embedding=512, heads=8),
        size_bytes=100_000_000,
    )
    talk = Talk(slow, store)
    try:
        await talk.loaded.wait()
        await talk.ask(LONG_QUESTION)
        for _ in range(3):
            # Wherever it is by then, reading or writing the title.
            warming = asyncio.create_task(talk.warm())
            await asyncio.sleep(0)
            warming.cancel()
            await asyncio.wait([warming])
            usage = await talk.ask("And then?")
            assert usage.reread_tokens == 0
        await talk.warm()
        (summary,) = await store.conversations()
        assert summary.title_source is TitleSource.MODEL
    finally:
        await asyncio.to_thread(talk.engine.stop)
