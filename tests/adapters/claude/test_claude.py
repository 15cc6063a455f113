"""The Claude adapter with the real SDK against a server that speaks the real protocol."""

import asyncio
import logging
import subprocess
import sys

import pytest

from shammah_tui.adapters.claude.claude import Claude
from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import (
    ReplyBegun,
    ReplyDone,
    ReplyEvent,
    StopReason,
    TextDelta,
)
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.ports import ReplyOptions
from tests.adapters.claude_client import ASK, KEY, PROMPT, collect, make, text_of
from tests.loopback.messages_api import LoopbackMessagesAPI, count_tokens
from tests.loopback.messages_faults import Drop, Hang, StatusFault


def done_of(events: list[ReplyEvent]) -> ReplyDone:
    begun, *deltas, done = events
    assert isinstance(done, ReplyDone)
    # What a reply costs that is stopped is counted from its beginning.
    assert begun == ReplyBegun(done.usage.prompt_tokens or 0, done.model)
    assert all(isinstance(event, TextDelta) for event in deltas)
    return done


async def test_a_reply_streams_to_its_end(api: LoopbackMessagesAPI, claude: Claude) -> None:
    reply = "Forty-two — “in full” 💡\n\n  indented, and\tnothing lost.\n"
    api.reply_with(reply, model="claude-sonnet-5-5-20261101", cached_tokens=7)
    events = await collect(claude)
    assert text_of(events) == reply
    assert len(events) > 5
    done = done_of(events)
    assert done.stop_reason is StopReason.END_TURN
    assert done.model == "claude-sonnet-5-5-20261101"
    assert done.usage.reply_tokens == count_tokens(reply)
    assert done.usage.prompt_tokens is not None
    assert done.usage.prompt_tokens > 7


async def test_what_is_sent(api: LoopbackMessagesAPI, claude: Claude) -> None:
    conversation = (
        Message(Role.SYSTEM, "Be brief."),
        Message(Role.USER, "Hi"),
        Message(Role.ASSISTANT, ""),
        Message(Role.USER, "Hello?"),
    )
    options = ReplyOptions(max_tokens=77)
    _ = [event async for event in claude.reply(conversation, options)]
    (call,) = api.calls
    assert call.body == {
        "model": "claude-sonnet-5-5",
        "max_tokens": 77,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "Hello?"}],
        "stream": True,
    }
    assert call.key == KEY


async def test_the_constructor_bounds_the_reply(api: LoopbackMessagesAPI, claude: Claude) -> None:
    await collect(claude)
    assert api.calls[0].body["max_tokens"] == 512
    assert "system" not in api.calls[0].body


async def test_a_token_instead_of_a_key(api: LoopbackMessagesAPI) -> None:
    environment = {"ANTHROPIC_AUTH_TOKEN": KEY, "ANTHROPIC_BASE_URL": api.url + "/"}
    claude = Claude("m", 10, environment)
    assert claude.side() is claude
    assert done_of(await collect(claude))
    assert api.calls[0].key == KEY
    await claude.aclose()


async def test_a_key_comes_before_a_token(api: LoopbackMessagesAPI) -> None:
    environment = {
        "ANTHROPIC_API_KEY": f" {KEY}\n",
        "ANTHROPIC_AUTH_TOKEN": "other",
        "ANTHROPIC_BASE_URL": api.url,
    }
    claude = Claude("m", 10, environment)
    assert done_of(await collect(claude))
    assert api.calls[0].key == KEY
    await claude.aclose()


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("end_turn", StopReason.END_TURN),
        ("stop_sequence", StopReason.END_TURN),
        ("max_tokens", StopReason.LENGTH),
        ("model_context_window_exceeded", StopReason.CONTEXT_FULL),
        ("pause_turn", StopReason.LENGTH),
        ("refusal", StopReason.REFUSAL),
        ("something_new", StopReason.END_TURN),
    ],
)
async def test_stop_reasons(
    api: LoopbackMessagesAPI, claude: Claude, told: str, meant: StopReason
) -> None:
    api.reply_with("Well, ", stop_reason=told)
    assert done_of(await collect(claude)).stop_reason is meant


async def test_thinking_is_not_the_reply(api: LoopbackMessagesAPI, claude: Claude) -> None:
    api.reply_with("Yes.", thinking="Is it? It is.")
    assert text_of(await collect(claude)) == "Yes."


async def test_an_empty_reply_has_no_pace(api: LoopbackMessagesAPI, claude: Claude) -> None:
    api.reply_with("", stop_reason="refusal")
    done = done_of(await collect(claude))
    assert done.usage.first_token_s is None
    assert done.usage.tokens_per_s is None


async def test_pace(api: LoopbackMessagesAPI) -> None:
    # 1 s more at each look: when it starts, at the first text, at the end.
    seconds = iter(range(100))
    claude = make(api, clock=lambda: float(next(seconds)))
    api.reply_with("four four four four four four four four.")
    done = done_of(await collect(claude))
    assert done.usage.first_token_s == 1.0
    assert done.usage.reply_tokens == 10
    assert done.usage.tokens_per_s == 9.0
    await claude.aclose()


async def test_deltas_come_as_they_are_sent(api: LoopbackMessagesAPI, claude: Claude) -> None:
    api.reply_with("one two three")
    api.hold(after_deltas=2)
    events = claude.reply(ASK, ReplyOptions())
    assert isinstance(await anext(events), ReplyBegun)
    assert await anext(events) == TextDelta("one ")
    assert await anext(events) == TextDelta("two ")
    third = asyncio.create_task(anext(events))
    assert not third.done()
    api.release()
    assert await third == TextDelta("three")
    await events.aclose()


async def test_closing_the_reply_closes_the_connection(
    api: LoopbackMessagesAPI, claude: Claude
) -> None:
    api.hold(after_deltas=1)
    api.reply_with("one two three")
    events = claude.reply(ASK, ReplyOptions())
    await anext(events)
    assert not api.closed_early.is_set()
    await events.aclose()
    assert await asyncio.to_thread(api.closed_early.wait, 10)


async def test_cancelling_before_the_first_byte_closes_the_connection(
    api: LoopbackMessagesAPI, claude: Claude
) -> None:
    api.fail_with(Hang(None))
    task = asyncio.create_task(collect(claude))
    await asyncio.to_thread(api.wait_for_calls, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(api.closed_early.wait, 10)


async def test_two_replies_at_once(api: LoopbackMessagesAPI, claude: Claude) -> None:
    api.reply_with(lambda body: body["messages"][-1]["content"].upper())
    both = await asyncio.gather(
        *(collect(claude, (Message(Role.USER, word),)) for word in ("left side", "right side"))
    )
    assert [text_of(events) for events in both] == ["LEFT SIDE", "RIGHT SIDE"]


@pytest.mark.parametrize("environment", [{}, {"ANTHROPIC_API_KEY": " "}])
async def test_without_a_key_nothing_is_imported_or_sent(environment: dict[str, str]) -> None:
    claude = Claude("m", 10, environment)
    assert isinstance(claude.side(), BackendError)
    await claude.warm_up()
    with pytest.raises(BackendError, match="set ANTHROPIC_API_KEY") as failed:
        await collect(claude)
    assert failed.value.problem is BackendProblem.NO_KEY
    await claude.aclose()


async def test_a_key_that_no_header_can_hold() -> None:
    claude = Claude("m", 10, {"ANTHROPIC_API_KEY": "sk-“quoted”"})
    with pytest.raises(BackendError, match="copy it again") as failed:
        await collect(claude)
    assert failed.value.problem is BackendProblem.BAD_KEY


async def test_no_question(api: LoopbackMessagesAPI, claude: Claude) -> None:
    with pytest.raises(BackendError, match="Write a question first"):
        await collect(claude, (Message(Role.SYSTEM, "Be brief."), Message(Role.USER, " \n")))
    assert api.calls == []


async def test_it_can_be_closed_twice_and_used_again(api: LoopbackMessagesAPI) -> None:
    claude = make(api)
    await claude.warm_up()
    await claude.aclose()
    await claude.aclose()
    assert done_of(await collect(claude))
    await claude.aclose()


async def test_neither_key_nor_prompt_is_logged(
    api: LoopbackMessagesAPI, claude: Claude, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await claude.warm_up()
    await collect(claude)
    api.fail_with(StatusFault(400, "invalid_request_error", f"cannot: {PROMPT}"), Drop(1))
    for _ in range(2):
        with pytest.raises(BackendError):
            await collect(claude)
    assert "Claude failed: BadRequestError" in caplog.text
    assert KEY not in caplog.text
    assert PROMPT not in caplog.text
    assert "claude-sonnet-5-5" not in caplog.text


def test_the_adapter_is_light_until_it_is_warmed_up() -> None:
    code = """
import asyncio, sys, time
from shammah_tui.adapters.claude.claude import Claude
claude = Claude("m", 10, {"ANTHROPIC_API_KEY": "k"})
heavy = {"anthropic", "httpx2", "pydantic"}
assert claude.side() is claude and not heavy & set(sys.modules), heavy & set(sys.modules)

async def main():
    worst, last, warm = 0.0, time.perf_counter(), asyncio.create_task(claude.warm_up())
    while not warm.done():
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        worst, last = max(worst, now - last), now
    await warm
    await claude.aclose()
    return worst

print(asyncio.run(main()))
assert heavy <= set(sys.modules)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    # On the loop the import holds it for its whole 0.7 to 1.8 s.
    assert float(told.stdout) < 0.5
