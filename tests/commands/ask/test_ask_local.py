"""``shammah ask`` of this machine: a real engine, or a server of the settings."""

import json
from collections.abc import Iterator

import pytest

from tests.commands.ask_runs import ENDLESS, MODEL, AskRuns
from tests.commands.command_runs import CTRL_C, Said, end_of
from tests.gguf_models import REPLY, build_model
from tests.loopback.chat_completions import END, Events, LoopbackCompletions, Plain, delta
from tests.loopback.messages_faults import StatusFault

OWN = '[[models]]\nid = "own"\nfile = "{}"\nlabel = "My own"\n'


@pytest.fixture
def server(asks: AskRuns) -> Iterator[LoopbackCompletions]:
    with LoopbackCompletions() as server:
        asks.configure(f'[endpoint]\nurl = "{server.url}"\n')
        yield server


def test_the_model_that_is_named_answers(asks: AskRuns) -> None:
    said = asks.run_alone("ask", "--local", "--model", str(asks.models / MODEL), "Hi")
    assert said == Said(0, f"{REPLY}\n", "")
    asks.assert_nothing_runs()
    assert not asks.api.calls
    receipt = asks.kept()[0][1]["receipt"]
    assert receipt["label"].startswith("Local · you asked · Tiny-Q4_K_M")
    assert (receipt["side"], receipt["reason"]) == ("Local", "Pinned")
    assert receipt["reply_tokens"] > 0
    assert receipt["cost_microusd"] is None


def test_without_a_key_what_is_here_answers(asks: AskRuns) -> None:
    asks.configure('[local]\nmodel = "qwen3.5-4b"\n' + OWN.format(asks.models / MODEL))
    # With a key nothing is loaded.
    receipt = json.loads(asks.run("ask", "--json", "Hi").output)
    assert receipt["reason"] == "NoLocalModel"
    assert receipt["label"].endswith(" · no model loaded; --local uses yours")
    del asks.environment["ANTHROPIC_API_KEY"]
    found = json.loads(asks.run("ask", "--json", "-c", "And here?").output)
    assert (found["reply"], found["side"], found["reason"]) == (REPLY, "local", "Default")
    assert found["label"].startswith("Local · My own · ")
    assert [message["text"] for message in asks.kept()[0]] == ["Hi", "Hello.", "And here?", REPLY]
    asks.assert_nothing_runs()


def test_a_model_that_is_named_is_asked_although_there_is_a_key(asks: AskRuns) -> None:
    found = json.loads(asks.run("ask", "--json", "--model", str(asks.models / MODEL), "Hi").output)
    assert (found["side"], found["reason"]) == ("local", "Default")
    # It is no pin: the router decides.
    said = asks.run("ask", "--json", "--model", "owner/repo", "Hi")
    assert json.loads(said.output)["label"] == "Claude Sonnet 5.5 · no local model"


def test_local_is_a_promise(asks: AskRuns) -> None:
    nothing = asks.run("ask", "--local", "Hi")
    assert (nothing.status, nothing.output) == (3, "")
    assert nothing.errors.startswith("shammah: No local model is on this machine")
    named = asks.run("ask", "--model", "owner/repo:Q8_0", "@local Hi")
    assert named.status == 3
    assert "`shammah models pull owner/repo:Q8_0` downloads it" in named.errors
    missing = asks.run("ask", "--local", "--model", str(asks.models / "none.gguf"), "Hi")
    assert missing.status == 3
    assert "There is no file" in missing.errors
    broken = asks.home / "broken.gguf"
    broken.write_bytes(b"GGUF and nothing else")
    unusable = asks.run("ask", "--local", "--model", str(broken), "Hi")
    assert (unusable.status, unusable.output) == (3, "")
    assert unusable.errors.count("\n") == 1
    assert not asks.api.calls
    assert asks.kept() == []


def test_a_terminal_sees_the_model_load_and_ctrl_c_ends_it(asks: AskRuns) -> None:
    asks.environment["NO_COLOR"] = "1"
    window = asks.on_terminal("ask", "--local", "--model", str(asks.models / ENDLESS), "Hi")
    window.expect_exact("Loading endless…")
    window.expect_exact("Local · you asked · endless")
    window.expect_exact("It goes again and again")
    window.send(CTRL_C)
    assert end_of(window).status == 130
    asks.assert_nothing_runs()
    assert asks.kept()[0][1]["text"].startswith("It goes again and again")


def test_a_server_is_ready_as_it_is(asks: AskRuns, server: LoopbackCompletions) -> None:
    assert asks.run("ask", "Hi") == Said(0, "Hello.\n", "")
    assert not asks.api.calls
    label = asks.kept()[0][1]["receipt"]["label"]
    assert label.startswith("Local · qwen3.5-9b at 127.0.0.1")
    server.posts.append(
        Events([delta("Half "), delta("of it"), delta(finish_reason="length"), END])
    )
    server.posts.popleft()
    assert asks.run("ask", "Hi").status == 8


def test_a_server_that_cannot_answer(asks: AskRuns, server: LoopbackCompletions) -> None:
    # Claude's own failure is the server's chance, and the other way round.
    asks.api.fail_with(StatusFault(529, "overloaded_error", "busy", {"retry-after": "60"}))
    taken_over = json.loads(asks.run("ask", "--json", "I want to kill myself").output)
    assert (taken_over["label"], taken_over["reason"]) == (
        "Local · Claude overloaded",
        "overloaded",
    )
    server.posts.append(Plain(500, {"error": {"message": "no"}}))
    server.posts.popleft()
    assert json.loads(asks.run("ask", "--json", "Hi").output)["side"] == "claude"
    server.close()
    gone = json.loads(asks.run("ask", "--json", "Hi").output)
    assert (gone["side"], gone["label"]) == ("claude", "Claude Sonnet 5.5 · local model failed")
    pinned = asks.run("ask", "--local", "Hi")
    assert (pinned.status, pinned.output) == (3, "")
    assert "127.0.0.1" in pinned.errors


STRAY = {
    "</think>\n\nHi": ("Hi", None),
    " \n</think>Hi": ("Hi", None),
    "Hi</think>": ("Hi", None),
    "<THINK>x</THINK>Hi": ("Hi", "x"),
    "<think>\n\n</think>\n\nHi": ("Hi", None),
    "First a greeting is needed.\n</think>\n\nHi": ("Hi", "First a greeting is needed.\n"),
    "The tags <think> and </think> mark a thought.": (
        "The tags <think> and </think> mark a thought.",
        None,
    ),
}


@pytest.mark.parametrize("reply", STRAY)
def test_a_closing_tag_never_comes_out_of_a_pipe(asks: AskRuns, reply: str) -> None:
    text, thought = STRAY[reply]
    pieces = [reply[at : at + 5].encode() for at in range(0, len(reply), 5)]
    model = build_model(asks.home / "stray.gguf", reply=pieces)
    said = asks.run_alone("ask", "--local", "--model", str(model), "Hi")
    assert said == Said(0, f"{text}\n", "")
    (kept,) = [message for message in asks.kept()[0] if message["role"] == "assistant"]
    assert (kept["text"], kept.get("thought") or None) == (text, thought)


@pytest.mark.parametrize("as_json", [False, True])
def test_a_servers_thought_never_comes_out_of_a_pipe(
    asks: AskRuns, server: LoopbackCompletions, as_json: bool
) -> None:
    thought = " ".join(f"Step {number} squared is {number**2}." for number in range(200))
    pieces = [delta(thought), delta("\n</th"), delta("ink>\n\nHello "), delta("there")]
    server.posts.append(Events([*pieces, delta(finish_reason="stop"), END]))
    server.posts.popleft()
    if as_json:
        assert json.loads(asks.run("ask", "--json", "Hi").output)["reply"] == "Hello there"
    else:
        assert asks.run("ask", "Hi") == Said(0, "Hello there\n", "")
    assert asks.kept()[0][1]["text"] == "Hello there"


def test_a_thought_alone_is_said_to_be_no_reply(asks: AskRuns, server: LoopbackCompletions) -> None:
    server.posts.append(
        Events([delta("Hm.\n"), delta("</think>"), delta(finish_reason="stop"), END])
    )
    server.posts.popleft()
    said = asks.run("ask", "Hi")
    assert (said.status, said.output) == (1, "")
    assert "The reply is empty" in said.errors


LOOP = "I am here to help you. "


def test_a_reply_that_repeats_itself_ends_in_a_pipe_too(asks: AskRuns) -> None:
    model = build_model(asks.home / "loop.gguf", reply=LOOP, loop=True)
    # Without --local, which would keep the question and its reply here.
    said = asks.run_alone("ask", "--model", str(model), "Hi")
    assert said.status == 8
    assert said.output.startswith(LOOP * 3)
    assert len(said.output) < 200 * len(LOOP)
    assert said.errors == "shammah: Stopped: the reply repeated itself; rephrase the question\n"
    (kept,) = [message for message in asks.kept()[0] if message["role"] == "assistant"]
    assert kept["receipt"]["stop_reason"] == "repeated"
    # Whoever is asked next is told one round of it.
    asks.api.reply_with("Good day.")
    assert asks.run("ask", "-c", "@claude And you?").status == 0
    told = asks.api.calls[-1].body["messages"][1]["content"]
    assert str(told).count("help you") <= 2


def test_a_server_whose_model_repeats_itself_is_left(
    asks: AskRuns, server: LoopbackCompletions
) -> None:
    server.posts.append(Events([delta(LOOP)] * 500, then="hang"))
    server.posts.popleft()
    said = asks.run("ask", "Hi")
    assert said.status == 8
    assert len(said.output) < 60 * len(LOOP)
    assert "the reply repeated itself" in said.errors


def test_a_full_context_says_so_in_a_pipe(asks: AskRuns) -> None:
    model = build_model(asks.home / "endless.gguf", reply="On and on", endless=True)
    asks.configure("[local]\ncontext_length = 512\n")
    said = asks.run_alone("ask", "--local", "--model", str(model), "Hi")
    assert said.status == 8
    assert "The context is full" in said.errors
    assert "context_length" in said.errors
    (kept,) = [message for message in asks.kept()[0] if message["role"] == "assistant"]
    assert kept["receipt"]["stop_reason"] == "context_full"
