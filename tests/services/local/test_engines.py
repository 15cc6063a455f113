"""What is known of the model that replies, and when its engine is given up."""

import asyncio
from pathlib import Path

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.conversation import Role
from shammah_tui.core.conversation.records import StoredMessage
from shammah_tui.core.conversation.reply import StopReason, Warming
from shammah_tui.core.model.model_spec import DevicePreference
from shammah_tui.core.protocol.engine_messages import LoadModel
from shammah_tui.core.routing.routing import Router
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.local.engines import EngineLease, Engines
from shammah_tui.services.turn.attempts import LocalBackend, local_backend
from shammah_tui.services.turn.chat_turn import ChatTurn
from tests.fakes import ScriptedStarter
from tests.services.turns import NO_KEY, READY

COMMIT = "0123456789abcdef0123456789abcdef01234567"


async def test_the_receipt_names_the_commit_of_the_weights_that_replied(tmp_path: Path) -> None:
    room = Engines(ScriptedStarter(), lambda work: work())

    def load(path: str) -> None:
        room.load(LoadModel(path, 4096, DevicePreference.CPU), lambda _: None, "Qwen")

    load(f"/cache/models--a--b/snapshots/{COMMIT}/model-Q4_K_M.gguf")
    room.promote(READY, 1)
    # The next one loads meanwhile; it is not the one that replies.
    load("/models/mine-Q8_0.gguf")

    def local() -> LocalBackend:
        active = room.active
        assert active is not None
        return LocalBackend(active.engine, "Qwen", 4096, revision=active.revision)

    store = SqliteStore(tmp_path / "store.db")
    session = ChatSession(ChatTurn(Router(), lambda: NO_KEY, local, lambda: READY), store)
    async for _ in session.ask("hi"):
        pass
    assert session.conversation.receipt is not None
    assert (
        session.conversation.receipt.revision,
        session.conversation.receipt.stop_reason,
    ) == (
        COMMIT,
        StopReason.END_TURN,
    )
    room.promote(READY, 2)
    async for _ in session.ask("hi"):
        pass
    assert session.conversation.receipt.revision == "mine-Q8_0.gguf"
    await store.close()


async def test_a_reply_under_way_keeps_the_engine_until_it_is_over() -> None:
    idle: list[bool] = []
    lease = EngineLease(lambda: idle.append(True))
    async with lease:
        lease.retire()
        lease.retire()
        assert idle == []
    assert idle == [True]


async def test_reading_ahead_does_not_keep_the_engine() -> None:
    starter = ScriptedStarter()
    room = Engines(starter, lambda work: work())
    room.load(LoadModel("x", 512, DevicePreference.CPU), lambda _: None, "Qwen")
    room.promote(READY, 1)
    (engine,) = starter.engines
    engine.warming = (Warming(0, 40), asyncio.Event())

    def local() -> LocalBackend | None:
        return local_backend(room.active, thinking=False)

    turn = ChatTurn(Router(), lambda: NO_KEY, local, lambda: READY)
    session = ChatSession(turn, SqliteStore(None))
    session.conversation.path.messages = (
        StoredMessage(1, None, Role.USER, "hi", 0),
        StoredMessage(2, 1, Role.ASSISTANT, "Hello", 0),
    )
    steps = session.warm()
    assert await anext(steps) == Warming(0, 40)
    assert not room.make_room(lambda: None)
    assert engine.stopped
    await steps.aclose()
    assert engine.warmings_ended == 1
    # A retired one is not begun with.
    assert [step async for step in session.warm()] == []
    assert len(engine.warmed) == 1
