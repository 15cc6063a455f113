"""A reply's receipt in words: who gave it, why, and what it took."""

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.prices import format_usd
from shammah_tui.core.conversation.records import PINNED, SENT_ON, Receipt
from shammah_tui.core.conversation.reply import Usage
from shammah_tui.core.errors import BackendProblem
from shammah_tui.core.model.model_spec import shown_revision
from shammah_tui.core.routing.routing import ForwardReason
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording.ending import after_colon, ending_word
from shammah_tui.core.wording.labels import format_pace

_WHY = {
    "Default": "the local model is the default",
    PINNED: "you chose it",
    SENT_ON: "sent to Claude",
    ForwardReason.Crisis.value: "sent to Claude",
    ForwardReason.NoMatch.value: "no words in the question, sent to Claude",
    ForwardReason.LowConfidence.value: "long question, sent to Claude",
    ForwardReason.ModelNotReady.value: "the local model was not ready yet",
    ForwardReason.NoLocalModel.value: "there was no local model",
    ForwardReason.ContextTooLong.value: "the conversation was too long for the local model",
    ForwardReason.UserPinned.value: "you chose it",
}


def receipt_lines(receipt: Receipt) -> tuple[tuple[str, str], ...]:
    """Return the lines of a receipt, each as a name and a value; what is not known is left out."""
    model = plain(receipt.model)
    if receipt.revision and receipt.revision != receipt.model:
        revision = plain(shown_revision(receipt.revision))
        model = f"{model} ({revision})" if model else revision
    lines = (
        ("Answered by", "Claude" if receipt.side is Side.CLAUDE else "Local"),
        ("Model", model),
        ("Why", _why(receipt)),
        ("Kept here", _kept_here(receipt.kept_here)),
        ("Tokens", _tokens(receipt.usage)),
        ("First token", _first_token(receipt.usage)),
        ("Speed", _pace(receipt.usage)),
        ("Cost", _cost(receipt)),
        ("Ended", _ended(receipt)),
    )
    return tuple((name, value) for name, value in lines if value)


def _why(receipt: Receipt) -> str:
    if receipt.reason in _WHY:
        return _WHY[receipt.reason]
    if receipt.reason in {problem.value for problem in BackendProblem}:
        other = "Claude" if receipt.side is Side.LOCAL else "the local model"
        return f"{other} gave no reply: {receipt.reason}"
    return plain(receipt.reason)


def _tokens(usage: Usage) -> str:
    about = "about " if usage.is_estimated else ""
    counts = (
        (usage.prompt_tokens, "", "in"),
        (usage.reply_tokens, about, "out"),
        (usage.reread_tokens or None, "", "read again"),
    )
    return ", ".join(f"{how}{count:,} {way}" for count, how, way in counts if count is not None)


def _kept_here(count: int) -> str:
    if not count:
        return ""
    messages = "1 message that stays" if count == 1 else f"{count} messages that stay"
    return f"{messages} on this machine, not sent to Claude"


def _first_token(usage: Usage) -> str:
    seconds = usage.first_token_s
    return "" if seconds is None else f"after {seconds:.2f} s"


def _pace(usage: Usage) -> str:
    return "" if usage.tokens_per_s is None else format_pace(usage.tokens_per_s)


def _cost(receipt: Receipt) -> str:
    if receipt.cost_microusd is not None:
        about = "about " if receipt.usage.is_estimated else ""
        return about + format_usd(receipt.cost_microusd)
    return "not known" if receipt.side is Side.CLAUDE else ""


def _ended(receipt: Receipt) -> str:
    if receipt.interrupted:
        return f"interrupted: {after_colon(plain(receipt.interrupted))}"
    return "" if receipt.stop_reason is None else ending_word(receipt.stop_reason)
