"""A question beside the conversation, against the real llama.cpp: it costs nothing afterwards."""

from collections.abc import Iterator

import pytest

from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.protocol.engine_messages import RequestReply, WarmUp, WarmUpFinished
from tests.engine_child import GREEDY, EngineChild, user
from tests.gguf_hybrid import ARCHITECTURE
from tests.gguf_models import REPLY, build_model

LONG_TEXT = "The sea is grey and quiet, and the first boats come home. "


@pytest.fixture(scope="module", params=["qwen2", ARCHITECTURE])
def child(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EngineChild]:
    path = tmp_path_factory.mktemp("models") / "model.gguf"
    with EngineChild(build_model(path, architecture=request.param)) as child:
        yield child


def is_hybrid(request: pytest.FixtureRequest) -> bool:
    return bool(request.node.callspec.params["child"] == ARCHITECTURE)


def spoken(number: int) -> tuple[Message, ...]:
    return (*user(f"{number}. " + LONG_TEXT * 20), Message(Role.ASSISTANT, REPLY))


def aside(id_: int, conversation: tuple[Message, ...], text: str = "A title?") -> RequestReply:
    return RequestReply(id_, (*conversation, *user(text)), 4, GREEDY, is_aside=True)


def test_what_was_read_of_the_conversation_is_not_read_again(child: EngineChild) -> None:
    conversation = spoken(1)
    child.send(WarmUp(1, conversation))
    read = child.wait_for(WarmUpFinished).done_tokens
    for number in range(2, 6):
        child.send(aside(number, conversation, f"A title, {number}?"))
        _, end = child.rest_of_reply()
        assert end.reply_tokens <= 4
        # The wishes begin alike.
        assert end.reused_tokens >= read
        assert end.prompt_tokens - read < 30
    child.ask((*conversation, *user("What then?")), id_=9)
    text, end = child.rest_of_reply()
    assert text == REPLY
    assert end.reused_tokens == read
    assert end.reread_tokens == 0


def test_it_leaves_no_place_to_come_back_to(
    child: EngineChild, request: pytest.FixtureRequest
) -> None:
    """Those that there is room for are for the conversation: a large model has room for one."""
    conversation = spoken(2)
    child.send(WarmUp(1, conversation))
    read = child.wait_for(WarmUpFinished).done_tokens
    asked = aside(2, conversation)
    child.send(asked)
    child.rest_of_reply()
    child.ask((*asked.messages, Message(Role.ASSISTANT, "Other"), *user("And then?")), id_=3)
    _, end = child.rest_of_reply()
    if is_hybrid(request):
        assert end.reused_tokens == read
    else:
        assert end.reused_tokens > read
