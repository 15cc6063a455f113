"""What a server's model thinks, what goes on after a cut, and what is not asked of a server."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import (
    ReplyDone,
    ReplyEvent,
    TextDelta,
    TextWasThought,
    ThinkingDelta,
)
from shammah_tui.core.routing.messages_request import GO_ON
from tests.adapters.endpoints import ASK, GREEDY, PROMPT, Endpoint
from tests.loopback.chat_completions import END, Events, LoopbackCompletions, Plain, delta

CHAT = "/v1/chat/completions"
THINKING = replace(GREEDY, enable_thinking=True)


@pytest.fixture
def server() -> Iterator[LoopbackCompletions]:
    with LoopbackCompletions() as server:
        yield server


async def said_by(server: LoopbackCompletions, *events: dict[str, Any]) -> list[ReplyEvent]:
    server.posts.clear()
    server.posts.append(Events([*events, delta(finish_reason="stop"), END]))
    endpoint = Endpoint(server.url)
    endpoint.loaded()
    said: list[ReplyEvent] = []
    await endpoint.collect(said, ASK, THINKING)
    return said


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_thoughts_in_a_field_of_their_own(server: LoopbackCompletions, field: str) -> None:
    events = [delta(**{field: "Let me "}), delta(**{field: "see."}), delta("Blue")]
    said = await said_by(server, *events)
    assert said[:-1] == [ThinkingDelta("Let me "), ThinkingDelta("see."), TextDelta("Blue")]
    assert isinstance(said[-1], ReplyDone)
    # The pace is that of thinking and replying: the server counts the tokens of both.
    assert said[-1].usage.first_token_s is not None


async def test_thoughts_between_tags(server: LoopbackCompletions) -> None:
    said = await said_by(
        server, delta("<th"), delta("ink>\nLet me "), delta("see.</"), delta("think>\n\nBlue")
    )
    thoughts = "".join(event.text for event in said if isinstance(event, ThinkingDelta))
    text = "".join(event.text for event in said if isinstance(event, TextDelta))
    assert (thoughts, text) == ("Let me see.", "Blue")


async def test_what_only_looked_like_a_tag_is_text(server: LoopbackCompletions) -> None:
    said = await said_by(server, delta("<thi"))
    assert said[0] == TextDelta("<thi")


def thought_and_text(said: list[ReplyEvent]) -> tuple[str, str]:
    thought = text = ""
    for event in said:
        match event:
            case ThinkingDelta(piece):
                thought += piece
            case TextDelta(piece):
                text += piece
            case TextWasThought():
                thought, text = thought + text, ""
            case _:
                pass
    return thought, text


async def test_a_block_that_the_template_opens_is_known_after_the_first_reply(
    server: LoopbackCompletions,
) -> None:
    inside = [delta("Let me "), delta("see.</th"), delta("ink>\n\nBlue")]
    plain = [delta("Blue"), delta(" it is")]
    endpoint = Endpoint(server.url)
    endpoint.loaded()

    async def ask(*events: dict[str, Any], reason: str = "stop") -> tuple[str, str]:
        server.posts.clear()
        server.posts.append(Events([*events, delta(finish_reason=reason), END]))
        said: list[ReplyEvent] = []
        await endpoint.collect(said, ASK, THINKING)
        return thought_and_text(said)

    # Folded when the tag comes, and from then on as it comes.
    assert await ask(*inside) == ("Let me see.", "Blue")
    assert await ask(*inside) == ("Let me see.", "Blue")
    assert await ask(delta("Let me "), reason="length") == ("Let me ", "")
    # The server was started anew with another template: the reply is there all the same.
    assert (await ask(*plain))[1] == "Blue it is"
    assert await ask(*plain) == ("", "Blue it is")
    # A reply that speaks of the tags has both.
    assert await ask(delta("Write <think> and </think>.")) == ("", "Write <think> and </think>.")
    assert await ask(*plain) == ("", "Blue it is")
    assert await ask(*inside) == ("Let me see.", "Blue")
    # A thought and nothing else unlearns nothing.
    only = [delta("Let me see.\n"), delta("</thi"), delta("nk>")]
    assert await ask(*only) == ("Let me see.\n", "")
    assert await ask(*only) == ("Let me see.\n", "")
    assert await ask(*inside) == ("Let me see.", "Blue")
    field = [delta(reasoning_content="Let me see."), delta("Blue")]
    assert await ask(*field) == ("Let me see.", "Blue")
    assert await ask(*plain) == ("", "Blue it is")


@pytest.mark.parametrize("thinking", [True, False])
async def test_the_switch_is_always_sent(server: LoopbackCompletions, thinking: bool) -> None:
    server.gets["/api/ps"] = Plain(content={"models": []})
    endpoint = Endpoint(server.url)
    endpoint.loaded()
    await endpoint.ask(options=replace(GREEDY, enable_thinking=thinking))
    (request,) = server.asked(CHAT)
    assert request.body["chat_template_kwargs"] == {"enable_thinking": thinking}
    # Ollama's own switch turns it off only.
    assert ("reasoning_effort" in request.body) is not thinking


async def test_a_cut_reply_is_gone_on_with_by_asking(server: LoopbackCompletions) -> None:
    endpoint = Endpoint(server.url)
    endpoint.loaded()
    await endpoint.ask((*ASK, Message(Role.ASSISTANT, "It is ")))
    (request,) = server.asked(CHAT)
    assert [message["content"] for message in request.body["messages"]] == [
        PROMPT,
        "It is ",
        GO_ON,
    ]


async def test_nothing_is_read_ahead_by_a_server(server: LoopbackCompletions) -> None:
    endpoint = Endpoint(server.url)
    endpoint.loaded()
    talk = (*ASK, Message(Role.ASSISTANT, "It is blue."))
    assert [step async for step in endpoint.engine.warm(talk, GREEDY)] == []
    assert server.asked(CHAT) == []
