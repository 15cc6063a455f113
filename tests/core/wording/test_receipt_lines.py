import pytest

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt
from shammah_tui.core.conversation.reply import StopReason, Usage
from shammah_tui.core.wording.receipt_lines import receipt_lines


def test_everything_that_is_known_of_a_reply_by_claude() -> None:
    receipt = Receipt(
        Side.CLAUDE,
        "Claude Sonnet 5.5 · long question",
        "LowConfidence",
        "claude-sonnet-5-5",
        usage=Usage(1_200, 340, 80.4, 0.456),
        cost_microusd=5_800,
        stop_reason=StopReason.END_TURN,
    )
    assert receipt_lines(receipt) == (
        ("Answered by", "Claude"),
        ("Model", "claude-sonnet-5-5"),
        ("Why", "long question, sent to Claude"),
        ("Tokens", "1,200 in, 340 out"),
        ("First token", "after 0.46 s"),
        ("Speed", "80 tok/s"),
        ("Cost", "$0.0058"),
        ("Ended", "complete"),
    )


def test_what_is_not_known_is_left_out_but_an_unknown_price_is_said() -> None:
    assert receipt_lines(Receipt(Side.CLAUDE)) == (("Answered by", "Claude"), ("Cost", "not known"))
    assert receipt_lines(Receipt(Side.LOCAL)) == (("Answered by", "Local"),)


def test_the_revision_stands_by_the_model_and_a_fault_where_the_end_would_be() -> None:
    receipt = Receipt(
        Side.LOCAL, "", "unreachable", "qwen\x1b[31m", "Q4_K_M", interrupted="The engine stopped"
    )
    assert dict(receipt_lines(receipt)) == {
        "Answered by": "Local",
        "Model": "qwen (Q4_K_M)",
        "Why": "Claude gave no reply: unreachable",
        "Ended": "interrupted: the engine stopped",
    }


def test_what_the_program_made_of_a_question_is_not_said() -> None:
    for reason in ("Forwarded", "Crisis"):
        receipt = Receipt(Side.CLAUDE, "Claude Sonnet 5.5", reason)
        assert dict(receipt_lines(receipt))["Why"] == "sent to Claude"


@pytest.mark.parametrize("stop_reason", list(StopReason))
def test_every_end_has_words(stop_reason: StopReason) -> None:
    ended = dict(receipt_lines(Receipt(Side.LOCAL, stop_reason=stop_reason)))["Ended"]
    assert ended
    assert ended != stop_reason.value
