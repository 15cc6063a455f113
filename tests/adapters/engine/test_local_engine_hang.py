"""Children that hang, and what is read ahead: real children with the real llama.cpp."""

import asyncio
import os
import queue
import signal
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from shammah_tui.adapters.engine.local_engine import LocalEngine, LocalEngineStarter
from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import (
    ReplyDone,
    ReplyEvent,
    TextDelta,
    ThinkingDelta,
    Warming,
)
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.model.model_spec import DevicePreference
from shammah_tui.core.model.sampling import Sampling
from shammah_tui.core.protocol.engine_messages import (
    EngineEvent,
    LoadModel,
    ModelLoaded,
    SpeedMeasured,
)
from shammah_tui.core.wording.engine import end_by_hang
from shammah_tui.ports import ChildExited, ReplyOptions
from tests.engine_child import user
from tests.gguf_models import REPLY, Shape, build_model

GREEDY = Sampling(temperature=0.0)
OPTIONS = ReplyOptions(sampling=GREEDY)
EVENT_TIMEOUT_S = 20.0
HANG_S = 2.5
"""More than a second, in which a busy child says nothing."""
LONG = "The sea is grey and quiet, and the first boats come home. " * 100

Start = Callable[..., "Running"]


class Running:
    """An engine with its events in a queue."""

    def __init__(self, log: Path, model: Path, hang_s: float, module: str) -> None:
        self.events: queue.SimpleQueue[EngineEvent | ChildExited] = queue.SimpleQueue()
        starter = LocalEngineStarter(log, os.environ, module, hang_s)
        job = LoadModel(str(model), 8192, DevicePreference.AUTO)
        self.engine: LocalEngine = starter.start(job, self.events.put)

    def until(self, kind: type[object]) -> object:
        while not isinstance(event := self.events.get(timeout=EVENT_TIMEOUT_S), kind):
            pass
        return event


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def slow(models: Path) -> Path:
    shape = Shape(layers=4, embedding=512, heads=8)
    return build_model(models / "slow.gguf", shape=shape, size_bytes=100_000_000)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Running] = []

    def begin(
        model: Path, hang_s: float = HANG_S, module: str = "shammah_tui.children.llama"
    ) -> Running:
        started.append(Running(tmp_path / "engine.log", model, hang_s, module))
        return started[-1]

    yield begin
    for running in started:
        running.engine.stop()


async def events_of(
    engine: LocalEngine, text: str, options: ReplyOptions = OPTIONS
) -> list[ReplyEvent]:
    return [event async for event in engine.reply(user(text), options)]


async def test_a_child_that_hangs_in_a_reply_is_killed_and_said(start: Start, slow: Path) -> None:
    running = start(slow)
    running.until(ModelLoaded)
    waiting = asyncio.create_task(events_of(running.engine, LONG))
    await asyncio.sleep(0.2)
    os.kill(running.engine.pid, signal.SIGSTOP)
    async with asyncio.timeout(EVENT_TIMEOUT_S):
        with pytest.raises(BackendError, match=r"hung \(no sign of life for 2\.5 s\)") as caught:
            await waiting
    assert caught.value.problem is BackendProblem.ENGINE_GONE
    exited = running.until(ChildExited)
    # Not taken for the system's answer to a want of memory, which is the same signal.
    assert exited == ChildExited(-signal.SIGKILL, 2.5)
    assert str(caught.value) == end_by_hang(2.5).sentence


async def test_a_child_that_hangs_while_it_loads_is_killed(start: Start, slow: Path) -> None:
    running = start(slow, module="tests.adapters.silent_child")
    exited = await asyncio.to_thread(running.until, ChildExited)
    assert isinstance(exited, ChildExited)
    assert exited.returncode == -signal.SIGKILL
    assert exited.silence_s == 2.5


async def test_a_child_with_nothing_to_do_may_be_silent(start: Start, slow: Path) -> None:
    running = start(slow, hang_s=1.0)
    running.until(SpeedMeasured)
    os.kill(running.engine.pid, signal.SIGSTOP)
    await asyncio.sleep(2.0)
    os.kill(running.engine.pid, signal.SIGCONT)
    assert isinstance((await events_of(running.engine, "Hi!"))[-1], ReplyDone)
    assert running.events.empty()


async def test_a_long_prompt_is_no_hang(start: Start, models: Path) -> None:
    """It takes longer to read than a silence may last."""
    shape = Shape(layers=4, embedding=512, heads=8)
    model = build_model(models / "slower.gguf", shape=shape, size_bytes=300_000_000)
    running = start(model)
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    said = await events_of(running.engine, LONG * 3)
    assert loop.time() - began_s > HANG_S
    assert isinstance(said[-1], ReplyDone)


async def test_thoughts_and_going_on(start: Start, models: Path) -> None:
    model = build_model(models / "think.gguf", thinking="Let me see now", reply="It is blue.")
    engine = start(model).engine
    thinking = ReplyOptions(sampling=GREEDY, enable_thinking=True)
    said = await events_of(engine, "Hi!", thinking)
    thought = "".join(event.text for event in said if isinstance(event, ThinkingDelta))
    assert thought == "Let me see now"
    assert not any(isinstance(e, ThinkingDelta) for e in await events_of(engine, "Hi!"))
    cut = (*user("Hi!"), Message(Role.ASSISTANT, ""))
    options = ReplyOptions(sampling=GREEDY, enable_thinking=True, begun_thought="Let me")
    rest = [event async for event in engine.reply(cut, options)]
    assert "".join(e.text for e in rest if isinstance(e, ThinkingDelta)) == " see now"
    assert "".join(e.text for e in rest if isinstance(e, TextDelta)) == "It is blue."


async def test_reading_ahead_is_told_and_helps_the_next_question(start: Start, slow: Path) -> None:
    engine = start(slow).engine
    talk = (*user(LONG), Message(Role.ASSISTANT, "Yes."))
    steps = [step async for step in engine.warm(talk, OPTIONS)]
    assert all(isinstance(step, Warming) for step in steps)
    assert steps[0].done_tokens == 0
    assert steps[-1].left_tokens == 0
    assert steps[-1].total_tokens > 1000
    async for event in engine.reply((*talk, *user("And now?")), OPTIONS):
        if isinstance(event, ReplyDone):
            assert event.usage.prompt_tokens is not None
            assert event.usage.prompt_tokens - steps[-1].total_tokens < 30


async def test_closing_it_or_asking_ends_reading_ahead(start: Start, slow: Path) -> None:
    engine = start(slow).engine
    talk = (*user(LONG), Message(Role.ASSISTANT, "Yes."))
    async with aclosing(engine.warm(talk, OPTIONS)) as steps:
        first = await anext(steps)
        assert first.left_tokens > 1000
    # While another one goes on, a question does not wait for it.
    reading = asyncio.create_task(anext(engine.warm(talk, OPTIONS)))
    await reading
    said = await events_of(engine, "Hi!")
    assert "".join(event.text for event in said if isinstance(event, TextDelta)) == REPLY
    done = said[-1]
    assert isinstance(done, ReplyDone)
    assert done.usage.first_token_s is not None
    assert done.usage.first_token_s < 2.0


async def test_reading_ahead_is_over_when_the_child_is(start: Start, slow: Path) -> None:
    running = start(slow)
    engine = running.engine
    talk = (*user(LONG), Message(Role.ASSISTANT, "Yes."))
    steps = engine.warm(talk, OPTIONS)
    await anext(steps)
    os.kill(engine.pid, signal.SIGKILL)
    async for _ in steps:
        pass
    await asyncio.to_thread(running.until, ChildExited)
    assert [step async for step in engine.warm(talk, OPTIONS)] == []
