"""What goes wrong with ``shammah ask``, by its exit status."""

import json
import subprocess
import sys

import pytest

from tests.commands.ask_runs import AskRuns
from tests.loopback.messages_faults import Drop, ErrorEvent, Fault, StatusFault


@pytest.mark.parametrize(
    ("faults", "status", "sentence"),
    [
        ([StatusFault(401, "authentication_error", "no")], 6, "refused the key"),
        ([StatusFault(529, "overloaded_error", "busy", {"retry-after": "60"})], 7, "overloaded"),
        ([StatusFault(429, "rate_limit_error", "slow", {"retry-after": "60"})], 7, "in 60 s"),
        ([StatusFault(400, "invalid_request_error", "prompt is too long")], 10, "too long"),
        ([StatusFault(404, "not_found_error", "model")], 1, "has no model"),
        ([StatusFault(400, "invalid_request_error", "credit")], 1, "credit"),
    ],
)
def test_claude_gives_no_reply(
    asks: AskRuns, faults: list[Fault], status: int, sentence: str
) -> None:
    asks.api.fail_with(*faults)
    said = asks.run("ask", "--claude", "Hi")
    assert (said.status, said.output) == (status, "")
    assert said.errors.count("\n") == 1
    assert sentence in said.errors
    assert asks.kept() == []


def test_without_a_network(asks: AskRuns) -> None:
    asks.environment["ANTHROPIC_BASE_URL"] = "http://127.0.0.1:9"
    said = asks.run("ask", "Hi")
    assert (said.status, said.output) == (4, "")
    unreachable, local = said.errors.splitlines()
    assert "cannot be reached" in unreachable
    assert "No local model is on this machine: `shammah models pull" in local


def test_without_a_key_and_a_model(asks: AskRuns) -> None:
    del asks.environment["ANTHROPIC_API_KEY"]
    said = asks.run("ask", "Hi")
    assert (said.status, said.output) == (6, "")
    no_key, no_model = said.errors.splitlines()
    assert "set ANTHROPIC_API_KEY" in no_key
    assert "No local model is on this machine: `shammah models pull" in no_model
    assert asks.kept() == []


@pytest.mark.parametrize(
    ("fault", "stop_reason", "status", "note"),
    [
        (Drop(after_deltas=2), "end_turn", 8, "Interrupted: "),
        (ErrorEvent(after_deltas=2), "end_turn", 8, "Interrupted: "),
        (None, "max_tokens", 8, "Cut off: "),
        (None, "refusal", 9, "The model declined"),
    ],
)
def test_a_reply_that_is_not_whole(
    asks: AskRuns, fault: Fault | None, stop_reason: str, status: int, note: str
) -> None:
    asks.api.reply_with("Some of it came.", stop_reason=stop_reason)
    if fault is not None:
        asks.api.fail_with(fault)
    said = asks.run("ask", "Hi")
    assert said.status == status
    assert said.output == ("Some of \n" if fault is not None else "Some of it came.\n")
    assert said.errors.startswith(f"shammah: {note}")
    assert said.errors.count("\n") == 1
    (kept,) = asks.kept()
    assert kept[1]["text"] == said.output[:-1]
    assert bool(kept[1]["receipt"]["interrupted"]) is (fault is not None)


def test_an_empty_reply_is_a_failure(asks: AskRuns) -> None:
    asks.api.reply_with("")
    said = asks.run("ask", "Hi")
    assert (said.status, said.output) == (1, "")
    assert "The reply is empty" in said.errors
    # It was asked for and paid for: its question is kept, and is no part of the next one.
    (kept,) = asks.kept()
    assert [message["text"] for message in kept] == ["Hi", ""]
    asks.api.reply_with("Hello.")
    assert asks.run("ask", "-c", "And now?").status == 0
    assert [turn["content"] for turn in asks.api.calls[-1].body["messages"]] == ["And now?"]


@pytest.mark.parametrize(
    "text", ["\n", " \u00a0", "\u200b", "\u2800\u3164", "\u2060\ufe0f", "\U000e0067"]
)
def test_a_reply_of_which_nothing_is_seen_is_empty(asks: AskRuns, text: str) -> None:
    asks.api.reply_with(text)
    said = asks.run("ask", "Hi")
    assert said.status == 1
    assert said.errors == "shammah: The reply is empty: rephrase the question\n"
    asks.api.reply_with("Hello.")
    assert asks.run("ask", "-c", "And now?").status == 0
    assert [turn["content"] for turn in asks.api.calls[-1].body["messages"]] == ["And now?"]


def test_a_store_that_cannot_be_written_is_no_reason_not_to_answer(asks: AskRuns) -> None:
    asks.store.parent.parent.mkdir(parents=True)
    asks.store.parent.write_text("a file where the folder belongs")
    said = asks.run("ask", "Hi")
    assert (said.status, said.output) == (1, "Hello.\n")
    assert said.errors == (
        f"shammah: This reply is not kept: {asks.store} cannot be opened (File exists)\n"
    )


def test_without_standard_input(asks: AskRuns) -> None:
    command = f'exec "{sys.executable}" -m shammah_tui ask --json Hi <&-'
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env=asks.environment,
        cwd=asks.home,
        capture_output=True,
        timeout=60,
    )
    assert json.loads(done.stdout)["reply"] == "Hello."


def test_a_model_that_is_named_and_not_here_comes_before_the_missing_key(asks: AskRuns) -> None:
    del asks.environment["ANTHROPIC_API_KEY"]
    said = asks.run("ask", "--model", "owner/repo:Q8_0", "Hi")
    assert said.status == 3
    assert said.errors.startswith("shammah: owner/repo:Q8_0 is not on this machine")


# What the environment does to it


WRONG = [
    ({"ALL_PROXY": "socks4://bob:secret@127.0.0.1:9"}, "ALL_PROXY names a proxy of a kind"),
    ({"all_proxy": "socks5h://bob:secret@127.0.0.1:9"}, "127.0.0.1:9, which all_proxy names"),
    ({"HTTP_PROXY": "127.0.0.1:abc"}, "HTTP_PROXY is not the address of a proxy"),
    ({"ANTHROPIC_API_KEY": "sk-a sk-b"}, "ANTHROPIC_API_KEY has a blank in it"),
]


@pytest.mark.parametrize(("variables", "said"), WRONG)
def test_a_variable_that_is_wrong_is_one_sentence_that_names_it(
    asks: AskRuns, variables: dict[str, str], said: str
) -> None:
    asks.environment |= {"ANTHROPIC_BASE_URL": "http://claude.invalid", **variables}
    run = asks.run("ask", "--claude", "Hi")
    assert run.status in {4, 6}
    assert run.errors.count("\n") == 1
    assert said in run.errors
    assert "secret" not in run.errors


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_certificates_that_cannot_be_read_are_named(asks: AskRuns, content: bytes | None) -> None:
    path = asks.home / "some.pem"
    if content is not None:
        path.write_bytes(content)
    asks.environment |= {"SSL_CERT_FILE": str(path)}
    # Without TLS they are not needed.
    assert asks.run("ask", "Hi").status == 0
    asks.environment["ANTHROPIC_BASE_URL"] = "https://claude.invalid"
    run = asks.run("ask", "--claude", "Hi")
    assert (run.status, run.errors.count("\n")) == (4, 1)
    assert "The certificates that SSL_CERT_FILE names cannot be read" in run.errors


def test_what_is_no_client_for_claude_leaves_this_machine_to_answer(asks: AskRuns) -> None:
    asks.environment |= {"ALL_PROXY": "nonsense://", "SSL_CERT_FILE": "/nonexistent.pem"}
    asks.environment["ANTHROPIC_BASE_URL"] = "https://claude.invalid"
    said = asks.run_alone("ask", "--model", str(asks.models / "Tiny-Q4_K_M.gguf"), "Hi")
    assert said.status == 0, said
    local = asks.run_alone("ask", "--local", "--model", str(asks.models / "Tiny-Q4_K_M.gguf"), "Hi")
    assert local.status == 0, local
