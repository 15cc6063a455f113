"""Reading a question ahead that is still being written, with the real llama.cpp."""

from collections.abc import Iterator
from pathlib import Path

import llama_cpp
import numpy as np
import numpy.typing as npt
import pytest

from shammah_tui.children.llama.chat_template import ChatTemplate
from shammah_tui.children.llama.context import Context, ContextOptions
from shammah_tui.children.llama.inbox import StopFlag
from shammah_tui.children.llama.prompt_reading import ChunkPolicy, ChunkSize, read_prompt
from shammah_tui.children.llama.threads import Threads
from shammah_tui.children.llama.vocabulary import Vocabulary
from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.protocol.engine_messages import (
    PromptProgressed,
    SpeedMeasured,
    WarmUp,
    WarmUpFinished,
)
from tests.engine_child import EngineChild, user
from tests.gguf_hybrid import ARCHITECTURE
from tests.gguf_models import CHAT_TEMPLATE, REPLY, Shape, build_model

TALK = (*user("Who is at sea?"), Message(Role.ASSISTANT, REPLY))
DRAFT = "The sea is grey and quiet, and the first boats come home. Who is out there"
LONG_DRAFT = "The sea is grey and quiet, and the first boats come home. " * 60
END = 16
"""Tokens of the end of a turn, the beginning of the reply and the mark of not thinking; in this
small vocabulary the first two are spelt."""
CHUNK = 64
SAME = 1e-3
"""Logits reach 60; the same computation in other chunks differs by rounding."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_model(tmp_path_factory.mktemp("models") / "small.gguf")


@pytest.fixture(scope="module")
def running(model: Path) -> Iterator[EngineChild]:
    with EngineChild(model) as child:
        yield child


@pytest.fixture
def child(running: EngineChild) -> EngineChild:
    """Return a child that has another conversation in its cache."""
    running.ask(user("Hi!"), max_tokens=1)
    running.rest_of_reply()
    return running


def read(child: EngineChild, draft: str) -> WarmUpFinished:
    child.send(WarmUp(1, (*TALK, *user(draft))))
    return child.wait_for(WarmUpFinished)


def test_where_it_is_asked_as_it_stands_one_token_is_left(child: EngineChild) -> None:
    done = read(child, DRAFT)
    assert done.done_tokens == done.prompt_tokens
    child.ask((*TALK, *user(DRAFT)), id_=2)
    text, end = child.rest_of_reply()
    assert text == REPLY
    assert end.reused_tokens == end.prompt_tokens - 1 == done.prompt_tokens - 1


@pytest.mark.parametrize("rest", ["?", " now, at this hour?", "fore?"])
def test_of_the_question_only_the_rest_is_read(child: EngineChild, rest: str) -> None:
    done = read(child, DRAFT)
    child.ask((*TALK, *user(DRAFT + rest)), id_=2)
    text, end = child.rest_of_reply()
    assert text == REPLY
    # The last word may be spelt by other tokens where it goes on.
    assert end.prompt_tokens - end.reused_tokens <= END + len(" there" + rest)
    assert end.reused_tokens >= done.prompt_tokens - END - len(" there")
    assert end.reread_tokens == 0


def test_what_was_taken_back_is_not_reused(child: EngineChild) -> None:
    child.send(WarmUp(3, TALK))
    before = child.wait_for(WarmUpFinished).prompt_tokens
    read(child, DRAFT)
    child.ask((*TALK, *user("Tell me another story.")), id_=2)
    text, end = child.rest_of_reply()
    assert text == REPLY
    assert end.reused_tokens == before


def test_a_longer_draft_goes_on_from_the_shorter_one(child: EngineChild) -> None:
    shorter = read(child, DRAFT)
    child.send(WarmUp(3, (*TALK, *user(f"{DRAFT}, and why?"))))
    begun = child.wait_for(PromptProgressed)
    assert begun.done_tokens >= shorter.prompt_tokens - END - len(" there")
    done = child.wait_for(WarmUpFinished)
    assert done.done_tokens == done.prompt_tokens > shorter.prompt_tokens


def test_a_question_ends_it_within_a_chunk_and_has_what_was_read(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("slow") / "slow.gguf"
    build_model(path, shape=Shape(layers=4, embedding=512, heads=8), size_bytes=100_000_000)
    with EngineChild(path) as child:
        child.wait_for(SpeedMeasured)
        child.send(WarmUp(1, (*TALK, *user(LONG_DRAFT))))
        progress = child.wait_for(PromptProgressed)
        while progress.done_tokens < progress.total_tokens // 4:
            progress = child.wait_for(PromptProgressed)
        child.ask((*TALK, *user(LONG_DRAFT)), id_=2)
        seen = progress.done_tokens
        for event in child.events():
            if isinstance(event, WarmUpFinished):
                break
            assert isinstance(event, PromptProgressed)
            # What was on its way before the question came in.
            assert event.id == 1
            seen = event.done_tokens
        assert isinstance(event, WarmUpFinished)
        assert seen <= event.done_tokens < event.prompt_tokens
        text, end = child.rest_of_reply()
        assert text == REPLY
        assert end.reused_tokens == event.done_tokens


def test_a_recurrent_model_keeps_what_it_has_and_reads_no_draft(tmp_path: Path) -> None:
    path = build_model(tmp_path / "hybrid.gguf", architecture=ARCHITECTURE)
    with EngineChild(path) as child:
        child.send(WarmUp(3, TALK))
        before = child.wait_for(WarmUpFinished)
        assert before.done_tokens == before.prompt_tokens > 0
        assert read(child, DRAFT) == WarmUpFinished(1, 0, 0)
        child.ask((*TALK, *user("Tell me another story.")), id_=2)
        text, end = child.rest_of_reply()
        assert text == REPLY
        assert (end.reused_tokens, end.reread_tokens) == (before.prompt_tokens, 0)


class Machine:
    """The model in the tests' own process."""

    def __init__(self, path: Path) -> None:
        self._model = llama_cpp.llama_model_load_from_file(
            str(path).encode(), llama_cpp.llama_model_default_params()
        )
        self._vocabulary = Vocabulary(llama_cpp.llama_model_get_vocab(self._model))
        self.template = ChatTemplate(CHAT_TEMPLATE, self._vocabulary)

    def context(self) -> Context:
        options = ContextOptions(2048, Threads(2, 2), CHUNK)
        return Context(self._model, options, lambda: False, StopFlag())

    def read(self, context: Context, tokens: list[int]) -> npt.NDArray[np.float32]:
        """Return the logits after ``tokens``, of which the context may have some."""
        context.cache.keep_prefix(tokens)
        chunk_size = ChunkSize(ChunkPolicy(CHUNK, 60.0), CHUNK)
        read_prompt(context, tokens, chunk_size, lambda _: None)
        found = llama_cpp.llama_get_logits_ith(context.handle, -1)
        return np.ctypeslib.as_array(found, shape=(self._vocabulary.size,)).copy()


@pytest.mark.parametrize(
    "question", [DRAFT, f"{DRAFT}, then?", DRAFT.replace("first", "last"), "Who is it?"]
)
def test_what_is_computed_after_a_draft_is_what_is_computed_without(
    model: Path, question: str
) -> None:
    machine = Machine(model)
    ours = machine.context()
    draft = machine.template.prompt((*TALK, *user(DRAFT)), enable_thinking=False).tokens
    asked = machine.template.prompt((*TALK, *user(question)), enable_thinking=False).tokens
    after_draft = machine.read(ours, draft)
    logits = machine.read(ours, asked)
    assert np.abs(logits - machine.read(machine.context(), asked)).max() < SAME
    # What is compared is no constant of the model.
    assert asked == draft or np.abs(logits - after_draft).max() > SAME
