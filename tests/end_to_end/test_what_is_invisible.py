"""What a terminal gets of what is invisible, and of what turns the direction of a text."""

from tests.end_to_end.terminal import ENTER
from tests.end_to_end.world import World

ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
MARKS = "\u0301" * 40


def test_overrides_and_tags_do_not_reach_the_terminal_and_are_not_lost(world: World) -> None:
    written = f"{ENGLAND} so\u00adft a\u200bb e{MARKS} \u202egpj.exe"
    world.api.reply_with(f"Said: {written}")
    terminal = world.open("--offline")
    terminal.send(f"\x1b[200~{written}\x1b[201~")
    terminal.wait_for(lambda each: "gpj.exe" in each.composer)
    tops = [row for row in terminal.screen if row.startswith("╭")]
    # Whatever the terminal makes of those, the frame is straight.
    assert all(row.rstrip().endswith("╮") for row in tops)
    terminal.send(ENTER)
    terminal.wait_for("Said: 🏴")
    terminal.wait_for(lambda each: each.text.count("‹U+202E›gpj.exe") == 2)
    sent = terminal.written.decode(errors="replace")
    assert not set(sent) & set("\u202e\u00ad\u200b")
    assert not any(0xE0000 <= ord(each) < 0xE0080 for each in sent)
    assert MARKS[:7] not in sent
    assert written in str(world.api.calls[0].body["messages"][-1]["content"])
