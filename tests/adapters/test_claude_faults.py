"""What goes wrong on the way to Claude, and the one sentence that the user reads for it."""

import asyncio

import pytest

from shammah_tui.adapters.claude import Claude
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.reply import ReplyEvent
from shammah_tui.ports import ReplyOptions
from tests.adapters.claude_client import ASK, KEY, collect, make, text_of
from tests.loopback.messages_api import LoopbackMessagesAPI
from tests.loopback.messages_faults import Drop, ErrorEvent, Fault, Hang, Page, StatusFault

FAULTS: list[tuple[Fault, BackendProblem, str]] = [
    (
        StatusFault(401, "authentication_error", "invalid x-api-key"),
        BackendProblem.BAD_KEY,
        "check ANTHROPIC_API_KEY",
    ),
    (
        StatusFault(403, "permission_error", "No access to this model"),
        BackendProblem.BAD_KEY,
        "No access to this model",
    ),
    (StatusFault(403, message=None), BackendProblem.BAD_KEY, "access is denied"),
    (
        StatusFault(429, "rate_limit_error", "Slow down", {"retry-after": "37"}),
        BackendProblem.RATE_LIMITED,
        "in 37 s",
    ),
    (StatusFault(429, "rate_limit_error", "x"), BackendProblem.RATE_LIMITED, "in a minute"),
    (StatusFault(529, "overloaded_error", "x"), BackendProblem.OVERLOADED, "overloaded"),
    (StatusFault(500), BackendProblem.SERVER_ERROR, "(500)"),
    (StatusFault(502, message=None), BackendProblem.SERVER_ERROR, "(502)"),
    (StatusFault(504, "timeout_error", "x"), BackendProblem.SERVER_ERROR, "(504)"),
    (
        StatusFault(404, "not_found_error", "model: claude-sonnet-5-5"),
        BackendProblem.REFUSED,
        "“claude-sonnet-5-5”: set model under [claude] in config.toml",
    ),
    (StatusFault(404, message=None), BackendProblem.SERVER_ERROR, "ANTHROPIC_BASE_URL"),
    (
        StatusFault(400, "invalid_request_error", "max_tokens: 9 > 8\x1b[2J\nallowed"),
        BackendProblem.REFUSED,
        "max_tokens: 9 > 8 allowed",
    ),
    (
        StatusFault(402, "billing_error", "Your credit balance is too low"),
        BackendProblem.REFUSED,
        "Your credit balance is too low",
    ),
    (
        StatusFault(400, "invalid_request_error", "prompt is too long: 9 tokens > 8 maximum"),
        BackendProblem.CONTEXT_TOO_LONG,
        "too long",
    ),
    (
        StatusFault(413, "request_too_large", "Request exceeds the maximum size"),
        BackendProblem.CONTEXT_TOO_LONG,
        "too long",
    ),
    (ErrorEvent(0), BackendProblem.OVERLOADED, "overloaded"),
    (ErrorEvent(2), BackendProblem.OVERLOADED, "overloaded"),
    (ErrorEvent(2, "api_error", "Internal"), BackendProblem.SERVER_ERROR, "fault of its own:"),
    (Drop(None), BackendProblem.UNREACHABLE, "cannot be reached"),
    (Drop(0), BackendProblem.UNREACHABLE, "broke off"),
    (Drop(2), BackendProblem.UNREACHABLE, "broke off"),
    (Page(), BackendProblem.SERVER_ERROR, "is not Claude's API"),
]


@pytest.mark.parametrize(("fault", "problem", "said"), FAULTS)
async def test_faults(
    api: LoopbackMessagesAPI, claude: Claude, fault: Fault, problem: BackendProblem, said: str
) -> None:
    api.reply_with("one two three four")
    api.fail_with(fault)
    events: list[ReplyEvent] = []
    with pytest.raises(BackendError) as failed:
        async for event in claude.reply(ASK, ReplyOptions()):
            events.append(event)  # noqa: PERF401 - what came before the fault is wanted
    assert failed.value.problem is problem
    sentence = str(failed.value)
    assert said in sentence
    assert sentence.isprintable()
    came = fault.after_deltas or 0 if isinstance(fault, ErrorEvent | Drop) else 0
    assert text_of(events) == "one two three four"[: 4 * came]
    # The next question is answered: nothing is left in a bad state.
    assert text_of(await collect(claude)) == "one two three four"


@pytest.mark.parametrize("quoted", [KEY, "hf_AbCdEfGhIjKl", "Bearer abc.def"])
@pytest.mark.parametrize(
    ("status", "kind"), [(400, "invalid_request_error"), (403, "permission_error")]
)
async def test_an_api_that_quotes_a_secret_is_not_quoted(
    api: LoopbackMessagesAPI, claude: Claude, quoted: str, status: int, kind: str
) -> None:
    # So long that cutting it first would leave a piece of the key.
    api.fail_with(
        StatusFault(status, kind, f"{'x' * 185} {quoted}"),
        StatusFault(status, kind, f"No: {quoted}"),
    )
    for _ in range(2):
        with pytest.raises(BackendError) as failed:
            await collect(claude)
        assert quoted.removeprefix("Bearer ")[:6] not in str(failed.value)
    assert "No: " in str(failed.value)


@pytest.mark.parametrize("after", [None, 0, 2])
async def test_silence_is_told(api: LoopbackMessagesAPI, after: int | None) -> None:
    claude = make(api, read_timeout_s=0.3)
    api.reply_with("one two three")
    api.fail_with(Hang(after))
    with pytest.raises(BackendError, match="does not answer") as failed:
        await collect(claude)
    assert failed.value.problem is BackendProblem.UNREACHABLE
    await claude.aclose()


async def test_the_sdk_tries_again_by_itself(api: LoopbackMessagesAPI) -> None:
    claude = make(api, max_retries=2)
    api.reply_with("At last.")
    api.fail_with(StatusFault(529, "overloaded_error", "x", {"retry-after-ms": "10"}), Drop(None))
    assert text_of(await collect(claude)) == "At last."
    assert len(api.calls) == 3
    await claude.aclose()


async def test_a_long_pause_is_told_and_not_slept(api: LoopbackMessagesAPI) -> None:
    claude = make(api, max_retries=2)
    api.fail_with(StatusFault(429, "rate_limit_error", "x", {"retry-after": "3600"}))
    with pytest.raises(BackendError, match="in 3600 s"):
        await asyncio.wait_for(collect(claude), 60)
    assert len(api.calls) == 1
    await claude.aclose()


async def test_no_server_is_told() -> None:
    with LoopbackMessagesAPI() as api:
        gone = api.url
    claude = Claude("m", 10, {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": gone}, max_retries=0)
    with pytest.raises(BackendError, match="cannot be reached") as failed:
        await collect(claude)
    assert failed.value.problem is BackendProblem.UNREACHABLE
    await claude.aclose()


@pytest.mark.parametrize("url", ["nonsense", "gopher://127.0.0.1/", "http://[::1"])
async def test_an_address_that_is_none(url: str) -> None:
    claude = Claude("m", 10, {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": url}, max_retries=0)
    await claude.warm_up()
    with pytest.raises(BackendError, match="ANTHROPIC_BASE_URL is not an address"):
        await collect(claude)
    await claude.aclose()
