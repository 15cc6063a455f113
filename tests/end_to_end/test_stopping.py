"""Esc stops a reply, whoever gives it and however far it is, and keeps what came."""

from tests.end_to_end.terminal import ENTER, ESCAPE, Terminal
from tests.end_to_end.world import CLAUDE_SHOWN, World
from tests.gguf_models import REPLY


def test_claudes_reply(world: World) -> None:
    world.api.hold(after_deltas=4)
    terminal = world.open("--offline")
    terminal.send(f"Question{ENTER}")
    terminal.wait_for("This comes from the")
    assert "Esc Stop" in terminal.text or "esc Stop" in terminal.text
    terminal.send(ESCAPE)
    terminal.wait_for("Stopped")
    assert world.api.closed_early.wait(10)
    assert "This comes from the" in terminal.text
    terminal.wait_for(lambda each: "Stop" not in each.footer)

    world.api.release()
    terminal.send(f"Again{ENTER}")
    terminal.wait_for(CLAUDE_SHOWN)
    second = world.api.wait_for_calls(2)[1]
    # What came before the stop is part of the conversation.
    assert [turn["role"] for turn in second.body["messages"]] == ["user", "assistant", "user"]
    assert second.body["messages"][1]["content"].startswith("This comes from")


def test_claudes_reply_before_it_begins(world: World) -> None:
    world.api.hold()
    terminal = world.open("--offline")
    terminal.send(f"Question{ENTER}")
    world.api.wait_for_calls(1)
    terminal.send(ESCAPE + ESCAPE)
    terminal.wait_for("Stopped")
    assert world.api.closed_early.wait(10)
    # It is in the composer, and nowhere else.
    terminal.wait_for(lambda each: each.composer == "Question")
    assert "▌ Question" not in terminal.text
    world.api.release()
    terminal.send(ENTER)
    terminal.wait_for(CLAUDE_SHOWN)
    assert len(world.api.wait_for_calls(2)[1].body["messages"]) == 1


def test_the_local_models_reply(world: World) -> None:
    terminal = world.start_ready("endless.gguf")
    terminal.send(f"Question{ENTER}")
    terminal.wait_for("again and again")
    terminal.send(ESCAPE)
    terminal.wait_for("Stopped")
    assert "again and again" in terminal.text
    stopped = terminal.text
    # The model is free: the next reply begins, and Esc stops that one too.
    terminal.send(f"Next one{ENTER}")
    terminal.wait_for(_is_replying_again)
    assert terminal.text != stopped
    terminal.send(ESCAPE)
    terminal.wait_for(lambda each: "Stopped" in each.text and "Stop" not in each.footer)


def _is_replying_again(terminal: Terminal) -> bool:
    """Whether the second reply is under way; one without an end scrolls its question away."""
    _, question, reply = terminal.text.partition("▌ Next one")
    if question:
        return "Local · endless" in reply and "again and again" in reply
    return "Stop" in terminal.footer and "Stopped" not in terminal.text


def test_while_the_prompt_is_read(world: World) -> None:
    terminal = world.start_ready()
    # Some thousands of tokens, which this model reads for seconds.
    terminal.paste("@local " + "many different words to read\n" * 700)
    terminal.send(ENTER)
    terminal.wait_for("Local · ")
    terminal.send(ESCAPE)
    terminal.wait_for("Stopped")
    assert REPLY not in terminal.text
    terminal.wait_for("[pasted 1: 701 lines]")
    terminal.send(f"\x0cShort{ENTER}")
    terminal.wait_for_match(rf"▌ Short Local · .* {REPLY}")
