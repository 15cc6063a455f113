"""The local engine as the app uses it: a real child with the real llama.cpp."""

import asyncio
import os
import queue
import signal
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from shammah_tui.adapters.engine.local_engine import LocalEngine, LocalEngineStarter
from shammah_tui.core.conversation.reply import (
    ReplyBegun,
    ReplyDone,
    ReplyEvent,
    StopReason,
    TextDelta,
)
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.model.model_spec import DevicePreference
from shammah_tui.core.model.sampling import Sampling
from shammah_tui.core.protocol.engine_messages import (
    EngineEvent,
    EngineProblem,
    LoadFailed,
    LoadModel,
    LoadProgressed,
    ModelLoaded,
)
from shammah_tui.ports import ChildExited, EngineStarter, ReplyOptions
from tests.engine_child import user
from tests.gguf_models import REPLY, Shape, build_model

OPTIONS = ReplyOptions(sampling=Sampling(temperature=0.0))
EVENT_TIMEOUT_S = 20.0

Event = EngineEvent | ChildExited


class Running:
    """An engine with its events in a queue."""

    def __init__(self, starter: LocalEngineStarter, job: LoadModel, label: str = "") -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.engine = starter.start(job, self.events.put, label)

    def next_event(self) -> Event:
        return self.events.get(timeout=EVENT_TIMEOUT_S)

    def wait_until_loaded(self) -> ModelLoaded:
        while not isinstance(event := self.next_event(), ModelLoaded):
            assert isinstance(event, LoadProgressed)
        return event


Run = Callable[..., Running]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def model(models: Path) -> Path:
    return build_model(models / "small.gguf")


@pytest.fixture(scope="module")
def endless(models: Path) -> Path:
    return build_model(
        models / "endless.gguf",
        reply="round and about.",
        endless=True,
        shape=Shape(layers=4, embedding=512, heads=8),
        size_bytes=100_000_000,
    )


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    started: list[Running] = []

    def start(path: Path, label: str = "", context_length: int = 4096) -> Running:
        starter = LocalEngineStarter(tmp_path / "engine.log", os.environ)
        job = LoadModel(str(path), context_length, DevicePreference.AUTO)
        started.append(Running(starter, job, label))
        return started[-1]

    yield start
    for running in started:
        running.engine.stop()


async def whole_reply(engine: LocalEngine, text: str = "Hi!") -> tuple[str, ReplyDone]:
    said = ""
    async for event in engine.reply(user(text), OPTIONS):
        match event:
            case TextDelta():
                said += event.text
            case ReplyDone():
                return said, event
    raise AssertionError("The reply ended without ReplyDone")


def test_it_is_what_the_port_asks_for(tmp_path: Path) -> None:
    starter: EngineStarter = LocalEngineStarter(tmp_path / "engine.log", os.environ)
    assert starter


async def test_load_and_reply(run: Run, model: Path) -> None:
    running = run(model, "Small 1B")
    loaded = running.wait_until_loaded()
    assert loaded.device == "CPU"
    text, done = await whole_reply(running.engine)
    assert text == REPLY
    assert (done.stop_reason, done.model) == (StopReason.END_TURN, "Small 1B")
    assert done.usage.reply_tokens == 8
    assert done.usage.prompt_tokens is not None and done.usage.prompt_tokens > 8
    assert done.usage.tokens_per_s is not None
    running.engine.stop()
    assert running.next_event() == ChildExited(0)


async def test_the_prompt_is_counted_before_the_reply_comes(run: Run, model: Path) -> None:
    running = run(model, "Small 1B")
    async with aclosing(running.engine.reply(user("Hello"), OPTIONS)) as stream:
        begun, *_, done = [event async for event in stream]
    assert isinstance(done, ReplyDone)
    assert begun == ReplyBegun(done.usage.prompt_tokens or 0, "Small 1B")


async def test_without_a_label_the_file_names_the_model(run: Run, model: Path) -> None:
    running = run(model)
    assert (await whole_reply(running.engine))[1].model == "Shammah Test"


async def test_a_reply_may_be_asked_for_while_the_model_loads(run: Run, endless: Path) -> None:
    running = run(endless)
    options = ReplyOptions(max_tokens=4, sampling=OPTIONS.sampling)
    events = [event async for event in running.engine.reply(user("Hi!"), options)]
    assert isinstance(events[-1], ReplyDone)
    assert events[-1].stop_reason is StopReason.LENGTH


async def test_two_replies_at_once_are_kept_apart(run: Run, model: Path) -> None:
    running = run(model)
    both = await asyncio.gather(
        whole_reply(running.engine, "First"), whole_reply(running.engine, "Second")
    )
    assert [text for text, _ in both] == [REPLY, REPLY]


async def test_closing_the_iterator_stops_the_reply(run: Run, endless: Path) -> None:
    running = run(endless)
    for _ in range(3):
        async with aclosing(running.engine.reply(user("Hi!"), OPTIONS)) as reply:
            assert isinstance(await anext(reply), ReplyBegun)
            assert isinstance(await anext(reply), TextDelta)
    # An endless reply that went on would keep this one waiting until the context is full.
    options = ReplyOptions(max_tokens=4, sampling=OPTIONS.sampling)
    async with asyncio.timeout(5):
        said = [event async for event in running.engine.reply(user("And?"), options)]
    text = "".join(event.text for event in said if isinstance(event, TextDelta))
    assert text == "round and about."


async def test_cancelling_the_task_stops_the_reply(run: Run, endless: Path) -> None:
    running = run(endless)
    first = asyncio.Event()

    async def listen() -> None:
        async with aclosing(running.engine.reply(user("Hi!"), OPTIONS)) as reply:
            async for _ in reply:
                first.set()

    task = asyncio.create_task(listen())
    await first.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    options = ReplyOptions(max_tokens=4, sampling=OPTIONS.sampling)
    async with asyncio.timeout(5):
        assert [event async for event in running.engine.reply(user("And?"), options)]


async def test_a_long_prompt_does_not_hold_the_event_loop_up(run: Run, endless: Path) -> None:
    """A pipe holds 64 KiB; this is a hundred times that, to a child that does not read."""
    running = run(endless)
    running.wait_until_loaded()
    os.kill(running.engine.pid, signal.SIGSTOP)
    try:
        waiting = asyncio.create_task(whole_reply(running.engine, "word " * 1_300_000))
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert loop.time() - began_s < 1.0
        assert not waiting.done()
    finally:
        os.kill(running.engine.pid, signal.SIGCONT)
    with pytest.raises(BackendError) as caught:
        await waiting
    assert caught.value.problem is BackendProblem.CONTEXT_TOO_LONG


async def test_a_conversation_too_long_is_an_error_with_a_sentence(run: Run, model: Path) -> None:
    running = run(model, context_length=256)
    with pytest.raises(BackendError, match="256") as caught:
        await whole_reply(running.engine, "How are you today? " * 100)
    assert caught.value.problem is BackendProblem.CONTEXT_TOO_LONG
    assert (await whole_reply(running.engine))[0] == REPLY


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (signal.SIGKILL, "memory"),
        (signal.SIGABRT, "crashed"),
        (signal.SIGSEGV, "crashed"),
        (signal.SIGTERM, "Another program stopped"),
    ],
)
async def test_a_child_that_dies_while_it_replies(
    run: Run, endless: Path, cause: signal.Signals, words: str
) -> None:
    running = run(endless)
    running.wait_until_loaded()
    with pytest.raises(BackendError, match=words) as caught:
        async for event in running.engine.reply(user("Hi!"), OPTIONS):
            assert isinstance(event, ReplyBegun | TextDelta)
            os.kill(running.engine.pid, cause)
    assert caught.value.problem is BackendProblem.ENGINE_GONE
    assert running.next_event() == ChildExited(-cause)
    # Whoever asks afterwards learns the same, at once.
    with pytest.raises(BackendError, match=words):
        await whole_reply(running.engine)


async def test_stopping_the_engine_ends_the_reply(run: Run, endless: Path) -> None:
    running = run(endless)
    with pytest.raises(BackendError, match="unloaded") as caught:
        async for _ in running.engine.reply(user("Hi!"), OPTIONS):
            threading.Thread(target=running.engine.stop).start()
    assert caught.value.problem is BackendProblem.ENGINE_GONE


async def test_a_failed_load_is_told_to_both_sides(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "damaged.gguf"
    path.write_bytes(b"GGUF" + bytes(3))
    running = run(path)
    failed = running.next_event()
    assert isinstance(failed, LoadFailed)
    assert failed.problem is EngineProblem.DAMAGED
    assert running.next_event() == ChildExited(1)
    with pytest.raises(BackendError) as caught:
        await whole_reply(running.engine)
    assert str(caught.value) == failed.sentence


async def test_a_closed_loop_does_not_hurt_the_reader(run: Run, endless: Path) -> None:
    running = run(endless)

    async def begin() -> AsyncGenerator[ReplyEvent, None]:
        reply = running.engine.reply(user("Hi!"), OPTIONS)
        await anext(reply)
        return reply

    def in_a_loop_of_its_own() -> None:
        loop = asyncio.new_event_loop()
        left_open.append(loop.run_until_complete(begin()))
        loop.close()

    left_open: list[AsyncGenerator[ReplyEvent, None]] = []
    thread = threading.Thread(target=in_a_loop_of_its_own)
    thread.start()
    await asyncio.to_thread(thread.join)
    running.engine.stop()
    while not isinstance(running.next_event(), ChildExited):
        pass


async def test_a_hung_child_with_a_full_pipe_is_ended(run: Run, endless: Path) -> None:
    running = run(endless)
    running.wait_until_loaded()
    os.kill(running.engine.pid, signal.SIGSTOP)
    waiting = asyncio.create_task(whole_reply(running.engine, "word " * 1_300_000))
    await asyncio.sleep(0.1)
    async with asyncio.timeout(EVENT_TIMEOUT_S):
        await asyncio.to_thread(running.engine.stop)
    with pytest.raises(BackendError, match="unloaded"):
        await waiting


def test_stop_may_be_called_from_any_thread_and_twice(run: Run, model: Path) -> None:
    running = run(model)
    threads = [threading.Thread(target=running.engine.stop) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(EVENT_TIMEOUT_S)
        assert not thread.is_alive()
    while not isinstance(running.next_event(), ChildExited):
        pass
    assert running.events.empty()
