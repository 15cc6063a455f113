"""The engine dies: the screen stays, says so, and the other side takes over."""

from tests.end_to_end.terminal import ENTER, F9
from tests.end_to_end.world import CLAUDE_SHOWN, FILE, World
from tests.gguf_models import REPLY


def test_between_replies(world: World) -> None:
    terminal = world.start_ready()
    terminal.send(f"First{ENTER}")
    terminal.wait_for_match(r"Local · .* tok/s")
    (engine,) = terminal.children("engine.llama")
    engine.kill()
    terminal.wait_for("✗ Failed")
    assert "F9 retry" in terminal.header
    terminal.send(f"Second{ENTER}")
    terminal.wait_for("Claude · local model failed")
    terminal.wait_for(CLAUDE_SHOWN)
    terminal.send(F9)
    terminal.wait_for(f"✓ {FILE.removesuffix('.gguf')} ready")
    terminal.send(f"Third{ENTER}")
    terminal.wait_for_match(rf"▌ Third Local · .* {REPLY}")


def test_in_the_middle_of_a_reply(world: World) -> None:
    terminal = world.start_ready("endless.gguf")
    terminal.send(f"First{ENTER}")
    terminal.wait_for("again and again")
    (engine,) = terminal.children("engine.llama")
    engine.kill()
    terminal.wait_for("Broken off:")
    terminal.wait_for("✗ Failed")
    terminal.wait_for("again and again")
    terminal.send(f"Second{ENTER}")
    terminal.wait_for(CLAUDE_SHOWN)
    # Both sides see the same conversation, also what broke off.
    (call,) = world.api.wait_for_calls(1)
    assert "again and again" in call.body["messages"][1]["content"]
    terminal.send(F9)
    terminal.wait_for("✓ endless ready")
