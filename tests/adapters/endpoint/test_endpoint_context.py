"""A server's context: told late, told in a refusal, or given away by what it counts."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shammah_tui.core.conversation.conversation import Conversation, Message, Role
from shammah_tui.core.conversation.reply import ReplyDone, ReplyEvent
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.protocol.engine_messages import ContextFound
from shammah_tui.core.routing.context_window import estimate_tokens
from tests.adapters.endpoints import Endpoint, text_of
from tests.loopback.chat_completions import (
    END,
    Events,
    LoopbackCompletions,
    Plain,
    Request,
    delta,
)


@pytest.fixture
def server() -> Iterator[LoopbackCompletions]:
    with LoopbackCompletions() as server:
        yield server


def of_tokens(tokens: int) -> Conversation:
    """Return a conversation of about so many tokens by our own estimate."""
    return (Message(Role.USER, "abc" * (tokens - 5)),)


def counting(most: int) -> Callable[[Request], Events]:
    """Reply as Ollama does: what does not fit is dropped, and what is left is counted."""

    def reply(request: Request) -> Events:
        sent = sum(len(each["content"]) // 4 for each in request.body["messages"])
        usage = {"prompt_tokens": min(sent, most), "completion_tokens": 2}
        end: list[dict[str, Any] | str] = [{"choices": [], "usage": usage}, END]
        return Events([delta("Yes."), delta(finish_reason="stop"), *end])

    return reply


def ollama(server: LoopbackCompletions, later: int | None) -> None:
    """Have it tell of its model only once that is loaded, by the first reply."""

    def running() -> Plain:
        asked = bool(server.asked("/v1/chat/completions"))
        name = server.gets["/v1/models"].content["data"][0]["id"]  # type: ignore[union-attr, index]
        models = [{"name": name, "context_length": later}] if asked and later else []
        return Plain(content={"models": models})

    server.gets["/api/ps"] = running


async def done_of(endpoint: Endpoint, conversation: Conversation) -> ReplyDone:
    return (await endpoint.ask(conversation))[1]


@pytest.mark.parametrize(
    ("setting", "later", "first", "found"),
    [(32_768, 4_096, 32_768, 4_096), (0, 32_768, 4_096, 32_768), (8_192, 32_768, 8_192, None)],
)
async def test_a_server_that_was_idle_is_asked_again_after_the_first_reply(
    server: LoopbackCompletions, setting: int, later: int, first: int, found: int | None
) -> None:
    ollama(server, later)
    endpoint = Endpoint(server.url, context_length=setting)
    assert endpoint.loaded().context_length == first
    await endpoint.ask()
    if found is not None:
        assert endpoint.next_event() == ContextFound(found)
    asked = len(server.asked("/api/ps"))
    await endpoint.ask()
    assert len(server.asked("/api/ps")) == asked
    assert endpoint.events.empty()


async def test_what_was_dropped_in_silence_is_told(server: LoopbackCompletions) -> None:
    ollama(server, 4_096)
    server.posts.clear()
    server.posts.append(counting(4_090))
    endpoint = Endpoint(server.url, context_length=32_768)
    endpoint.loaded()
    assert (await done_of(endpoint, of_tokens(15_000))).context_length == 4_096
    assert (await done_of(endpoint, of_tokens(3_000))).context_length is None


@pytest.mark.parametrize("most", [2_048, 4_090, 8_185])
async def test_a_count_that_ends_at_a_size_gives_it_away_where_the_server_tells_nothing(
    server: LoopbackCompletions, most: int
) -> None:
    server.posts.clear()
    server.posts.append(counting(most))
    endpoint = Endpoint(server.url, context_length=32_768)
    endpoint.loaded()
    await endpoint.ask()
    size = 1 << (most - 1).bit_length()
    assert (await done_of(endpoint, of_tokens(most * 2))).context_length == size
    assert endpoint.next_event() == ContextFound(size)


async def test_a_count_that_does_not_grow_gives_it_away(server: LoopbackCompletions) -> None:
    server.posts.clear()
    server.posts.append(counting(3_000))
    endpoint = Endpoint(server.url, context_length=32_768)
    endpoint.loaded()
    await done_of(endpoint, of_tokens(4_500))
    assert (await done_of(endpoint, of_tokens(5_500))).context_length == 4_096


async def test_a_server_that_counts_only_what_is_new_loses_nothing(
    server: LoopbackCompletions,
) -> None:
    server.posts.clear()
    server.posts.append(counting(26))
    endpoint = Endpoint(server.url, context_length=32_768)
    endpoint.loaded()
    for tokens in (3_000, 4_000, 5_000):
        assert (await done_of(endpoint, of_tokens(tokens))).context_length is None
    assert endpoint.events.empty()


REFUSALS = [
    {
        "error": {
            "code": 400,
            "message": "the request exceeds the available context size, try increasing it",
            "type": "exceed_context_size_error",
            "n_prompt_tokens": 4514,
            "n_ctx": 4096,
        }
    },
    {
        "object": "error",
        "message": "This model's maximum context length is 4096 tokens. However, you requested "
        "4514 tokens in the messages, Please reduce the length of the messages.",
        "code": 400,
    },
    {"error": {"message": "Requested tokens (4514) exceed context window of 4096"}},
]


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_refusal_that_names_the_limit_teaches_it(
    server: LoopbackCompletions, refusal: dict[str, Any]
) -> None:
    server.posts.clear()
    server.posts.append(Plain(400, refusal))
    endpoint = Endpoint(server.url, context_length=32_768)
    endpoint.loaded()
    with pytest.raises(BackendError) as failed:
        await endpoint.ask()
    assert failed.value.problem is BackendProblem.CONTEXT_TOO_LONG
    assert (failed.value.context_length, failed.value.prompt_tokens) == (4_096, 4_514)
    assert endpoint.next_event() == ContextFound(4_096)
    assert len(server.asked("/v1/chat/completions")) == 1


async def test_the_second_look_does_not_hold_the_reply_up(server: LoopbackCompletions) -> None:
    server.gets["/props"] = Events([delta("")], "hang")
    endpoint = Endpoint(server.url)
    events: list[ReplyEvent] = []
    endpoint.loaded()
    await asyncio.wait_for(endpoint.collect(events), 5)
    assert text_of(events) == "Hello."


def done_events(*more: str | dict[str, Any], reason: str | None = None) -> Events:
    return Events([delta("The answer is 4.", reason), *more])


@pytest.mark.parametrize(
    "events",
    [
        done_events(END),
        done_events(END, reason=""),
        done_events({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}, END),
    ],
)
async def test_done_ends_a_reply_also_without_a_reason(
    server: LoopbackCompletions, events: Events
) -> None:
    server.posts.clear()
    server.posts.append(events)
    endpoint = Endpoint(server.url)
    endpoint.loaded()
    text, done = await endpoint.ask()
    assert (text, done.stop_reason.value) == ("The answer is 4.", "end_turn")


def test_the_estimate_of_these_tests_is_ours() -> None:
    assert estimate_tokens(of_tokens(4_000)) == 4_000
