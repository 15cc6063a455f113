"""The engine dies: the screen stays, says so, and somebody answers the next question."""

import signal

import psutil

from tests.end_to_end.terminal import ENTER, F9, TIMEOUT_S, Terminal
from tests.end_to_end.world import World
from tests.gguf_models import REPLY

NAME = "Tiny-Q4_K_M"


def test_killed_between_replies_it_is_started_again(world: World) -> None:
    terminal = world.start_ready()
    terminal.send(f"First{ENTER}")
    terminal.wait_for_match(r"Local · .* tok/s")
    killed = _kill(terminal, signal.SIGKILL)
    terminal.wait_for("The system stopped the local model")
    _wait_for_another(terminal, killed)
    terminal.wait_for(f"✓ {NAME} ready")
    terminal.send(f"Second{ENTER}")
    terminal.wait_for_match(r"▌ Second .*Local · .*Hello from your own")
    assert not world.api.calls


def test_killed_before_its_first_word_claude_answers_once(world: World) -> None:
    terminal = world.start_ready()
    (engine,) = terminal.children("children.llama")
    engine.suspend()
    terminal.send(f"First{ENTER}")
    terminal.wait_for_match(r"▌ First Local · ")
    assert not world.api.calls
    killed = _kill(terminal, signal.SIGKILL)
    terminal.wait_for_match(r"▌ First Claude Sonnet 5.5 · local .* This comes from the far side")
    _wait_for_another(terminal, killed)
    terminal.wait_for(f"✓ {NAME} ready")
    assert len(world.api.calls) == 1
    assert terminal.text.count("This comes from the far side") == 1


def test_killed_in_the_middle_of_a_reply_claude_answers_beside_what_came(world: World) -> None:
    terminal = world.start_ready("endless.gguf")
    terminal.send(f"First{ENTER}")
    terminal.wait_for("again and again")
    killed = _kill(terminal, signal.SIGKILL)
    terminal.wait_for_match(
        r"▌ First .*2/2 .*Claude Sonnet 5.5 · local engine stopped .*from the far side"
    )
    # The header has the conversation's title, which the local model made.
    shown = terminal.text.partition("▌ First")[2]
    assert "again and again" not in shown and "Interrupted" not in shown
    assert terminal.text.count("This comes from the far side") == 1
    _wait_for_another(terminal, killed)
    terminal.wait_for("✓ endless ready")
    assert len(world.api.calls) == 1
    # What is said next follows Claude's reply.
    terminal.send(f"@claude Second{ENTER}")
    call = world.api.wait_for_calls(2)[1]
    assert "the **far** side" in call.body["messages"][1]["content"]
    assert len(call.body["messages"]) == 3


def test_killed_in_the_middle_of_a_pinned_reply_what_came_stays(world: World) -> None:
    terminal = world.start_ready("endless.gguf")
    terminal.send(f"@local First{ENTER}")
    terminal.wait_for("again and again")
    killed = _kill(terminal, signal.SIGKILL)
    terminal.wait_for("Interrupted:")
    terminal.wait_for("It goes again")
    _wait_for_another(terminal, killed)
    terminal.wait_for("✓ endless ready")
    # It stays here, also where Claude is asked next.
    terminal.send(f"@claude Second{ENTER}")
    (call,) = world.api.wait_for_calls(1)
    assert [message["content"] for message in call.body["messages"]] == ["Second"]
    terminal.wait_for("without 2 messages that stay here")


def test_crashing_again_claude_takes_over_and_f9_loads_it(world: World) -> None:
    terminal = world.start_ready()
    killed = _kill(terminal, signal.SIGSEGV)
    _wait_for_another(terminal, killed)
    terminal.wait_for(f"✓ {NAME} ready")
    _kill(terminal, signal.SIGSEGV)
    terminal.wait_for_match(r"✗ Failed: The local model crashed .* F9 retry")
    terminal.send(f"Second{ENTER}")
    terminal.wait_for("Claude Sonnet 5.5 · local model failed")
    terminal.wait_for("This comes from the far side")
    terminal.send(F9)
    terminal.wait_for(f"✓ {NAME} ready")
    terminal.send(f"Third{ENTER}")
    terminal.wait_for_match(rf"▌ Third .*Local · {NAME} .*{REPLY[:20]}")


def _kill(terminal: Terminal, number: signal.Signals) -> psutil.Process:
    (engine,) = terminal.children("children.llama")
    engine.send_signal(number)
    _, alive = psutil.wait_procs([engine], TIMEOUT_S)
    assert not alive
    return engine


def _wait_for_another(terminal: Terminal, killed: psutil.Process) -> None:
    """Wait for a new engine: the screen may say ``ready`` of the one that was killed."""
    terminal.wait_for(
        lambda each: [one for one in each.children("children.llama") if one.pid != killed.pid]
    )
