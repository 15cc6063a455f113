"""A private conversation in a real terminal: afterwards there is no trace of it on the disk."""

from tests.end_to_end.terminal import CTRL_Q, ENTER
from tests.end_to_end.world import World
from tests.gguf_models import REPLY

SECRET = "platypus"


def test_nothing_of_it_is_on_the_disk_and_nothing_was_sent(world: World) -> None:
    terminal = world.start_ready()
    terminal.send(f"/private{ENTER}")
    terminal.wait_for("private: not stored, not sent to Claude")
    terminal.wait_for(lambda each: "private" in each.header)
    terminal.send(f"my {SECRET}{ENTER}")
    terminal.wait_for("Local · private")
    terminal.wait_for(REPLY)
    terminal.send(f"@claude my {SECRET}{ENTER}")
    terminal.wait_for("Claude is not available in a private")
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0
    terminal.assert_intact()
    assert world.api.calls == []
    written = [path for path in world.home.rglob("*") if path.is_file()]
    assert any(path.name == "conversations.db" for path in written)
    assert [path for path in written if SECRET.encode() in path.read_bytes()] == []
