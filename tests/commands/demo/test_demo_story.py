"""When the story went as it is told."""

import pytest

from shammah_tui.commands.demo.script import went_as_told
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt
from shammah_tui.core.conversation.reply import StopReason

DONE = StopReason.END_TURN
EARLY = Receipt(Side.CLAUDE, reason="ModelNotReady", stop_reason=DONE)
LATE = Receipt(Side.LOCAL, reason="Default", stop_reason=DONE)


def test_claude_twice_then_the_model() -> None:
    assert went_as_told([EARLY, EARLY, LATE])


@pytest.mark.parametrize(
    "replies",
    [
        [],
        [EARLY, EARLY],
        [EARLY, EARLY, LATE, LATE],
        [EARLY, LATE, LATE],
        [EARLY, EARLY, EARLY],
        [EARLY, Receipt(Side.CLAUDE, reason="LowConfidence", stop_reason=DONE), LATE],
        [EARLY, EARLY, Receipt(Side.LOCAL, reason="Unreachable", stop_reason=DONE)],
        [EARLY, EARLY, Receipt(Side.LOCAL, reason="Default", interrupted="The engine stopped")],
        [EARLY, EARLY, Receipt(Side.LOCAL, reason="Default")],
    ],
)
def test_anything_else_is_another_story(replies: list[Receipt]) -> None:
    assert not went_as_told(replies)
