"""Ending a reply, and ending the engine child, at any moment."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from shammah_tui.core.conversation.reply import StopReason
from shammah_tui.core.protocol.engine_messages import (
    LoadProgressed,
    ModelLoaded,
    PromptProgressed,
    ReplyDelta,
    ReplyFinished,
    StopReply,
)
from tests.engine_child import EngineChild, user
from tests.gguf_models import Shape, build_model

STOP_LIMIT_S = 1.0
"""The promise is 0.1 s; a shared machine is given ten times that before a test fails."""

SLOW = Shape(layers=4, embedding=512, heads=8)
LONG_PROMPT = user("The sea is grey and quiet, and the first boats come home. " * 200)
"""About 3,900 tokens: seconds of reading for the slow model."""


@pytest.fixture(scope="module")
def slow_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "slow.gguf"
    return build_model(
        path, reply="round and about.", endless=True, shape=SLOW, size_bytes=100_000_000
    )


@pytest.fixture
def child(slow_model: Path) -> Iterator[EngineChild]:
    with EngineChild(slow_model) as child:
        child.wait_for(ModelLoaded)
        yield child


def test_a_stop_is_heard_while_the_prompt_is_read(child: EngineChild) -> None:
    child.ask(LONG_PROMPT)
    reading = child.wait_for(PromptProgressed)
    assert reading.done_tokens < reading.total_tokens
    told_s = time.perf_counter()
    child.send(StopReply(1))
    text, end = child.rest_of_reply()
    assert time.perf_counter() - told_s < STOP_LIMIT_S
    assert (text, end.stop_reason, end.reply_tokens) == ("", StopReason.STOPPED, 0)
    # What has been read serves the next try, and nothing half read spoils it.
    child.ask(LONG_PROMPT, id_=2, max_tokens=4)
    text, end = child.rest_of_reply()
    assert reading.done_tokens <= end.reused_tokens < end.prompt_tokens - 1
    assert text == "round and about."


def test_a_stop_is_heard_while_tokens_come(child: EngineChild) -> None:
    child.ask(user("Hi!"))
    for _ in range(3):
        child.wait_for(ReplyDelta)
    told_s = time.perf_counter()
    child.send(StopReply(1))
    _, end = child.rest_of_reply()
    assert time.perf_counter() - told_s < STOP_LIMIT_S
    assert end.stop_reason is StopReason.STOPPED
    assert end.reply_tokens >= 3
    child.ask(user("Hi!"), id_=2, max_tokens=4)
    assert child.rest_of_reply()[0] == "round and about."


def test_a_stop_of_a_waiting_request_leaves_the_others_alone(child: EngineChild) -> None:
    child.ask(user("Hi!"), id_=1)
    child.ask(user("Hi!"), id_=2)
    child.ask(user("Hi!"), id_=3, max_tokens=4)
    child.wait_for(ReplyDelta)
    child.send(StopReply(2))
    child.send(StopReply(1))
    ends: dict[int, ReplyFinished] = {}
    for event in child.events():
        if isinstance(event, ReplyFinished):
            ends[event.id] = event
            if event.id == 3:
                break
    assert ends[1].stop_reason is ends[2].stop_reason is StopReason.STOPPED
    assert ends[2].prompt_tokens == ends[2].reply_tokens == 0
    assert ends[3].stop_reason is StopReason.LENGTH


def test_a_stop_that_comes_too_late_means_nothing(child: EngineChild) -> None:
    child.ask(user("Hi!"), id_=1, max_tokens=1)
    child.rest_of_reply()
    child.send(StopReply(1))
    child.send(StopReply(99))
    child.ask(user("Hi!"), id_=2, max_tokens=4)
    assert child.rest_of_reply()[1].stop_reason is StopReason.LENGTH


def test_the_child_ends_when_its_stdin_closes_while_it_reads(child: EngineChild) -> None:
    child.ask(LONG_PROMPT)
    child.wait_for(PromptProgressed)
    child.close_stdin()
    assert child.process.wait(STOP_LIMIT_S) == 0


def test_the_child_ends_when_its_stdin_closes_while_it_generates(child: EngineChild) -> None:
    child.ask(user("Hi!"))
    child.wait_for(ReplyDelta)
    child.close_stdin()
    assert child.process.wait(STOP_LIMIT_S) == 0


def test_the_child_ends_when_its_stdin_closes_while_it_loads(slow_model: Path) -> None:
    with EngineChild(slow_model) as child:
        child.wait_for(LoadProgressed)
        child.close_stdin()
        assert child.process.wait(STOP_LIMIT_S) == 0


def test_the_child_ends_when_its_stdin_closes_while_it_is_idle(child: EngineChild) -> None:
    child.close_stdin()
    assert child.process.wait(STOP_LIMIT_S) == 0


def test_the_child_ends_when_nobody_reads_its_events(child: EngineChild) -> None:
    assert child.process.stdout is not None
    child.process.stdout.close()
    child.ask(user("Hi!"))
    assert child.process.wait(STOP_LIMIT_S) == 0


def test_sigterm_ends_at_once_and_sigint_means_nothing(child: EngineChild) -> None:
    child.ask(user("Hi!"))
    child.wait_for(ReplyDelta)
    os.kill(child.process.pid, signal.SIGINT)
    child.wait_for(ReplyDelta)
    child.process.terminate()
    assert child.process.wait(STOP_LIMIT_S) == -signal.SIGTERM


def test_an_idle_child_uses_no_processor(child: EngineChild) -> None:
    child.ask(user("Hi!"), max_tokens=50)
    child.rest_of_reply()
    process = psutil.Process(child.process.pid)

    def used_s() -> float:
        times = process.cpu_times()
        return float(times.user + times.system)

    # Threads that wait for work may spin for a moment before they sleep.
    time.sleep(0.2)
    before_s = used_s()
    time.sleep(1.0)
    assert used_s() - before_s <= 0.02
