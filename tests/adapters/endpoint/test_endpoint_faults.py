"""What servers do wrong, or each in its own way, and the one sentence that the user reads."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import pytest

from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import ReplyEvent, StopReason, TextDelta
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.model.sampling import Sampling
from shammah_tui.ports import EngineLost, ReplyOptions
from tests.adapters.endpoints import ASK, GREEDY, Endpoint, text_of
from tests.loopback.chat_completions import (
    END,
    Events,
    Gone,
    LoopbackCompletions,
    Plain,
    Reaction,
    Request,
    delta,
)

CHAT = "/v1/chat/completions"
PAGE = Plain(content=b"<html>Sign in</html>", kind="text/html")
STOP = delta(finish_reason="stop")


@pytest.fixture
def server() -> Iterator[LoopbackCompletions]:
    with LoopbackCompletions() as server:
        yield server


def error(message: str, status: int = 400, **fields: Any) -> Plain:
    return Plain(status, {"error": {"message": message, **fields}})


# What is sent


async def test_the_request(server: LoopbackCompletions) -> None:
    endpoint = Endpoint(server.url, key_env="BOX_KEY", environment={"BOX_KEY": " sk-1 "})
    endpoint.loaded()
    conversation = (
        Message(Role.SYSTEM, "Be brief."),
        Message(Role.USER, "One"),
        Message(Role.USER, "Two\ud83d"),
        Message(Role.ASSISTANT, "Yes."),
        Message(Role.USER, "Three"),
    )
    options = ReplyOptions(99, Sampling(0.6, 0.95, 21, 0.1, 1.5, 1.05, seed=3))
    text, _ = await endpoint.ask(conversation, options)
    assert text == "Hello."
    (request,) = server.asked(CHAT)
    assert all(each.headers["authorization"] == "Bearer sk-1" for each in server.requests)
    assert request.body == {
        "model": "qwen3.5-9b",
        "messages": [
            {"role": "system", "content": "Be brief."},
            # A question without a reply is not glued to the next one.
            {"role": "user", "content": "Two?"},
            {"role": "assistant", "content": "Yes."},
            {"role": "user", "content": "Three"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 99,
        "temperature": 0.6,
        "top_p": 0.95,
        "top_k": 21,
        "min_p": 0.1,
        "presence_penalty": 1.5,
        "repeat_penalty": 1.05,
        "repetition_penalty": 1.05,
        "seed": 3,
        "chat_template_kwargs": {"enable_thinking": False},
    }


async def test_ollama_has_a_switch_of_its_own_for_thinking(server: LoopbackCompletions) -> None:
    server.gets["/api/ps"] = Plain(content={"models": []})
    endpoint = Endpoint(server.url)
    endpoint.loaded()
    await endpoint.ask()
    (request,) = server.asked(CHAT)
    assert request.body["reasoning_effort"] == "none"


@pytest.mark.parametrize(
    "refusal",
    [
        error("Unrecognized request argument supplied: top_k"),
        Plain(422, {"detail": [{"type": "extra_forbidden", "msg": "Extra inputs"}]}),
    ],
)
async def test_a_server_that_knows_the_standard_only(
    server: LoopbackCompletions, refusal: Plain
) -> None:
    def strict(request: Request) -> Reaction:
        known = {"model", "messages", "stream", "temperature", "top_p", "presence_penalty"}
        return Events([delta("Hi"), STOP, END]) if request.body.keys() <= known else refusal

    server.posts.clear()
    server.posts.append(strict)
    endpoint = Endpoint(server.url)
    endpoint.loaded()
    assert (await endpoint.ask())[0] == "Hi"
    assert (await endpoint.ask())[0] == "Hi"
    # It is asked twice once, and remembered.
    assert len(server.asked(CHAT)) == 3


async def test_nothing_is_asked_without_a_question(server: LoopbackCompletions) -> None:
    endpoint = Endpoint(server.url)
    endpoint.loaded()
    with pytest.raises(BackendError, match="Write a question first"):
        await endpoint.ask((Message(Role.SYSTEM, "Be brief."),))
    assert not server.asked(CHAT)


@pytest.mark.parametrize("quoted", ["open-sesame-key", "sk-proj-AbCdEfGhIjKl"])
async def test_a_server_that_quotes_a_secret_is_not_quoted(
    server: LoopbackCompletions, quoted: str
) -> None:
    endpoint = Endpoint(server.url, key_env="BOX", environment={"BOX": "open-sesame-key"})
    endpoint.loaded()
    for reaction in (error(f"No: {quoted}", 500), error(f"{'x' * 190} {quoted}", 500)):
        server.posts.clear()
        server.posts.append(reaction)
        with pytest.raises(BackendError) as failed:
            await endpoint.ask()
        assert quoted[:6] not in str(failed.value)


# What comes of a reply


async def ask(server: LoopbackCompletions, *reactions: Reaction) -> tuple[Endpoint, str, Any]:
    """Meet ``reactions`` and return the engine, what was said, and the end or the error."""
    server.posts.clear()
    server.posts.extend(reactions)
    endpoint = Endpoint(server.url)
    endpoint.loaded()
    events: list[ReplyEvent] = []
    try:
        await endpoint.collect(events)
    except BackendError as failed:
        assert str(failed).isprintable()
        return endpoint, text_of(events), failed
    return endpoint, text_of(events), events[-1]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("stop", StopReason.END_TURN),
        ("length", StopReason.LENGTH),
        ("content_filter", StopReason.REFUSAL),
        ("tool_calls", StopReason.END_TURN),
    ],
)
async def test_finish_reasons(
    server: LoopbackCompletions, reason: str, expected: StopReason
) -> None:
    _, text, done = await ask(server, Events([delta("Hi"), delta(finish_reason=reason)]))
    assert (text, done.stop_reason) == ("Hi", expected)


@pytest.mark.parametrize(
    ("reply_tokens", "expected"), [(4084, StopReason.CONTEXT_FULL), (100, StopReason.LENGTH)]
)
async def test_a_full_context_is_told_from_a_limit_by_the_counts(
    server: LoopbackCompletions, reply_tokens: int, expected: StopReason
) -> None:
    server.gets["/props"] = Plain(content={"default_generation_settings": {"n_ctx": 4096}})
    usage = {"prompt_tokens": 12, "completion_tokens": reply_tokens}
    events = [delta("Hi"), delta(finish_reason="length"), {"choices": [], "usage": usage}]
    _, _, done = await ask(server, Events(events))
    assert done.stop_reason is expected


async def test_usage_thinking_and_what_else_may_come(server: LoopbackCompletions) -> None:
    usage = {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}
    events: list[dict[str, Any] | str] = [
        delta(role="assistant"),
        delta(reasoning_content="Let me see."),
        delta(reasoning="Let me see."),
        delta("One "),
        {"choices": [], "usage": None},
        delta("two\ud83d "),
        {"choices": [{"delta": None}]},
        {"choices": [{"delta": {"content": 7}}]},
        delta("three", "stop"),
        {"choices": [], "usage": usage},
        END,
        delta("after the end"),
    ]
    _, text, done = await ask(server, Events(events))
    assert text == "One two? three"
    assert (done.usage.prompt_tokens, done.usage.reply_tokens) == (12, 3)
    assert done.usage.tokens_per_s > 0


UNREACHABLE, SERVER_ERROR = BackendProblem.UNREACHABLE, BackendProblem.SERVER_ERROR
TOO_LONG = BackendProblem.CONTEXT_TOO_LONG


@pytest.mark.parametrize(
    ("reaction", "problem", "said", "is_lost"),
    [
        (Plain(401, {}), BackendProblem.BAD_KEY, "wants a key", True),
        (error("no such model", 404), BackendProblem.REFUSED, "is no longer served", True),
        (Plain(429, {}), BackendProblem.RATE_LIMITED, "too many requests", False),
        (Plain(503, b"busy"), BackendProblem.OVERLOADED, "too busy", False),
        (
            error("Loading model", 503),
            BackendProblem.NOT_READY,
            "is still loading its model",
            False,
        ),
        (Plain(500, b"<html>"), SERVER_ERROR, "internal error (500)", False),
        (Plain(301, {}), BackendProblem.REFUSED, "sends on", False),
        (error("bad\x1b[2J"), BackendProblem.REFUSED, "refused the request: bad", False),
        (error("x", 400, type="exceed_context_size_error"), TOO_LONG, "too long for", False),
        (error("x", 500, type="exceed_context_size_error"), TOO_LONG, "too long for", False),
        (error("This model's maximum context length is 8"), TOO_LONG, "too long for", False),
        (Plain(413, {}), TOO_LONG, "too long for", False),
        (PAGE, SERVER_ERROR, "not an OpenAI-compatible", False),
        (Plain(content={"choices": []}), SERVER_ERROR, "not an OpenAI-compatible", False),
        (Events(["no json"]), SERVER_ERROR, "not an OpenAI-compatible", False),
        (Events([]), SERVER_ERROR, "sent no reply", False),
        (Gone(), SERVER_ERROR, "interrupted the reply", False),
    ],
)
async def test_replies_that_do_not_begin(
    server: LoopbackCompletions,
    reaction: Reaction,
    problem: BackendProblem,
    said: str,
    is_lost: bool,
) -> None:
    # What is asked again, for the standard fields or for the reason, gets the last answer.
    last = Plain(content={"choices": []}) if isinstance(reaction, Events) else reaction
    endpoint, text, failed = await ask(server, reaction, last)
    assert (text, failed.problem) == ("", problem)
    assert said in str(failed)
    if is_lost:
        assert endpoint.next_event() == EngineLost(str(failed))
    else:
        assert endpoint.events.empty()


@pytest.mark.parametrize(
    ("event", "problem", "said"),
    [
        ({"error": {"message": "x", "code": 500}}, SERVER_ERROR, "internal error (500): x"),
        ({"error": {"message": "x", "code": 429}}, BackendProblem.RATE_LIMITED, "too many"),
        ({"error": "Context size exceeded"}, TOO_LONG, "too long for qwen3.5-9b at 127.0.0.1"),
        ({"object": "error", "message": "boom", "code": 400}, BackendProblem.REFUSED, ": boom"),
    ],
)
async def test_errors_in_the_middle(
    server: LoopbackCompletions, event: dict[str, Any], problem: BackendProblem, said: str
) -> None:
    endpoint, text, failed = await ask(server, Events([delta("One"), event]))
    assert (text, failed.problem) == ("One", problem)
    assert said in str(failed)
    assert endpoint.events.empty()


@pytest.mark.parametrize(
    "broken",
    [
        Events([delta("One")], "drop"),
        Events([delta("One")]),
    ],
)
async def test_a_reply_that_breaks_off(server: LoopbackCompletions, broken: Events) -> None:
    endpoint, text, failed = await ask(server, broken)
    assert (text, failed.problem) == ("One", SERVER_ERROR)
    assert str(failed) == "127.0.0.1 interrupted the reply: send it again"
    # The server is there yet.
    assert endpoint.events.empty()


async def test_a_connection_lost_after_the_end_loses_nothing(server: LoopbackCompletions) -> None:
    endpoint, text, done = await ask(server, Events([delta("One", "stop")], "drop"))
    assert (text, done.stop_reason) == ("One", StopReason.END_TURN)
    assert endpoint.events.empty()


async def test_an_endless_event_is_refused(server: LoopbackCompletions) -> None:
    _, text, failed = await ask(server, Events([delta("One"), "x" * 20_000_000]))
    assert (text, failed.problem) == ("One", SERVER_ERROR)


async def test_cancelling_closes_the_connection(server: LoopbackCompletions) -> None:
    server.posts[0] = Events([delta("One")], "hang")
    endpoint = Endpoint(server.url)
    endpoint.loaded()
    came = asyncio.Event()

    async def listen() -> None:
        async with aclosing(endpoint.engine.reply(ASK, GREEDY)) as events:
            async for event in events:
                assert event == TextDelta("One")
                came.set()

    task = asyncio.create_task(listen())
    await asyncio.wait_for(came.wait(), 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 20)
    assert await asyncio.to_thread(server.closed_early.wait, 20)
    assert endpoint.events.empty()
