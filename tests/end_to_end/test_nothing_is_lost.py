"""Stopped, quit or killed, before the first word and after it: what was asked and said is kept."""

import json
import signal
import subprocess
import sys
import time

import pytest

from tests.end_to_end.terminal import CTRL_Q, ENTER, ESCAPE, Terminal
from tests.end_to_end.world import CLAUDE_REPLY, CLAUDE_SHOWN, World
from tests.loopback.messages_faults import Drop, ErrorEvent

F7 = "\x1b[18~"
QUESTION = "@claude why is the sky blue"
ASKED = "▌ @claude why is the sky blue"
HALF = "This comes from the"


def run(world: World, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "shammah_tui", *arguments],
        env=world.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def exported(world: World) -> list[dict[str, object]]:
    kept = json.loads(run(world, "export", "--all", "--format", "json"))
    return [message for each in kept["conversations"] for message in each["messages"]]


def end(terminal: Terminal, how: str) -> None:
    if how == "quit":
        terminal.send(CTRL_Q)
    else:
        terminal.signal(signal.Signals[how])
    terminal.wait_for_exit()


@pytest.mark.parametrize("how", ["quit", "SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("typed", ["", "and more"])
def test_a_question_that_nobody_has_answered_yet_can_be_sent_again(
    world: World, how: str, typed: str
) -> None:
    world.api.hold()
    terminal = world.open("--offline")
    terminal.send(f"{QUESTION}{ENTER}")
    world.api.wait_for_calls(1)
    terminal.send(typed)
    terminal.wait_for(lambda each: each.composer == typed)
    if typed:
        # A draft is written down a little later than it was typed.
        time.sleep(1.0)
    end(terminal, how)
    (question,) = exported(world)
    assert (question["text"], question["pin"]) == ("why is the sky blue", "Claude")
    assert "sky blue" in run(world, "history")
    world.api.release()
    with world.start("--offline", "--continue") as again:
        again.wait_for("No reply yet. F7 asks for one.")
        assert again.text.count("sky blue") >= 1
        again.wait_for(lambda each: each.composer == typed)
        again.send(F7)
        again.wait_for(CLAUDE_SHOWN)
        assert "No reply yet" not in again.text
    assert len(world.api.wait_for_calls(2)[1].body["messages"]) == 1


def test_stopped_before_the_first_word_it_is_in_the_composer_after_a_restart_as_well(
    world: World,
) -> None:
    world.api.hold()
    terminal = world.open("--offline")
    terminal.paste("@claude " + "a line of a paste\n" * 12)
    terminal.send(ENTER)
    world.api.wait_for_calls(1)
    terminal.send(ESCAPE)
    terminal.wait_for("Stopped. Your question is back in the composer.")
    terminal.wait_for(lambda each: "[pasted 1: 13 lines]" in each.composer)
    end(terminal, "SIGKILL")
    assert run(world, "history").count("line of a paste") == 0
    world.api.release()
    with world.start("--offline") as again:
        again.wait_for(lambda each: "[pasted 1: 13 lines]" in each.composer)
        again.send(ENTER)
        again.wait_for(CLAUDE_SHOWN)
    (asked,) = world.api.wait_for_calls(2)[1].body["messages"]
    assert asked["content"].count("a line of a paste") == 12


def test_an_edit_that_is_stopped_before_the_first_word_changes_nothing(world: World) -> None:
    terminal = world.open("--offline")
    terminal.send(f"First{ENTER}")
    terminal.wait_for(CLAUDE_SHOWN)
    terminal.send("\x1b[1;5A")
    terminal.wait_for(lambda each: "r Regenerate" in each.footer)
    terminal.send("\x1b[A")
    terminal.wait_for(lambda each: "e Edit" in each.footer)
    terminal.send("e")
    terminal.wait_for(lambda each: each.composer == "First")
    world.api.hold()
    terminal.send(f" changed{ENTER}")
    world.api.wait_for_calls(2)
    terminal.send(ESCAPE)
    terminal.wait_for(lambda each: each.composer == "First changed")
    terminal.wait_for(CLAUDE_SHOWN)
    # What is taken back is written on another thread.
    wanted = ["First", CLAUDE_REPLY]
    terminal.wait_for(lambda _: [message["text"] for message in exported(world)] == wanted)
    end(terminal, "SIGKILL")
    assert [message["text"] for message in exported(world)] == wanted


@pytest.mark.parametrize("how", ["SIGKILL", "quit", "stop"])
def test_a_reply_that_was_cut_off_says_so_and_goes_on_after_a_restart(
    world: World, how: str
) -> None:
    world.api.hold(after_deltas=4)
    terminal = world.open("--offline")
    terminal.send(f"Question{ENTER}")
    terminal.wait_for(HALF)
    if how == "stop":
        terminal.send(ESCAPE)
        terminal.wait_for("Stopped. F7 continues.")
        how = "quit"
    end(terminal, how)
    note = "Interrupted: the program ended" if how == "SIGKILL" else "Stopped"
    assert note in run(world, "export", "--all", "--format", "md")
    world.api.release()
    world.api.reply_with(" other side.")
    with world.start("--offline", "--continue") as again:
        again.wait_for(f"{note}")
        again.wait_for("F7 continues.")
        again.wait_for("Claude Sonnet 5.5 · ")
        again.wait_for(lambda each: "F7 Continue" in each.footer)
        again.send(F7)
        again.wait_for_match(r"This comes from the.* other side\.")
        assert "F7 continues" not in again.text
    asked = world.api.wait_for_calls(2)[1].body["messages"]
    assert [turn["role"] for turn in asked] == ["user", "assistant", "user"]
    assert asked[1]["content"].startswith(HALF)
    receipts = [message["receipt"] for message in exported(world) if message["role"] != "user"]
    assert [each["model"] for each in receipts] == ["claude-sonnet-5-5"] * 2  # type: ignore[index]


@pytest.mark.parametrize("fault", [Drop(after_deltas=4), ErrorEvent(after_deltas=4)])
def test_a_stream_that_breaks_off_names_one_key_which_goes_on(
    world: World, fault: Drop | ErrorEvent
) -> None:
    world.api.fail_with(fault)
    terminal = world.open("--offline")
    terminal.send(f"Question{ENTER}")
    terminal.wait_for_match(r"Interrupted: .*\. F7 continues\.")
    assert "again" not in terminal.text.partition("Interrupted")[2].partition("F7")[0]
    world.api.reply_with(" other side.")
    terminal.send(F7)
    terminal.wait_for_match(r"This comes from the.* other side\.")


def test_a_declined_reply_is_kept_with_its_question_and_names_the_other_side(world: World) -> None:
    world.api.reply_with("", stop_reason="refusal")
    terminal = world.open("--offline")
    terminal.send(f"Something odd{ENTER}")
    terminal.wait_for("The model declined. Ctrl+↑, then o asks the other model.")
    end(terminal, "quit")
    assert "Something odd" in run(world, "history")
    world.api.reply_with(CLAUDE_REPLY)
    with world.start("--offline", "--continue", columns=140) as again:
        again.wait_for("The model declined.")
        time.sleep(1.0)
        again.send("\x1b[1;5A")
        again.wait_for("Other model")
        again.send(ESCAPE)
        again.wait_for(lambda each: "^↑ Messages" in each.footer)
        again.send(f"And now?{ENTER}")
        again.wait_for(CLAUDE_SHOWN)
    (asked,) = world.api.wait_for_calls(2)[1].body["messages"]
    assert asked["content"] == "And now?"


def test_f7_says_why_there_is_nothing_to_go_on_with(world: World) -> None:
    terminal = world.open("--offline")
    terminal.wait_for("Offline")
    time.sleep(1.0)
    terminal.send(f"draft{F7}")
    terminal.wait_for("There is no reply yet to continue")
    terminal.send(ENTER)
    terminal.wait_for(CLAUDE_SHOWN)
    assert "Continue" not in terminal.footer
    terminal.send(F7)
    terminal.wait_for("The last reply can't be continued")
