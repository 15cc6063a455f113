"""Thoughts and cut replies, against the real llama.cpp."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import StopReason
from shammah_tui.core.protocol.engine_messages import ModelLoaded
from tests.engine_child import EngineChild, user
from tests.gguf_models import CHAT_TEMPLATE, build_model

THOUGHT, REPLY = "Let me see now", "It is blue."


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def child(models: Path) -> Iterator[EngineChild]:
    """A model whose template opens the block, as Qwen3.5's does."""
    with EngineChild(build_model(models / "think.gguf", thinking=THOUGHT, reply=REPLY)) as child:
        child.wait_for(ModelLoaded)
        yield child


def cut(text: str) -> tuple[Message, ...]:
    return (*user("Hi!"), Message(Role.ASSISTANT, text))


def test_the_template_switches_it_and_the_tags_are_not_shown(child: EngineChild) -> None:
    child.ask(user("Hi!"), enable_thinking=False)
    assert child.rest_with_thought()[:2] == ("", REPLY)
    child.ask(user("Hi!"), enable_thinking=True)
    thought, text, end = child.rest_with_thought()
    assert (thought, text) == (THOUGHT, REPLY)
    # Thoughts are generated like anything else, and counted.
    child.ask(user("Hi!"), enable_thinking=False)
    assert end.reply_tokens > child.rest_of_reply()[1].reply_tokens


def test_a_model_may_open_the_block_by_itself_and_in_pieces(models: Path) -> None:
    pieces = [b"<th", b"ink", b">\nHm", b", yes.\n</", b"think>\n", b"\nIt", b" is <think>."]
    with EngineChild(build_model(models / "pieces.gguf", reply=pieces)) as child:
        child.ask(user("Hi!"), enable_thinking=True)
        assert child.rest_with_thought()[:2] == ("Hm, yes.\n", "It is <think>.")


def test_tags_that_are_control_tokens_are_seen(models: Path) -> None:
    model = build_model(models / "control.gguf", thinking=THOUGHT, reply=REPLY, control_tags=True)
    with EngineChild(model) as child:
        child.ask(user("Hi!"), enable_thinking=True)
        assert child.rest_with_thought()[:2] == (THOUGHT, REPLY)


def test_a_cut_reply_goes_on_where_it_stopped(child: EngineChild) -> None:
    child.ask(user("Hi!"), max_tokens=2)
    begun, end = child.rest_of_reply()
    assert end.stop_reason is StopReason.LENGTH
    assert begun
    assert REPLY.startswith(begun) and begun != REPLY
    child.ask(cut(begun))
    rest, rest_end = child.rest_of_reply()
    assert begun + rest == REPLY
    # Nothing was read again but the token that the logits are wanted of.
    assert rest_end.prompt_tokens == end.prompt_tokens + 2
    assert rest_end.reused_tokens >= end.prompt_tokens


@pytest.mark.parametrize("tokens", [1, 2, 3])
def test_a_cut_thought_goes_on_where_it_stopped(child: EngineChild, tokens: int) -> None:
    child.ask(user("Hi!"), enable_thinking=True, max_tokens=tokens)
    begun, text, end = child.rest_with_thought()
    assert end.stop_reason is StopReason.LENGTH
    assert begun
    assert text == ""
    child.ask(cut(""), enable_thinking=True, begun_thought=begun)
    thought, text, _ = child.rest_with_thought()
    assert (begun + thought, text) == (THOUGHT, REPLY)


def test_a_reply_cut_after_its_thoughts_does_not_think_again(child: EngineChild) -> None:
    child.ask(cut("It is"), enable_thinking=True, begun_thought=THOUGHT)
    assert child.rest_with_thought()[:2] == ("", " blue.")


def test_thoughts_are_no_part_of_the_history(models: Path) -> None:
    """Whatever a template does with them, the reply alone is what it is given."""
    assert "</think>" in CHAT_TEMPLATE
    with EngineChild(build_model(models / "again.gguf", thinking=THOUGHT, reply=REPLY)) as child:
        child.ask(user("Hi!"), enable_thinking=True)
        _, text, _ = child.rest_with_thought()
        later = (*user("Hi!"), Message(Role.ASSISTANT, text), *user("And?"))
        child.ask(later, enable_thinking=True)
        thinking = child.rest_with_thought()[2]
        child.ask(later, enable_thinking=False)
        without = child.rest_with_thought()[2]
    # ``<think>\n`` against ``<think>\n\n</think>\n\n``.
    assert 0 < without.prompt_tokens - thinking.prompt_tokens <= 2
