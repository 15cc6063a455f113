"""What the user reads when nobody replies: what is the matter, and what to do."""

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.local.generator import (
    DownloadCancelled,
    Downloading,
    Failed,
    GeneratorState,
    Initializing,
    LoadCancelled,
    Loading,
    NoEngine,
    NotAvailable,
    NotLoaded,
    Offline,
    Ready,
    TooLittleMemory,
    UnavailableReason,
)
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import format_percent, format_size
from shammah_tui.core.wording.claude_troubles import fact_and_advice
from shammah_tui.core.wording.status import StatusKeys

QUESTION_TOO_LONG = "the question is too long"
"""How the fact of a refusal begins where the conversation is nothing but its first question."""

_Trouble = tuple[str, str]
"""A fact that can follow ``because``, and an advice that can follow ``or``."""


def nobody_answers(
    local: BackendError | GeneratorState, claude: BackendError, keys: StatusKeys
) -> str:
    """Return the sentence for a question that neither side can reply to.

    Args:
        local: What the local side said, or its state when it could not be asked.
        claude: What Claude said, or why it could not be asked.
        keys: What the keys are called now.
    """
    local_fact, local_advice = _local(local, keys)
    claude_fact, claude_advice = fact_and_advice(claude)
    coming = isinstance(local, Initializing | Downloading | Loading)
    lead = "No model available yet" if coming else "No model available"
    advice = _capitalised(f"{local_advice}, or {claude_advice}")
    return f"{lead}: {local_fact} and {claude_fact}. {advice}."


def pinned_side_fails(side: Side, trouble: BackendError | GeneratorState, keys: StatusKeys) -> str:
    """Return the sentence for a question pinned to a side that gives no reply."""
    if side is Side.CLAUDE:
        assert isinstance(trouble, BackendError)
        fact, advice = fact_and_advice(trouble)
        return f"Claude cannot answer: {fact}. {_capitalised(advice)}, or ask the local model."
    fact, advice = _local(trouble, keys)
    return (
        f"The local model cannot answer: {fact}. Nothing was sent to Claude. "
        f"{_capitalised(advice)}, or remove @local to ask Claude."
    )


def private_fails(trouble: BackendError | GeneratorState, keys: StatusKeys) -> str:
    """Return the sentence for a question of a private conversation that gets no reply."""
    fact, advice = _local(trouble, keys)
    return (
        f"The local model cannot answer: {fact}. Nothing was sent to Claude: this conversation is "
        f"private. {_capitalised(advice)}, or start a new conversation."
    )


CONTRADICTION = "This message begins with @claude and @local: remove one of them."
STAYS_HERE = (
    "This question was sent with @local and stays on this machine: "
    "edit it and remove @local to ask Claude."
)


def empty_question(pin: Side | None) -> str:
    """Return the sentence for a message without text."""
    return f"Write a question after @{pin.value.lower()}." if pin else "Write a question first."


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _local(trouble: BackendError | GeneratorState, keys: StatusKeys) -> _Trouble:
    if isinstance(trouble, BackendError):
        return _engine(trouble)
    retry, models = plain(keys.retry), plain(keys.models)
    match trouble:
        case Initializing() | Ready():
            return "the local model is not ready", "wait for the model"
        case Downloading():
            share = trouble.fraction
            progress = "" if share is None else f" ({format_percent(share)})"
            return f"the model is still downloading{progress}", "wait for the model"
        case Loading():
            return "the model is loading", "wait for the model"
        case Failed():
            reason = plain(trouble.reason).rstrip(".")
            advice = f"press {retry} to retry" if trouble.retryable else _choose(models)
            return f"the local model failed ({reason})", advice
        case NotAvailable():
            return _unavailable(trouble.reason, retry, models)


def _unavailable(reason: UnavailableReason, retry: str, models: str) -> _Trouble:
    match reason:
        case Offline():
            return "no local model is on this machine", "go online to download one"
        case DownloadCancelled():
            return "the download is cancelled", f"press {retry} to resume it"
        case LoadCancelled():
            return "loading the model is cancelled", f"press {retry} to load it"
        case TooLittleMemory(needed_bytes, free_bytes):
            need = f"{format_size(needed_bytes)} needed, {format_size(free_bytes)} free"
            return f"there is too little memory for a local model ({need})", "close other programs"
        case NoEngine():
            return "llama.cpp is not installed", "install llama-cpp-python and start again"
        case NotLoaded():
            return "no model is loaded", f"press {models} to load one"


def _engine(error: BackendError) -> _Trouble:
    match error.problem:
        case BackendProblem.ENGINE_GONE:
            return "the local model stopped", "send it again when it has reloaded"
        case BackendProblem.CONTEXT_TOO_LONG:
            what, advice = "conversation", "start a new one"
            if error.fact.startswith(QUESTION_TOO_LONG):
                what, advice = "question", "shorten it"
            return f"the {what} is too long for the local model", advice
        case BackendProblem.NOT_READY:
            return "the local model is not ready", "wait for the model"
        case _:
            said = plain(str(error)).rstrip(".")
            return f"the local model failed ({said})", "send it again"


def _choose(models: str) -> str:
    return f"press {models} to choose another model"
