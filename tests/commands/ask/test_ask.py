"""``shammah ask``: the question, the reply, and what is kept of both."""

import json
from pathlib import Path

import pexpect
import pytest

from shammah_tui.commands.ask.ask_question import MOST_PIPED_BYTES
from tests.commands.ask_runs import AskRuns
from tests.commands.command_runs import CTRL_C, Said, end_of
from tests.test_import_hygiene import found, modules_after

CRISIS = "I want to kill myself"


def test_a_reply_in_a_pipe_is_nothing_but_the_reply(asks: AskRuns) -> None:
    asks.api.reply_with("It is *four*.")
    assert asks.run_alone("ask", "What is", "2+2?") == Said(0, "It is *four*.\n", "")
    assert asks.asked() == [[("user", "What is 2+2?")]]
    question, reply = asks.kept()[0]
    assert (question["text"], reply["text"]) == ("What is 2+2?", "It is *four*.")
    receipt = reply["receipt"]
    assert receipt["label"] == "Claude Sonnet 5.5 · no local model"
    assert (receipt["side"], receipt["reason"]) == ("Claude", "NoLocalModel")
    assert receipt["model"] == "claude-sonnet-5-5"
    assert receipt["stop_reason"] == "end_turn"
    # 2 dollars a million tokens in, 10 out.
    assert receipt["cost_microusd"] == 2 * receipt["prompt_tokens"] + 10 * receipt["reply_tokens"]


@pytest.mark.parametrize(
    ("words", "piped", "asked"),
    [
        (("Explain",), "def f():\n\treturn 1\n", "Explain\n\ndef f():\n\treturn 1"),
        ((), "What is\nthis?\n\n", "What is\nthis?"),
        (("Explain",), "\n \n", "Explain"),
        (("Explain",), b"\xef\xbb\xbfcaf\xe9\r\n", "Explain\n\ncafé"),
        (("@claude", "Explain"), "@local is in the text", "Explain\n\n@local is in the text"),
        (("--claude",), "@CLAUDE hello", "hello"),
    ],
)
def test_what_is_piped_in_follows_the_question(
    asks: AskRuns, words: tuple[str, ...], piped: str | bytes, asked: str
) -> None:
    assert asks.run("ask", *words, piped=piped).status == 0
    assert asks.asked() == [[("user", asked)]]


def test_going_on_with_the_last_conversation(asks: AskRuns) -> None:
    asks.configure('system_prompt = "From the settings"\n')
    first = asks.run("ask", "-c", "--system", "Be brief", "One?")
    assert (first.status, first.output) == (0, "Hello.\n")
    assert "There is no conversation to continue" in first.errors
    asks.api.reply_with("Two it is.")
    assert asks.run("ask", "--continue", "Two?") == Said(0, "Two it is.\n", "")
    # What is not kept is not gone on with, but goes on with what is.
    asks.run("ask", "-c", "--no-store", "Three?")
    asks.run("ask", "Another?")
    before = [("user", "One?"), ("assistant", "Hello."), ("user", "Two?")]
    assert asks.asked() == [
        before[:1],
        before,
        [*before, ("assistant", "Two it is."), ("user", "Three?")],
        [("user", "Another?")],
    ]
    systems = [call.body["system"] for call in asks.api.calls]
    assert systems == ["Be brief", *["From the settings"] * 3]
    texts = [[message["text"] for message in each] for each in asks.kept()]
    assert texts == [["One?", "Hello.", "Two?", "Two it is."], ["Another?", "Two it is."]]
    assert [each["parent"] for each in asks.kept()[0]][1:] == [
        each["id"] for each in asks.kept()[0]
    ][:-1]


def test_one_object_for_programs(asks: AskRuns) -> None:
    asks.api.reply_with('A "b"\nc\x1b[2J\x9b\u202e卵')
    said = asks.run("ask", "--json", "--claude", "Hi")
    found = json.loads(said.output)
    assert (said.status, said.errors) == (0, "")
    # Words of escape sequences may stay; what makes them one does not.
    assert found["reply"] == 'A "b"\nc[2J\u202e卵'
    assert (found["side"], found["reason"], found["label"]) == (
        "claude",
        "Pinned",
        "Claude Sonnet 5.5 · you asked",
    )
    assert (found["model"], found["revision"]) == ("claude-sonnet-5-5", "claude-sonnet-5-5")
    assert not found["estimated"]
    assert found["stop_reason"] == "end_turn"
    tokens = found["prompt_tokens"], found["reply_tokens"]
    assert found["cost_usd"] == pytest.approx((2 * tokens[0] + 10 * tokens[1]) / 1e6)
    assert found["first_token_s"] > 0
    exported = asks.run("export", found["conversation"], "--format", "json")
    assert json.loads(exported.output)["conversations"][0]["id"] == found["conversation"]


def test_only_control_characters_are_left_out_and_a_terminal_shows_overrides(asks: AskRuns) -> None:
    asks.api.reply_with("Red \x1b[31mtext\x07 \u202eand\u202c a\ttab\r\nend")
    assert asks.run("ask", "Hi").output == "Red [31mtext \u202eand\u202c a\ttab\nend\n"
    asks.environment["NO_COLOR"] = "1"
    ended = end_of(asks.on_terminal("ask", "Hi"))
    assert ended.output.endswith("Red [31mtext ‹U+202E›and‹U+202C› a\ttab\r\nend\r\n")
    assert "\x1b" not in ended.output
    # The store has what was said.
    assert asks.kept()[0][1]["text"].startswith("Red \x1b[31mtext\x07")


def test_a_terminal_is_told_who_answers_and_sees_the_reply_come(asks: AskRuns) -> None:
    asks.api.reply_with("First second third.")
    asks.api.hold(after_deltas=1)
    window = asks.on_terminal("ask", "Hi")
    window.expect_exact("\x1b[2mClaude Sonnet 5.5 · no local model\x1b[0m\r\nFirst ")
    asks.api.release()
    ended = end_of(window)
    assert (ended.status, ended.output) == (0, "second third.\r\n")


def test_a_crisis_is_told_where_help_is_whoever_answers(asks: AskRuns) -> None:
    said = asks.run("ask", "-q", CRISIS)
    assert (said.status, said.output) == (0, "Hello.\n")
    assert said.errors.startswith("You are not alone.")
    assert json.loads(asks.run("ask", "--json", CRISIS).output)["reason"] == "Forwarded"
    del asks.environment["ANTHROPIC_API_KEY"]
    nobody = asks.run("ask", "-q", CRISIS)
    assert (nobody.status, nobody.output) == (6, "")
    assert nobody.errors.startswith("You are not alone.")
    assert nobody.errors.count("You are not alone.") == 1


def test_ctrl_c_stops_and_keeps_what_came(asks: AskRuns) -> None:
    asks.api.reply_with("First second third.")
    asks.api.hold(after_deltas=2)
    window = asks.on_terminal("ask", "Hi")
    window.expect_exact("First second ")
    window.send(CTRL_C)
    window.expect(pexpect.EOF)
    window.close()
    assert window.exitstatus == 130
    assert window.before.endswith("\r\nshammah: Stopped\r\n")
    assert asks.api.closed_early.wait(30)
    question, reply = asks.kept()[0]
    assert (question["text"], reply["text"], reply["complete"]) == ("Hi", "First second ", True)
    receipt = reply["receipt"]
    assert (receipt["stop_reason"], receipt["model"]) == ("stopped", "claude-sonnet-5-5")
    # What came by then is paid for: tokens in as the API counted them, those out by the text.
    assert receipt["estimated"]
    assert receipt["cost_microusd"] == 2 * receipt["prompt_tokens"] + 10 * 5


def test_ctrl_c_before_anything_came_keeps_nothing(asks: AskRuns) -> None:
    asks.api.hold()
    window = asks.on_terminal("ask", "--json", "-q", "Hi")
    asks.api.wait_for_calls(1)
    window.send(CTRL_C)
    ended = end_of(window)
    assert (ended.status, ended.output) == (130, "^Cshammah: Stopped\r\n")
    assert asks.kept() == []


def test_a_reader_that_goes_away_ends_it_quietly(asks: AskRuns) -> None:
    asks.api.reply_with("word " * 2_000)
    asks.api.hold(after_deltas=1)
    process = asks.start("ask", "Hi")
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.read(5) == b"word "
    process.stdout.close()
    asks.api.release()
    assert process.stderr.read() == b""
    assert process.wait(30) == 0
    reply = asks.kept()[0][1]
    assert reply["receipt"]["stop_reason"] == "stopped"
    assert reply["text"].startswith("word word")


def test_nothing_is_kept_where_nothing_is_to_be(asks: AskRuns) -> None:
    said = asks.run("ask", "--no-store", "--json", "Hi")
    assert json.loads(said.output)["conversation"] is None
    assert not asks.store.exists()


def test_no_screen_is_imported(tmp_path: Path) -> None:
    code = "from shammah_tui.cli import main\nmain(['history'])\nmain(['ask', '--local', 'x'])"
    assert not found(modules_after(code, tmp_path), {"textual", "rich", "anthropic", "llama_cpp"})


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "No question: write"),
        (("@local",), "No question: write"),
        (("--local", "@claude", "x"), "--local and @claude contradict each other"),
        (("--claude", "--model", "x.gguf", "x"), "--model names a model of this machine"),
        (("--model", "no/such/thing/at all", "x"), "shammah: "),
        (("--local", "--claude", "x"), "not allowed with"),
    ],
)
def test_wrong_usage(asks: AskRuns, arguments: tuple[str, ...], sentence: str) -> None:
    said = asks.run("ask", *arguments)
    assert (said.status, said.output) == (2, "")
    assert sentence in said.errors
    assert not asks.api.calls


def test_more_than_any_model_reads(asks: AskRuns) -> None:
    said = asks.run("ask", "Hi", piped=b"x" * (MOST_PIPED_BYTES + 1))
    assert (said.status, said.output) == (10, "")
    assert "More than 8.0 MB are piped in" in said.errors


def test_flags_and_what_is_invisible_reach_pipes_and_exports(asks: AskRuns) -> None:
    england = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    reply = f"{england} ไทย\u200bไทย so\u00adft \u2060❤\ufe0f"
    asks.api.reply_with(reply)
    assert asks.run("ask", "--claude", f"What is {england}\u200b?").output == f"{reply}\n"
    assert json.loads(asks.run("ask", "--json", "--claude", "Hi").output)["reply"] == reply
    exported = asks.run("export", "--all", "--format", "json").output
    assert england in exported
    kept = json.loads(exported)["conversations"]
    texts = [each["text"] for each in kept[-1]["messages"]] + [
        each["text"] for each in kept[0]["messages"]
    ]
    assert reply in texts
    assert f"What is {england}\u200b?" in texts
    assert reply in asks.run("export", "--all", "--format", "md").output
