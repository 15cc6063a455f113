"""Variables that are wrong, and refusals of Claude's: the program opens, and says what to do."""

import pytest

from tests.end_to_end.terminal import ENTER
from tests.end_to_end.world import CLAUDE_SHOWN, FILE, World
from tests.gguf_models import REPLY
from tests.loopback.chat_completions import END, Events, LoopbackCompletions, Plain, Request, delta
from tests.loopback.messages_faults import Fault, Page, StatusFault


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"ALL_PROXY": "socks4://bob:secret@127.0.0.1:9/"}, "ALL_PROXY names a proxy of a kind"),
        ({"all_proxy": "socks://bob:secret@127.0.0.1:9/"}, "which all_proxy names"),
        ({"SSL_CERT_FILE": "/nonexistent.pem"}, "certificates that SSL_CERT_FILE names"),
        ({"ANTHROPIC_API_KEY": "sk-a\nsk-b"}, "ANTHROPIC_API_KEY has a line end in it"),
    ],
)
def test_a_variable_that_is_wrong_is_named_and_the_local_model_answers(
    world: World, variables: dict[str, str], said: str
) -> None:
    world.environment |= {"ANTHROPIC_BASE_URL": "https://claude.invalid", **variables}
    terminal = world.start_ready(FILE)
    terminal.send(f"@claude Hello?{ENTER}")
    terminal.wait_for(said)
    assert "secret" not in terminal.written.decode(errors="replace")
    terminal.wait_for(lambda each: each.composer == "@claude Hello?")
    terminal.send("\x0c")
    terminal.wait_for(lambda each: each.composer != "@claude Hello?")
    terminal.send(f"Hello?{ENTER}")
    terminal.wait_for(REPLY)


@pytest.mark.parametrize("proxy", ["socks://127.0.0.1:9/", "socks5h://127.0.0.1:9", "nonsense://"])
def test_a_host_in_no_proxy_is_asked(world: World, proxy: str) -> None:
    world.environment |= {
        "ALL_PROXY": proxy,
        "NO_PROXY": "127.0.0.1,localhost",
        "SSL_CERT_FILE": "/nonexistent.pem",
    }
    terminal = world.open("--offline")
    terminal.send(f"Hello?{ENTER}")
    terminal.wait_for(CLAUDE_SHOWN)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            StatusFault(403, "permission_error", "No access to this model"),
            "Claude's API does not allow this with your key (No access to this model)",
        ),
        (
            StatusFault(413, "request_too_large", "x"),
            "the question is too long for Claude. Go online to download one, or shorten it",
        ),
        (
            StatusFault(429, "rate_limit_error", "x", {"retry-after": "37"}),
            "Claude's rate limit is reached. Go online to download one, or send it again in 37 s",
        ),
        (
            Page(),
            (
                "what answered is not Claude's API. Go online to download one, or check "
                "ANTHROPIC_BASE_URL"
            ),
        ),
    ],
)
def test_a_refusal_is_said_in_full_and_enter_sends_it_again(
    world: World, fault: Fault, said: str
) -> None:
    world.api.fail_with(fault)
    terminal = world.open("--offline", columns=100)
    terminal.send(f"Hello?{ENTER}")
    terminal.wait_for(said)
    terminal.wait_for(lambda each: each.composer == "Hello?")
    terminal.send(ENTER)
    terminal.wait_for(CLAUDE_SHOWN)


def test_a_model_that_is_corrected_in_the_settings_answers_without_a_restart(
    world: World,
) -> None:
    world.api.models = {"claude-sonnet-5-5"}
    world.configure("[claude]\nmodel = 'mistyped'\n")
    terminal = world.open("--offline", columns=100)
    terminal.send(f"Hello?{ENTER}")
    terminal.wait_for("has no model “mistyped”")
    terminal.wait_for("set model under [claude] in config.toml and send it again")
    world.configure("[claude]\nmodel = 'claude-sonnet-5-5'\n")
    terminal.send(ENTER)
    terminal.wait_for(CLAUDE_SHOWN)


def test_done_ends_a_servers_reply_and_nothing_goes_to_claude(world: World) -> None:
    with LoopbackCompletions() as server:
        server.posts.clear()
        server.posts.append(Events([delta("The answer is 4."), END]))
        world.configure(f'[endpoint]\nurl = "{server.url}"\n')
        terminal = world.start()
        terminal.wait_for("at 127.0.0.1 ready")
        terminal.send(f"2+2?{ENTER}")
        terminal.wait_for("The answer is 4.")
        terminal.wait_for_match(r"Local · \S+ at 127.0.0.1")
        assert "Interrupted" not in terminal.text
        assert not world.api.calls


def test_a_context_that_is_learnt_is_shown_and_so_is_what_was_not_seen(world: World) -> None:
    with LoopbackCompletions() as server:

        def running() -> Plain:
            asked = bool(server.asked("/v1/chat/completions"))
            found = [{"name": "m-1", "context_length": 4096}] if asked else []
            return Plain(content={"models": found})

        def reply(request: Request) -> Events:
            sent = sum(len(each["content"]) // 4 for each in request.body["messages"])
            usage = {"prompt_tokens": min(sent, 4_090), "completion_tokens": 3}
            # No two words alike: what repeats itself is ended.
            words = " ".join(f"{n * n % 65_521:x}" for n in range(1_000, 2_800))
            text = f"{words} to {request.body['messages'][-1]['content'][:10]}."
            return Events(
                [delta(text), delta(finish_reason="stop"), {"choices": [], "usage": usage}, END]
            )

        server.gets = {
            "/v1/models": Plain(content={"data": [{"id": "m-1"}]}),
            "/api/ps": running,
        }
        server.posts.clear()
        server.posts.append(reply)
        world.configure(f'[endpoint]\nurl = "{server.url}"\n[local]\ncontext_length = 32768\n')
        terminal = world.start(columns=200, rows=110)
        terminal.wait_for("at 127.0.0.1 ready")
        for number in range(1, 4):
            terminal.send(f"@local Question {number}{ENTER}")
            terminal.wait_for_reply(f"to Question {number}.")
            terminal.wait_for("of 4k tokens")
        terminal.wait_for_match(r"without the first \d+ messages")
        assert not world.api.calls
