"""Who answers a question that is asked now; and what the user reads when nobody replies."""

from dataclasses import dataclass

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.errors import BackendError
from shammah_tui.core.local.generator import (
    Downloading,
    GeneratorState,
    Initializing,
    Loading,
    NotAgreed,
    Ready,
    open_offer,
)
from shammah_tui.core.model.model_choice import Choice
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.text.plain_text import plain, truncate
from shammah_tui.core.text.units import format_size
from shammah_tui.core.wording.status import StatusKeys
from shammah_tui.core.wording.troubles import claude_words, local_words, state_words


def nobody_answers(
    local: BackendError | GeneratorState, claude: BackendError, keys: StatusKeys
) -> str:
    """Return the sentence for a question that neither side can reply to.

    ``local`` is the local side's state where it could not be asked.
    """
    local_fact, local_advice = _local(local, keys)
    claude_fact, claude_advice = claude_words(claude)
    coming = isinstance(local, Initializing | Downloading | Loading)
    lead = "No model available yet" if coming else "No model available"
    advice = _capitalised(f"{local_advice}, or {claude_advice}")
    return f"{lead}: {local_fact} and {claude_fact}. {advice}."


def pinned_side_fails(side: Side, trouble: BackendError | GeneratorState, keys: StatusKeys) -> str:
    if side is Side.CLAUDE:
        assert isinstance(trouble, BackendError)
        fact, advice = claude_words(trouble)
        return f"Claude cannot answer: {fact}. {_capitalised(advice)}, or ask the local model."
    fact, advice = _local(trouble, keys)
    return (
        f"The local model cannot answer: {fact}. Nothing was sent to Claude. "
        f"{_capitalised(advice)}, or remove @local to ask Claude."
    )


def private_fails(trouble: BackendError | GeneratorState, keys: StatusKeys) -> str:
    fact, advice = _local(trouble, keys)
    return (
        f"The local model cannot answer: {fact}. Nothing was sent to Claude: this conversation is "
        f"private. {_capitalised(advice)}, or start a new conversation."
    )


HELP_LINE = (
    "You are not alone. If you or someone is in danger, call your local emergency number; to talk "
    "to someone now: 988 (US, Canada), 116 123 (UK, Ireland, much of Europe), findahelpline.com."
)
"""Shown with such a message whoever answers, and also when no one can."""
PRIVATE = "Claude is not available in a private conversation: start a normal one with Ctrl+N"
ENDED_EARLY = "The reply ended early: send it again"
NO_QUESTION = "Write a question first"
CONTRADICTION = "This message begins with @claude and @local: remove one of them."
STAYS_HERE = (
    "This question was sent with @local and stays on this machine: "
    "edit it and remove @local to ask Claude."
)


def empty_question(pin: Side | None) -> str:
    return f"Write a question after @{pin.value.lower()}." if pin else f"{NO_QUESTION}."


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _local(trouble: BackendError | GeneratorState, keys: StatusKeys) -> tuple[str, str]:
    """Return a fact that can follow ``because``, and an advice that can follow ``or``."""
    if isinstance(trouble, BackendError):
        return local_words(trouble)
    words = state_words(trouble)
    return words.fact, words.advice.format(retry=plain(keys.retry), models=plain(keys.models))


_STARTER_CELLS = 20
"""Of a model's name in the starter's line, which is one in a window of 80 columns."""


def starter_note(state: GeneratorState, keys: StatusKeys, *, claude_available: bool) -> str:
    """Return the line above the starter's first reply: what it is, and what will replace it."""
    if isinstance(state, Initializing | Downloading | Loading):
        name = "a better one" if state.model is None else plain(state.model.label)
        after = f": {truncate(name, _STARTER_CELLS)} takes over when ready."
    else:
        key = "" if claude_available else " or /key"
        after = f". For a better one: {plain(keys.models)}{key}."
    return f"A very small model, often wrong{after}"


_NAME_CELLS = 32
"""A model's name is cut to this many cells: in a window of 80 columns there are two lines."""


def who_answers(
    state: GeneratorState, active: Ready | None, *, claude_available: bool, models_key: str
) -> str | None:
    """Return the sentences; empty while a model is on its way: then it may yet answer.

    None while a download is offered: ``offer_words`` has them then.

    ``active`` is the one that answers while another comes, too; None where none does.
    """
    if open_offer(state) is not None:
        return None
    if active is not None and active.model.is_starter:
        if not claude_available:
            name = truncate(plain(active.model.label), _NAME_CELLS)
            if isinstance(state, Initializing | Downloading | Loading):
                return f"{name} answers on this machine until a better model is ready."
            better = f"{plain(models_key)} lists better models; /key takes a key for Claude."
            return f"{name} answers on this machine. {better}"
    elif active is not None:
        name = truncate(plain(active.model.label), _NAME_CELLS)
        where = " on this machine" if active.device else ""
        if claude_available:
            also = "Claude answers what is too long for it"
            return f"{name} answers{where}; {also}. Each reply says who answered."
        also = "To use Claude as well, give a key with /key or set ANTHROPIC_API_KEY."
        return f"{name} answers{where}. {also}"
    if isinstance(state, Initializing | Downloading | Loading):
        return ""
    choose = f"{plain(models_key)} lists the models"
    if claude_available:
        return f"Claude answers: no model is ready on this machine. {choose}."
    return (
        f"No model available: none is ready on this machine ({choose}), "
        "and ANTHROPIC_API_KEY is not set: /key takes a key for Claude."
    )


@dataclass(frozen=True, slots=True)
class OfferWords:
    """What is said where a download is offered, a paragraph each.

    Attributes:
        who: Who answers now.
        what: What would be downloaded: which model, how large, its licence, where to, and why.
        key: How to give a key for Claude; empty where there is one.
        answers: The keys that answer.
        short: ``what`` where there is room for a line.
    """

    who: str
    what: str
    key: str
    answers: str
    short: str


def offer_words(
    offer: NotAgreed,
    active: Ready | None,
    recommended: Choice | None,
    keys: StatusKeys,
    *,
    claude_available: bool,
    is_private: bool,
) -> OfferWords:
    """Return the words for an offer; ``active`` and ``recommended`` as in a snapshot."""
    first, goal = offer.model, offer.goal
    then = "" if goal is None else f", then a larger one, at most {_sized(goal)}"
    reason = ""
    if recommended is not None and recommended.model.id == (goal or first).id:
        reason = f" {plain(recommended.reason)}."
    send, models = plain(keys.send), plain(keys.models)
    end = "To answer on this machine" if active is None else "For better replies on this machine"
    return OfferWords(
        who=_who_answers_now(active, claude_available=claude_available, is_private=is_private),
        what=(
            f"{end}, {_sized(first, first.licence)} would be downloaded to "
            f"{plain(offer.folder)}{then}.{reason}"
        ),
        key="" if claude_available else "To have Claude answer, give a key with /key.",
        answers=f"{send} downloads it · {models} another · n and {send}: not now",
        short=f"Download {_sized(first)}{then}?",
    )


def _sized(model: ModelSpec, licence: str = "") -> str:
    size = "" if model.size_bytes is None else format_size(model.size_bytes)
    more = ", ".join(each for each in (size, plain(licence)) if each)
    return truncate(plain(model.label), _NAME_CELLS) + (f" ({more})" if more else "")


def _who_answers_now(active: Ready | None, *, claude_available: bool, is_private: bool) -> str:
    by_claude = claude_available and not is_private
    if by_claude and (active is None or active.model.is_starter):
        return "Claude answers now."
    if active is not None:
        return f"{truncate(plain(active.model.label), _NAME_CELLS)} answers on this machine."
    if is_private:
        return "Nobody can answer yet in a private conversation: no model is on this machine."
    return "Nobody can answer yet: no model is on this machine, no Claude key is set."
