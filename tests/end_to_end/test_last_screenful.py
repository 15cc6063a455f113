"""``--continue``: what was last seen is there first, and stays until the messages are."""

import signal
from pathlib import Path

import pytest

from tests.end_to_end.screen import EmulatedScreen
from tests.end_to_end.terminal import CTRL_J, CTRL_Q, DELETE, DOWN, ENTER, ESCAPE, Terminal
from tests.end_to_end.test_first_picture import SHOWN, before_textual
from tests.end_to_end.world import CLAUDE_REPLY, CLAUDE_SHOWN, FILE, World
from tests.gguf_models import REPLY

F3, PAGE_UP = "\x1bOR", "\x1b[5~"
LONG = "\n\n".join(
    [f"Paragraph {number} with **some** `words` in it." for number in range(12)]
    + ["```python\nfor each in range(3):\n    print(each, '日本 — ok')\n```", "The very end."]
)


def file_of(world: World) -> Path:
    return world.home / ".local" / "state" / "shammah" / "screenful"


def pane_of(screen: EmulatedScreen) -> list[str]:
    """Return the pane's rows; the composer is one row high."""
    return screen.lines[2:-4]


def leave(terminal: Terminal) -> None:
    terminal.send(CTRL_Q)
    assert terminal.wait_for_exit() == 0


def talk(world: World, reply: str = CLAUDE_REPLY, shown: str = CLAUDE_SHOWN) -> list[str]:
    """Have a conversation, leave, and return what the pane showed in the end."""
    world.api.reply_with(reply)
    terminal = world.open("--offline")
    terminal.send(f"What now?{ENTER}")
    terminal.wait_for_reply(shown)
    # A little later: the scroll bar is in its place then, too.
    terminal.wait_for(lambda _: file_of(world).exists())
    seen = terminal.screen[2:-4]
    leave(terminal)
    return seen


def frames(terminal: Terminal) -> list[list[str]]:
    """Return the pane as it was after each piece that was drawn at once."""
    screen = EmulatedScreen(80, 24)
    found = []
    *pieces, _ = bytes(terminal.written).split(SHOWN)
    for piece in pieces:
        screen.feed(piece + SHOWN)
        if screen.is_alternate:
            found.append(pane_of(screen))
    return found


def wait_for_messages(terminal: Terminal) -> None:
    """Wait until somebody stands behind the screen, and what was drawn then is there."""
    terminal.wait_for(lambda each: "Messages" in each.footer)
    terminal.send("typed")
    terminal.wait_for(lambda each: each.composer == "typed")


@pytest.mark.parametrize(
    ("reply", "shown"), [(CLAUDE_REPLY, CLAUDE_SHOWN), (LONG, "The very end.")]
)
def test_it_is_there_first_and_at_no_moment_gone(world: World, reply: str, shown: str) -> None:
    seen = talk(world, reply, shown)
    assert shown in "\n".join(seen)
    assert file_of(world).stat().st_mode & 0o777 == 0o600
    again = world.start("--continue", "--offline")
    assert pane_of(before_textual(again)) == seen
    wait_for_messages(again)
    drawn = frames(again)
    assert len(drawn) > 2
    assert all(frame == seen for frame in drawn)
    leave(again)


def test_it_comes_back_where_one_was(world: World) -> None:
    world.api.reply_with(LONG)
    terminal = world.open("--offline")
    terminal.send(f"What now?{ENTER}")
    terminal.wait_for_reply("The very end.")
    terminal.send(PAGE_UP)
    kept = file_of(world)
    terminal.wait_for(lambda _: kept.exists() and b" place " in kept.read_bytes()[:80])
    seen = terminal.screen[2:-4]
    leave(terminal)
    again = world.start("--continue", "--offline")
    assert pane_of(before_textual(again)) == seen
    wait_for_messages(again)
    assert all(frame == seen for frame in frames(again))
    leave(again)


def test_what_is_typed_and_sent_stays_in_order(world: World) -> None:
    talk(world)
    again = world.start("--continue", "--offline")
    again.wait_for(CLAUDE_SHOWN)
    again.send(f"One{CTRL_J}two{ENTER}three")
    again.wait_for(lambda each: each.text.count(CLAUDE_SHOWN) == 2)
    again.wait_for(lambda each: each.composer == "three")
    assert "▌ One ▌ two" in again.text
    leave(again)


@pytest.mark.parametrize("damage", [b"", b"\x1b[2Jnonsense", None])
def test_a_damaged_file_and_another_size_show_the_messages_all_the_same(
    world: World, damage: bytes | None
) -> None:
    talk(world)
    if damage is not None:
        file_of(world).write_bytes(damage)
    again = world.start("--continue", "--offline", columns=80 if damage is not None else 90)
    assert CLAUDE_SHOWN not in "\n".join(before_textual(again).lines)
    again.wait_for(CLAUDE_SHOWN)
    leave(again)


def test_after_a_crash_it_is_what_the_last_reply_left(world: World) -> None:
    terminal = world.open("--offline")
    terminal.send(f"What now?{ENTER}")
    terminal.wait_for_reply(CLAUDE_SHOWN)
    terminal.wait_for(lambda _: file_of(world).exists())
    terminal.signal(signal.SIGKILL)
    terminal.wait_for_exit()
    again = world.start("--continue", "--offline")
    assert CLAUDE_SHOWN in "\n".join(before_textual(again).lines)
    leave(again)


def test_of_a_private_conversation_nothing_is_kept(world: World) -> None:
    talk(world)
    before = file_of(world).read_bytes()
    terminal = world.start_ready(FILE, "--offline")
    terminal.send(f"/private{ENTER}")
    terminal.wait_for("This conversation is private")
    terminal.send(f"A secret?{ENTER}")
    terminal.wait_for_reply(REPLY)
    leave(terminal)
    assert file_of(world).read_bytes() == before


def test_it_goes_with_its_conversation(world: World) -> None:
    talk(world)
    terminal = world.open("--offline")
    terminal.send(F3)
    terminal.wait_for("Search all conversations")
    terminal.wait_for("just now")
    terminal.send(DOWN + DELETE)
    terminal.wait_for("No conversations yet")
    assert not file_of(world).exists()
    terminal.send(ESCAPE)
    terminal.wait_for("Ask anything.")
    leave(terminal)
    assert not file_of(world).exists()


def test_nothing_is_kept_where_conversations_are_not(world: World) -> None:
    # A folder where the database would be.
    (world.home / ".local" / "share" / "shammah" / "conversations.db").mkdir(parents=True)
    terminal = world.open("--offline")
    terminal.send(f"What now?{ENTER}")
    terminal.wait_for_reply(CLAUDE_SHOWN)
    leave(terminal)
    assert not file_of(world).exists()


def test_a_question_asked_without_the_screen_leaves_nothing_stale(world: World) -> None:
    talk(world)
    asked = world.start("ask", "--claude", "And now?")
    assert asked.wait_for_exit() == 0
    assert not file_of(world).exists()
