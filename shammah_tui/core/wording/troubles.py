"""Why a side gives no reply: one row of words for each problem and for each state.

The label of a reply, the sentence for a question that nobody answers, the header and the commands
take their words from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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
    NotAgreed,
    NotAvailable,
    NotLoaded,
    Offline,
    Ready,
    SeveralThere,
    TooLittleMemory,
    UnavailableReason,
)
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import format_percent, format_size

NO_KEY = "There is no key for Claude: set ANTHROPIC_API_KEY, or give one with /key in the chat"
GIVE_KEY = "give a key with /key"
_AGAIN, _SOON = "send it again", "send it again in a minute"
_WAIT = "wait for the model"


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of one problem or state.

    Attributes:
        label: In the label of the other side's reply.
        fact: What can follow ``because``.
        advice: What can follow ``or``; has ``{retry}`` and ``{models}`` for names of keys.
        header: Of a state in which there is no model: how the header begins.
        command: Of a state: the sentence of ``shammah ask``.
    """

    label: str
    fact: str
    advice: str
    header: str = ""
    command: str = "The local model is not ready: ask again in a minute"


_NO_CLAUDE = Words("Claude not available", "Claude is not available", _AGAIN)
_CLAUDE: Mapping[BackendProblem, Words] = {
    BackendProblem.NO_KEY: Words("no Claude key", "ANTHROPIC_API_KEY is not set", GIVE_KEY),
    BackendProblem.BAD_KEY: Words(
        "Claude refused the key", "Claude refused the key", "give another key with /key"
    ),
    BackendProblem.UNREACHABLE: Words(
        "Claude unreachable", "Claude cannot be reached", "check the network and send it again"
    ),
    BackendProblem.OVERLOADED: Words("Claude overloaded", "Claude is overloaded", _SOON),
    BackendProblem.RATE_LIMITED: Words(
        "Claude's rate limit reached", "Claude's rate limit is reached", _SOON
    ),
    BackendProblem.SERVER_ERROR: Words("Claude had an error", "Claude had an error", _SOON),
    BackendProblem.REFUSED: Words("Claude refused the request", "Claude is not available", _AGAIN),
    BackendProblem.CONTEXT_TOO_LONG: Words(
        "conversation too long for Claude",
        "the conversation is too long for Claude",
        "start a new one",
    ),
    BackendProblem.STAYS_HERE: Words(
        "Claude not available",
        "the reply so far stays on this machine",
        "ask the question again",
    ),
}
_LOCAL: Mapping[BackendProblem, Words] = {
    BackendProblem.ENGINE_GONE: Words(
        "local engine stopped", "the local model stopped", "send it again when it has reloaded"
    ),
    BackendProblem.CONTEXT_TOO_LONG: Words(
        "conversation too long for the local model",
        "the conversation is too long for the local model",
        "start a new one",
    ),
    BackendProblem.NOT_READY: Words("", "the local model is not ready", _WAIT),
    BackendProblem.UNREACHABLE: Words("local engine unreachable", "", _AGAIN),
}
_LOCAL_FAILED = Words("local engine failed", "", _AGAIN)


def claude_label(problem: BackendProblem) -> str:
    """Return why Claude did not reply, for the label of the local side's reply."""
    return _CLAUDE.get(problem, _NO_CLAUDE).label


def local_label(problem: BackendProblem, state: GeneratorState) -> str:
    """Return why the local side did not reply, for the label of Claude's reply."""
    if problem is BackendProblem.NOT_READY:
        return state_words(state).label
    return _LOCAL.get(problem, _LOCAL_FAILED).label


def claude_trouble(problem: BackendProblem, fact: str = "", advice: str = "") -> BackendError:
    """Return the error for a kind of trouble, where more is known in words of its own."""
    usual = _CLAUDE.get(problem, _NO_CLAUDE)
    return BackendError(problem, fact or usual.fact, advice or usual.advice)


def claude_words(error: BackendError) -> tuple[str, str]:
    """Return why Claude does not reply: what can follow ``because``, and what can follow ``or``."""
    if error.advice:
        return plain(error.fact), plain(error.advice)
    said = plain(str(error)).rstrip(".")
    match error.problem:
        case BackendProblem.REFUSED:
            # What was wrong with the request only Claude's own words can tell.
            return f"Claude refused the request ({said})", "correct that and send it again"
        case BackendProblem.ENGINE_GONE | BackendProblem.NOT_READY:
            return f"{_NO_CLAUDE.fact} ({said})", _NO_CLAUDE.advice
        case _:
            usual = _CLAUDE[error.problem]
            return usual.fact, usual.advice


_QUESTION_TOO_LONG = ("the question is too long for the local model", "shorten it")


def question_too_long(error: BackendError) -> BackendError:
    """Return the error for a conversation that is too long, but nothing but its first question."""
    return BackendError(
        error.problem,
        *_QUESTION_TOO_LONG,
        context_length=error.context_length,
        prompt_tokens=error.prompt_tokens,
        is_question=True,
    )


def local_words(error: BackendError) -> tuple[str, str]:
    """Return why the local side does not reply; as ``claude_words``."""
    if error.is_question:
        return _QUESTION_TOO_LONG
    usual = _LOCAL.get(error.problem, _LOCAL_FAILED)
    said = plain(str(error)).rstrip(".")
    return usual.fact or f"the local model failed ({said})", usual.advice


def state_words(state: GeneratorState) -> Words:
    """Return why there is no reply in this state of the local model."""
    match state:
        case Initializing():
            fact, command = "the local model is not ready", _NOT_LOADED_COMMAND
            return Words("model not ready yet", fact, _WAIT, command=command)
        case Ready():
            return Words("model not ready yet", "the local model is not ready", _WAIT)
        case Downloading():
            share = "" if state.fraction is None else f" ({format_percent(state.fraction)})"
            label, fact = "model still downloading", "the model is still downloading"
            return Words(label + share, fact + share, _WAIT)
        case Loading(model):
            command = f"{model.label} is not loaded yet: ask again in a minute"
            return Words("model loading", "the model is loading", _WAIT, command=command)
        case Failed():
            fact = f"the local model failed ({plain(state.reason).rstrip('.')})"
            choose = "press {models} to choose another model"
            advice = "press {retry} to retry" if state.retryable else choose
            return Words("local model failed", fact, advice, command=state.reason)
        case NotAvailable(reason):
            return _unavailable(reason)


_NOT_LOADED_COMMAND = "No local model is loaded: --local loads one that is on this machine"


def _unavailable(reason: UnavailableReason) -> Words:
    match reason:
        case Offline():
            fact, advice = "no local model is on this machine", "go online to download one"
            return Words("no local model", fact, advice, "⚠ Offline")
        case DownloadCancelled():
            fact, advice = "the download is cancelled", "press {retry} to resume it"
            return Words("download cancelled", fact, advice, "Cancelled")
        case LoadCancelled():
            fact, advice = "loading the model is cancelled", "press {retry} to load it"
            return Words("loading cancelled", fact, advice, "Cancelled")
        case TooLittleMemory(needed_bytes, free_bytes):
            needed, free = format_size(needed_bytes), format_size(free_bytes)
            too_little = "too little memory for a local model"
            return Words(
                "no local model",
                f"there is {too_little} ({needed} needed, {free} free)",
                "close other programs",
                f"⚠ {too_little.capitalize()}",
                f"The local model needs {needed} of memory, {free} is free: close other programs, "
                "or name a smaller one with --model",
            )
        case NoEngine():
            fact = "llama.cpp is not installed"
            return Words(
                "no local model",
                fact,
                "install llama-cpp-python and start again",
                f"⚠ {fact}",
                f"{fact}: pip install llama-cpp-python",
            )
        case NotAgreed():
            return Words(
                "no local model",
                "no local model is downloaded",
                "press {retry} to download one",
                "Not downloaded",
                "No local model is on this machine: `shammah models pull` downloads one",
            )
        case SeveralThere(repo, count):
            several = f"{plain(repo)} has {count} models to choose from"
            choose = "press {models} to choose one"
            return Words("no model chosen", several, choose, "Choose a model", several)
        case NotLoaded():
            return Words(
                "no model loaded; --local uses yours",
                "no model is loaded",
                "press {models} to load one",
                "No model is loaded",
                _NOT_LOADED_COMMAND,
            )


def absence_sentence(state: GeneratorState, named: str, smallest: str) -> str:
    """Return what ``shammah ask`` says where the local model cannot reply.

    ``named`` is the model of the command line. Where it is empty, ``smallest`` is offered: nobody
    knows what suits a machine that was not looked at.
    """
    if not isinstance(state, NotAvailable) or not isinstance(state.reason, Offline):
        return state_words(state).command
    found, what = (f"{named} is not", "it") if named else ("No local model is", "one")
    return f"{found} on this machine: `shammah models pull {named or smallest}` downloads {what}"
