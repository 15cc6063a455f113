"""Reading a conversation ahead of its next question, and signs of life, with a real child."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shammah_tui.children.llama.inbox import INTERVAL_S
from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import StopReason
from shammah_tui.core.protocol.engine_messages import (
    Alive,
    PromptProgressed,
    ReplyFinished,
    SpeedMeasured,
    StopReply,
    WarmUp,
    WarmUpFinished,
)
from tests.engine_child import EngineChild, user
from tests.gguf_hybrid import ARCHITECTURE
from tests.gguf_models import REPLY, Shape, build_model

LONG_TEXT = "The sea is grey and quiet, and the first boats come home. "
SLOW = Shape(layers=4, embedding=512, heads=8)


def talk(question: str = LONG_TEXT * 200, reply: str = "Yes.") -> tuple[Message, ...]:
    return (*user(question), Message(Role.ASSISTANT, reply))


@pytest.fixture(scope="module", params=["qwen2", ARCHITECTURE])
def slow_model(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    path = tmp_path_factory.mktemp("models") / f"{request.param}.gguf"
    return build_model(path, shape=SLOW, size_bytes=100_000_000, architecture=request.param)


@pytest.fixture
def child(slow_model: Path) -> Iterator[EngineChild]:
    with EngineChild(slow_model) as child:
        # It is measured first, and a warm-up is no reason not to.
        child.wait_for(SpeedMeasured)
        yield child


def test_the_next_question_reads_only_itself(child: EngineChild) -> None:
    conversation = talk(LONG_TEXT * 20)
    child.send(WarmUp(1, conversation))
    begun = child.wait_for(PromptProgressed)
    assert (begun.id, begun.done_tokens) == (1, 0)
    done = child.wait_for(WarmUpFinished)
    assert done.done_tokens == done.prompt_tokens == begun.total_tokens > 200
    child.ask((*conversation, *user("And now?")), id_=2)
    text, end = child.rest_of_reply()
    assert text == REPLY
    assert end.reused_tokens == done.prompt_tokens
    assert end.prompt_tokens - end.reused_tokens < 30


def test_what_is_there_already_is_not_read(child: EngineChild) -> None:
    conversation = talk(LONG_TEXT * 20)
    for id_ in (1, 2):
        child.send(WarmUp(id_, conversation))
        done = child.wait_for(WarmUpFinished)
        assert done.id == id_
        assert done.done_tokens == done.prompt_tokens
    # After a reply of its own, too, only what the template writes differently is left.
    asked = (*conversation, *user("And now?"))
    child.ask(asked, id_=3)
    text, _ = child.rest_of_reply()
    child.send(WarmUp(4, (*asked, Message(Role.ASSISTANT, text))))
    begun = child.wait_for(PromptProgressed)
    assert begun.total_tokens - begun.done_tokens < 30


def test_a_question_ends_it_at_once_and_has_what_was_read(child: EngineChild) -> None:
    conversation = talk()
    child.send(WarmUp(1, conversation))
    progress = child.wait_for(PromptProgressed)
    while progress.done_tokens < progress.total_tokens // 2:
        progress = child.wait_for(PromptProgressed)
    # Another conversation: what it waits for is nothing but the end of the warm-up.
    child.ask(user("Hi!"), id_=2)
    began_s = time.perf_counter()
    done = child.wait_for(WarmUpFinished)
    assert time.perf_counter() - began_s < 1.0
    assert 0 < done.done_tokens < done.prompt_tokens
    assert child.rest_of_reply()[0] == REPLY


def test_its_own_next_question_goes_on_from_there(child: EngineChild) -> None:
    conversation = talk()
    child.send(WarmUp(1, conversation))
    progress = child.wait_for(PromptProgressed)
    while progress.done_tokens < progress.total_tokens // 2:
        progress = child.wait_for(PromptProgressed)
    child.ask((*conversation, *user("And now?")), id_=2)
    text, end = child.rest_of_reply()
    assert text == REPLY
    assert 0 < end.reused_tokens < end.prompt_tokens - 100


def test_it_waits_for_replies_and_a_later_one_takes_its_place(child: EngineChild) -> None:
    child.ask(user(LONG_TEXT * 50), id_=1)
    child.wait_for(PromptProgressed)
    child.send(WarmUp(2, talk("First " * 50)))
    child.send(WarmUp(3, talk("Second " * 50)))
    child.ask(user("Hi!"), id_=4)
    child.send(WarmUp(5, talk("Third " * 50)))
    over: list[tuple[int, bool]] = []
    for event in child.events():
        if isinstance(event, ReplyFinished):
            over.append((event.id, event.stop_reason is StopReason.END_TURN))
        elif isinstance(event, WarmUpFinished):
            over.append((event.id, event.prompt_tokens > 0))
            if event.id == 5:
                break
    assert over == [(1, True), (2, False), (3, False), (4, True), (5, True)]


def test_it_can_be_stopped_and_the_child_then_rests(child: EngineChild) -> None:
    child.send(WarmUp(1, talk()))
    child.wait_for(PromptProgressed)
    child.send(StopReply(1))
    done = child.wait_for(WarmUpFinished)
    assert done.done_tokens < done.prompt_tokens
    child.ask(user("Hi!"), id_=2)
    assert child.rest_of_reply()[0] == REPLY


def test_what_leaves_no_room_is_let_alone(slow_model: Path) -> None:
    with EngineChild(slow_model, context_length=512) as child:
        child.send(WarmUp(1, talk()))
        assert child.wait_for(WarmUpFinished) == WarmUpFinished(1, 0, 0)
        child.ask(user("Hi!"), id_=2)
        assert child.rest_of_reply()[0] == REPLY


def test_a_computation_gives_signs_of_life_between_its_operations(child: EngineChild) -> None:
    child.send(WarmUp(1, talk()))
    child.wait_for(PromptProgressed)
    # As if the operation under way took longer than the interval: the next one tells at once,
    # long before the chunk is read.
    os.kill(child.process.pid, signal.SIGSTOP)
    time.sleep(1.2 * INTERVAL_S)
    os.kill(child.process.pid, signal.SIGCONT)
    child.wait_for(Alive)
    child.send(StopReply(1))
    child.wait_for(WarmUpFinished)


def test_nothing_is_sent_while_it_has_nothing_to_do(child: EngineChild) -> None:
    assert not _sent_in(child, 2.5 * INTERVAL_S)


def test_a_stopped_process_gives_no_sign(child: EngineChild) -> None:
    child.send(WarmUp(1, talk()))
    child.wait_for(PromptProgressed)
    os.kill(child.process.pid, signal.SIGSTOP)
    try:
        _sent_in(child, 0.0)
        assert not _sent_in(child, 2.5 * INTERVAL_S)
    finally:
        os.kill(child.process.pid, signal.SIGCONT)


def _sent_in(child: EngineChild, seconds: float) -> bytes:
    """Return what the child writes within a time; a sleep, for it is silence that is looked for."""
    stdout = child.process.stdout
    assert stdout is not None
    os.set_blocking(stdout.fileno(), False)
    time.sleep(seconds)
    sent = stdout.read() or b""
    os.set_blocking(stdout.fileno(), True)
    return sent
