"""Models with recurrent layers, which cannot drop the newest tokens, against the real llama.cpp."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import llama_cpp
import numpy as np
import numpy.typing as npt
import pytest

from shammah_tui.children.llama.context import Context, ContextOptions, DecodingStopped
from shammah_tui.children.llama.inbox import StopFlag
from shammah_tui.children.llama.kv_cache import MOST_KEPT, Checkpoints
from shammah_tui.children.llama.prompt_reading import ChunkPolicy, ChunkSize, read_prompt
from shammah_tui.children.llama.threads import Threads
from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import StopReason
from shammah_tui.core.protocol.engine_messages import ModelLoaded, PromptProgressed, StopReply
from tests.engine_child import EngineChild, user
from tests.gguf_hybrid import ARCHITECTURE
from tests.gguf_models import REPLY, Shape, build_model

LONG_TEXT = "The sea is grey and quiet, and the first boats come home. "
CHUNK = 64
MARK = 4
"""Tokens of the mark of not thinking, which belongs to the reply under way."""
SAME = 1e-3
"""Logits reach 60; the same computation in other chunks differs by rounding."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_model(tmp_path_factory.mktemp("models") / "hybrid.gguf", architecture=ARCHITECTURE)


@pytest.fixture(scope="module")
def child(model: Path) -> Iterator[EngineChild]:
    with EngineChild(model) as child:
        child.wait_for(ModelLoaded)
        yield child


class Machine:
    """The model in the tests' own process, with a switch for stopping."""

    def __init__(self, path: Path) -> None:
        self._model = llama_cpp.llama_model_load_from_file(
            str(path).encode(), llama_cpp.llama_model_default_params()
        )
        self.vocabulary = int(
            llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self._model))
        )
        self.must_stop: Callable[[], bool] = lambda: False
        self.context = self.another()

    def another(self) -> Context:
        options = ContextOptions(2048, Threads(2, 2), CHUNK)
        return Context(self._model, options, lambda: self.must_stop(), StopFlag())

    def logits_after(
        self, prompt: list[int], context: Context | None = None, settled: int = 0
    ) -> npt.NDArray[np.float32]:
        context = context or self.context
        context.cache.keep_prefix(prompt)
        chunk_size = ChunkSize(ChunkPolicy(CHUNK, 60.0), CHUNK)
        read_prompt(context, prompt, chunk_size, lambda _: None, settled)
        logits = llama_cpp.llama_get_logits_ith(context.handle, -1)
        return np.ctypeslib.as_array(logits, shape=(self.vocabulary,)).copy()

    def stop_while_reading(self, prompt: list[int], operations: int) -> None:
        """Let a number of operations pass, then abort."""
        left = operations

        def must_stop() -> bool:
            nonlocal left
            left -= 1
            return left < 0

        self.must_stop = must_stop
        with pytest.raises(DecodingStopped):
            self.logits_after(prompt)
        self.must_stop = lambda: False


@pytest.fixture
def machine(model: Path) -> Machine:
    return Machine(model)


def numbers(count: int, start: int = 0) -> list[int]:
    return [(start + 7 * n) % 500 for n in range(count)]


def test_llama_cpp_refuses_to_drop_a_tail_of_it(machine: Machine) -> None:
    machine.logits_after(numbers(100))
    assert machine.context.cache.is_recurrent
    memory = llama_cpp.llama_get_memory(machine.context.handle)
    assert not llama_cpp.llama_memory_seq_rm(memory, 0, 50, -1)


def test_going_back_to_a_checkpoint_computes_the_same(machine: Machine) -> None:
    first = numbers(150)
    machine.logits_after(first, settled=140)
    second = first[:145] + numbers(60, start=3)
    kept = machine.context.cache.keep_prefix(second)
    assert (kept.tokens, kept.lost_tokens) == (140, 5)
    ours = machine.logits_after(second)
    fresh = machine.logits_after(second, machine.another())
    assert np.abs(ours - fresh).max() < SAME
    # Without the tokens in between it would be another state: the comparison sees that.
    other = machine.logits_after(first[:139] + second[140:], machine.another())
    assert np.abs(other - fresh).max() > 10 * SAME


def test_without_a_checkpoint_all_is_read_again(machine: Machine) -> None:
    first = numbers(150)
    machine.logits_after(first)
    kept = machine.context.cache.keep_prefix([*first[:100], 1, 2, 3])
    assert (kept.tokens, kept.lost_tokens) == (0, 100)
    ours = machine.logits_after([*first[:100], 1, 2, 3])
    fresh = machine.logits_after([*first[:100], 1, 2, 3], machine.another())
    assert np.abs(ours - fresh).max() < SAME


@pytest.mark.parametrize("operations", [1, 30, 60, 100, 150])
def test_an_abort_in_the_middle_spoils_nothing(machine: Machine, operations: int) -> None:
    """Some layers are then a chunk further than others, and llama.cpp does not say so."""
    first = numbers(100)
    machine.logits_after(first, settled=100)
    longer = first + numbers(200, start=5)
    machine.stop_while_reading(longer, operations)
    kept = len(machine.context.cache)
    assert kept == 100
    ours = machine.logits_after(longer)
    fresh = machine.logits_after(longer, machine.another())
    assert np.abs(ours - fresh).max() < SAME


def test_checkpoints_of_another_conversation_are_forgotten(machine: Machine) -> None:
    machine.logits_after(numbers(100), settled=90)
    other = numbers(100, start=11)
    assert machine.context.cache.keep_prefix(other).tokens == 0
    machine.logits_after(other)
    kept = machine.context.cache.keep_prefix(other[:95] + numbers(10, start=3))
    assert kept.tokens == 0


def test_old_checkpoints_make_room(machine: Machine) -> None:
    prompt = numbers(100)
    for turn in range(MOST_KEPT + 3):
        machine.logits_after(prompt, settled=len(prompt) - 2)
        prompt = prompt + numbers(20, start=turn)
    cache = machine.context.cache
    assert cache.cut(100 - 2) == 0


def held_bytes(checkpoints: Checkpoints, free_bytes: int, lengths: Iterable[int]) -> int:
    """Save once for each length with so much memory free; return what the copies take."""
    checkpoints._free = lambda: free_bytes
    for length in lengths:
        checkpoints.save(length)
    return sum(len(kept.state) for kept in checkpoints._kept)


def test_copies_take_a_share_of_what_is_free(machine: Machine) -> None:
    machine.logits_after(numbers(100))
    checkpoints = Checkpoints(machine.context.handle)
    one = held_bytes(checkpoints, 1 << 40, [1])
    assert one > 0
    assert held_bytes(checkpoints, 1 << 40, range(2, 10)) == MOST_KEPT * one
    # What the copies themselves take would be free without them.
    assert held_bytes(checkpoints, 20 * one - MOST_KEPT * one, [10]) == 2 * one
    assert checkpoints.restore(10) == 10
    assert held_bytes(checkpoints, 9 * one - 2 * one, [11]) == one
    assert checkpoints.restore(11) == 11


def test_without_memory_nothing_is_copied(machine: Machine) -> None:
    machine.logits_after(numbers(100))
    checkpoints = Checkpoints(machine.context.handle)
    assert held_bytes(checkpoints, 0, range(1, 4)) == 0
    assert checkpoints.restore(4) == 0


def test_turn_after_turn_only_the_last_reply_and_the_question_are_read(child: EngineChild) -> None:
    conversation = user(LONG_TEXT * 20)
    child.ask(conversation)
    text, end = child.rest_of_reply()
    assert text == REPLY
    for turn in range(3):
        before = end.prompt_tokens
        conversation += (Message(Role.ASSISTANT, text), *user(f"And then, {turn}?"))
        child.ask(conversation)
        text, end = child.rest_of_reply()
        assert text == REPLY
        assert end.reused_tokens == before - MARK
        assert end.reread_tokens == 0


def test_what_had_to_be_read_again_is_counted(child: EngineChild) -> None:
    child.ask(user(LONG_TEXT * 20))
    child.rest_of_reply()
    # Another question that begins alike: there is no checkpoint in the middle of a message.
    child.ask(user(LONG_TEXT * 19 + "What now?"))
    text, end = child.rest_of_reply()
    assert text == REPLY
    assert end.reused_tokens < 10
    assert end.reread_tokens > 200


def test_a_stop_while_reading_keeps_what_a_checkpoint_can(tmp_path: Path) -> None:
    slow = build_model(
        tmp_path / "slow.gguf",
        architecture=ARCHITECTURE,
        shape=Shape(layers=4, embedding=512, heads=8),
        size_bytes=100_000_000,
    )
    question = user(LONG_TEXT * 200)
    with EngineChild(slow) as child:
        child.wait_for(ModelLoaded)
        child.ask(question)
        progress = child.wait_for(PromptProgressed)
        # Until reading has taken longer than the interval of checkpoints.
        while progress.done_tokens < progress.total_tokens // 2:
            progress = child.wait_for(PromptProgressed)
        child.send(StopReply(1))
        _, end = child.rest_of_reply()
        assert end.stop_reason is StopReason.STOPPED
        child.ask(question, id_=2)
        text, end = child.rest_of_reply()
    assert text == REPLY
    assert 0 < end.reused_tokens < end.prompt_tokens
