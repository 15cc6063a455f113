"""What goes wrong on the way to Claude, and the one sentence that the user reads for it."""

import asyncio

import pytest

from shammah_tui.adapters.claude.claude import Claude
from shammah_tui.adapters.claude.claude_key import CLAUDE_ADDRESS, claude_address
from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import ReplyEvent
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.settings.settings import ClaudeSettings
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
    (ErrorEvent(2, "api_error", "Internal"), BackendProblem.SERVER_ERROR, "internal error:"),
    (Drop(None), BackendProblem.UNREACHABLE, "was lost"),
    (Drop(0), BackendProblem.UNREACHABLE, "was lost"),
    (Drop(2), BackendProblem.UNREACHABLE, "was lost"),
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
    with pytest.raises(BackendError, match="in 1h 00m"):
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


# What the environment does to the client


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"ALL_PROXY": "socks4://127.0.0.1:9"}, "ALL_PROXY names a proxy of a kind"),
        ({"http_proxy": "http://user:secret@"}, "http_proxy is not the address of a proxy"),
        (
            {"ALL_PROXY": "socks://user:secret@127.0.0.1:9"},
            "through the proxy 127.0.0.1:9, which ALL_PROXY names",
        ),
        (
            {"SSL_CERT_FILE": "/nonexistent.pem", "ANTHROPIC_BASE_URL": "https://claude.invalid"},
            "The certificates that SSL_CERT_FILE names cannot be read",
        ),
        ({"ANTHROPIC_API_KEY": "sk-a b"}, "ANTHROPIC_API_KEY has a blank in it"),
        ({"ANTHROPIC_API_KEY": "sk-a\nsk-b"}, "ANTHROPIC_API_KEY has a line end in it"),
        ({"ANTHROPIC_API_KEY": "sk-ä"}, "ANTHROPIC_API_KEY has letters that no key has"),
        (
            {"ANTHROPIC_API_KEY": "", "ANTHROPIC_AUTH_TOKEN": "tok\r\nen"},
            "ANTHROPIC_AUTH_TOKEN has a line end in it",
        ),
    ],
)
async def test_a_variable_that_is_wrong_is_named_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    environment = {
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_BASE_URL": "http://claude.invalid",
        **variables,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    claude = Claude("m", 10, environment, max_retries=0)
    await claude.warm_up()
    with pytest.raises(BackendError) as failed:
        await collect(claude)
    assert said in str(failed.value)
    assert "secret" not in str(failed.value)
    await claude.aclose()


@pytest.mark.parametrize("value", ["socks://127.0.0.1:9/", "socks4://127.0.0.1:9", "nonsense://"])
async def test_a_host_in_no_proxy_answers_whatever_the_proxy_is(
    api: LoopbackMessagesAPI, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", value)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent.pem")
    api.reply_with("Here.")
    claude = make(api)
    assert text_of(await collect(claude)) == "Here."
    await claude.aclose()


async def test_without_a_proxy_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", " ")
    environment = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}
    claude = Claude("m", 10, environment, max_retries=0)
    with pytest.raises(BackendError, match="Claude's API cannot be reached"):
        await collect(claude)
    await claude.aclose()


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/messages"])
async def test_the_path_that_requests_add_may_stand_in_the_address(
    api: LoopbackMessagesAPI, path: str
) -> None:
    environment = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": api.url + path}
    claude = Claude("m", 10, environment, max_retries=0)
    await collect(claude)
    assert len(api.calls) == 1
    await claude.aclose()


def test_an_empty_address_is_none() -> None:
    assert claude_address({"ANTHROPIC_BASE_URL": " "}) == CLAUDE_ADDRESS


@pytest.mark.parametrize("around", [" {}\r\n", '"{}"', "\ufeff'{}' "])
async def test_what_copying_left_around_a_key_is_not_sent(
    api: LoopbackMessagesAPI, around: str
) -> None:
    environment = {"ANTHROPIC_API_KEY": around.format(KEY), "ANTHROPIC_BASE_URL": f" {api.url}\n"}
    claude = Claude("m", 10, environment, max_retries=0)
    await collect(claude)
    assert api.calls[0].key == KEY
    await claude.aclose()


# An accepted stream that fails before its first text


@pytest.mark.parametrize("thinking", ["", "Hm."])
@pytest.mark.parametrize(
    "fault",
    [
        ErrorEvent(0),
        ErrorEvent(0, "api_error", "Internal"),
        ErrorEvent(0, "rate_limit_error", "Slow down"),
        ErrorEvent(None),
        Drop(0),
    ],
)
async def test_a_stream_that_fails_before_its_text_is_tried_again(
    api: LoopbackMessagesAPI, fault: Fault, thinking: str
) -> None:
    claude = make(api, max_retries=2)
    api.reply_with("At last.", thinking=thinking)
    api.fail_with(fault, fault)
    assert text_of(await collect(claude)) == "At last."
    assert len(api.calls) == 3
    await claude.aclose()


async def test_the_tries_of_a_stream_and_of_the_sdk_are_counted_together(
    api: LoopbackMessagesAPI,
) -> None:
    claude = make(api, max_retries=2)
    busy = StatusFault(529, "overloaded_error", "x", {"retry-after-ms": "10"})
    api.fail_with(busy, ErrorEvent(0), busy, busy)
    with pytest.raises(BackendError, match="overloaded"):
        await collect(claude)
    assert len(api.calls) == 3
    await claude.aclose()


@pytest.mark.parametrize("fault", [ErrorEvent(1), Drop(1)])
async def test_once_there_is_text_nothing_is_tried_again(
    api: LoopbackMessagesAPI, fault: Fault
) -> None:
    claude = make(api, max_retries=2)
    api.reply_with("one two")
    api.fail_with(fault)
    with pytest.raises(BackendError):
        await collect(claude)
    assert len(api.calls) == 1
    await claude.aclose()


async def test_what_a_second_try_cannot_mend_is_not_tried_again(api: LoopbackMessagesAPI) -> None:
    claude = make(api, max_retries=2)
    api.fail_with(ErrorEvent(0, "invalid_request_error", "No"))
    with pytest.raises(BackendError, match="No"):
        await collect(claude)
    assert len(api.calls) == 1
    await claude.aclose()


# What is said


async def test_a_first_question_that_is_too_long_is_to_be_shortened(
    api: LoopbackMessagesAPI, claude: Claude
) -> None:
    api.fail_with(StatusFault(413, "request_too_large", "x"))
    with pytest.raises(BackendError, match="The question is too long for Claude: shorten it"):
        await collect(claude)
    longer = (*ASK, Message(Role.ASSISTANT, "Yes."), *ASK)
    api.fail_with(StatusFault(413, "request_too_large", "x"))
    with pytest.raises(BackendError, match=r"The conversation is too long .*: start a new one"):
        await collect(claude, longer)


@pytest.mark.parametrize(
    ("headers", "when"),
    [
        ({"retry-after": "37"}, "in 37 s"),
        ({"retry-after": "36.2"}, "in 37 s"),
        ({"retry-after-ms": "30500"}, "in 31 s"),
        ({"retry-after": "600"}, "in 10m 00s"),
        ({"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"}, "in 1 s"),
        ({"retry-after": "soon"}, "in a minute"),
    ],
)
async def test_a_rate_limit_has_its_time(
    api: LoopbackMessagesAPI, claude: Claude, headers: dict[str, str], when: str
) -> None:
    api.fail_with(StatusFault(429, "rate_limit_error", "x", headers))
    with pytest.raises(BackendError) as failed:
        await collect(claude)
    assert str(failed.value).endswith(f"send it again {when}")


async def test_a_model_that_was_corrected_is_asked_without_a_restart(
    api: LoopbackMessagesAPI,
) -> None:
    models = ["mistyped"]
    api.models = {"claude-sonnet-5-5"}
    claude = make(api, newest=lambda: ClaudeSettings(models[0], 99))
    with pytest.raises(BackendError, match="“mistyped”"):
        await collect(claude)
    models[0] = "claude-sonnet-5-5"
    await collect(claude)
    assert api.calls[-1].body["max_tokens"] == 99
    await claude.aclose()
