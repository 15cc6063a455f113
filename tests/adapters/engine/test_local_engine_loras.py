"""Adapters, speed and questions through the adapter for the engine, with a real child."""

import os
import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from shammah_tui.adapters.engine.local_engine import LocalEngine, LocalEngineStarter
from shammah_tui.core.conversation.reply import TextDelta
from shammah_tui.core.model.model_spec import DevicePreference, Lora
from shammah_tui.core.model.sampling import Sampling
from shammah_tui.core.protocol.engine_messages import (
    EngineEvent,
    LoadModel,
    LorasApplied,
    ModelLoaded,
    SpeedMeasured,
)
from shammah_tui.ports import ChildExited, ReplyOptions
from tests.engine_child import user
from tests.gguf_lora import build_lora
from tests.gguf_models import REPLY, build_model

OPTIONS = ReplyOptions(sampling=Sampling(temperature=0.0))
TIMEOUT_S = 30.0

Events = queue.SimpleQueue[EngineEvent | ChildExited]


@pytest.fixture
def events() -> Events:
    return queue.SimpleQueue()


@pytest.fixture
def engine(tmp_path: Path, events: Events) -> Iterator[LocalEngine]:
    model = build_model(tmp_path / "small.gguf")
    starter = LocalEngineStarter(tmp_path / "engine.log", os.environ)
    engine = starter.start(LoadModel(str(model), 1024, DevicePreference.AUTO), events.put)
    yield engine
    engine.stop()


def wait_for(events: Events, kind: type[EngineEvent]) -> EngineEvent:
    while not isinstance(event := events.get(timeout=TIMEOUT_S), kind):
        assert not isinstance(event, ChildExited)
    return event


async def reply(engine: LocalEngine) -> str:
    said = [event async for event in engine.reply(user("Who are you?"), OPTIONS)]
    return "".join(event.text for event in said if isinstance(event, TextDelta))


async def test_adapters_on_and_off(tmp_path: Path, engine: LocalEngine, events: Events) -> None:
    lora = Lora(str(build_lora(tmp_path / "l.gguf", tmp_path / "small.gguf", "Ġmachine")))
    wait_for(events, ModelLoaded)
    engine.set_loras([lora])
    assert wait_for(events, LorasApplied) == LorasApplied((lora,))
    assert await reply(engine) == " machine — ready."
    engine.set_loras([])
    # Not waited for: what was asked for first is done first.
    assert await reply(engine) == REPLY


def test_the_speed_is_told(engine: LocalEngine, events: Events) -> None:
    speed = wait_for(events, SpeedMeasured)
    assert isinstance(speed, SpeedMeasured)
    assert speed.tokens_per_s > 0
