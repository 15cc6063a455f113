"""A real engine child ends in the middle of its text, by a signal or by hanging."""

import asyncio
import os
import signal
from contextlib import aclosing
from pathlib import Path

import pytest

from shammah_tui.adapters.engine.local_engine import LocalEngineStarter
from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.reply import TextDelta
from shammah_tui.core.model.model_spec import DevicePreference
from shammah_tui.core.protocol.engine_messages import LoadModel
from shammah_tui.core.routing.routing import Router
from shammah_tui.services.conversation.chat_session import ChatSession
from shammah_tui.services.turn.attempts import LocalBackend
from shammah_tui.services.turn.chat_turn import ChatTurn
from shammah_tui.services.turn.turn_events import Finished, TakenOver
from tests.gguf_models import build_model
from tests.services.turns import READY, claude

HANG_S = 2.5
"""More than a second, in which a busy child says nothing."""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGABRT, signal.SIGSTOP])
async def test_claude_answers_once_beside_what_came(tmp_path: Path, how: signal.Signals) -> None:
    model = build_model(tmp_path / "endless.gguf", reply="again and again", endless=True)
    starter = LocalEngineStarter(tmp_path / "engine.log", os.environ, hang_s=HANG_S)
    job = LoadModel(str(model), 4096, DevicePreference.CPU)
    engine = starter.start(job, lambda _: None)
    store, there, came = SqliteStore(tmp_path / "store.db"), claude(), ""
    local = LocalBackend(engine, "Tiny", 4096)
    turn = ChatTurn(Router(), lambda: there, lambda: local, lambda: READY)
    session = ChatSession(turn, store)
    events = []
    try:
        async with asyncio.timeout(60), aclosing(session.ask("hi")) as asked:
            async for event in asked:
                events.append(event)
                if isinstance(event, TextDelta) and not came:
                    came = event.text
                    os.kill(engine.pid, how)
        end = events[-1]
        assert isinstance(end, Finished)
        assert end.text == "Hello from Claude"
        assert end.label == "Claude Sonnet 5.5 · local engine stopped"
        (taken,) = (event for event in events if isinstance(event, TakenOver))
        assert taken.broken.text.startswith(came)
        assert len(there.asked) == 1
        assert session.conversation.id is not None
        opened = await store.open(session.conversation.id)
        assert opened is not None
        assert opened.path[-1].text == "Hello from Claude"
        assert len(opened.siblings[opened.path[-1].id]) == 2
    finally:
        engine.stop()
        await store.close()
