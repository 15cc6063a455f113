"""The line by each reply that says who gave it and why, from what really happened."""

import re
from dataclasses import dataclass

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.reply import Usage
from shammah_tui.core.errors import BackendProblem
from shammah_tui.core.local.generator import GeneratorState
from shammah_tui.core.routing.routing import Forward, ForwardReason, Local, RouteDecision
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import format_tokens
from shammah_tui.core.wording.troubles import claude_label, local_label, state_words

SHOWN_REREAD = 100
"""Tokens: fewer cost no time that anybody notices."""

_CLAUDE_ID = re.compile(r"(?:^|[./])claude-([a-z0-9.-]+)")
"""At the start, or after a provider's name; its version, such as ``@20250805``, is left out."""
_DATE = re.compile(r"20\d{6}|v\d+")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")


@dataclass(frozen=True, slots=True)
class ReplyOrigin:
    """Where a reply comes from.

    Attributes:
        side: Who gives it.
        decision: What the router decided before anybody was asked.
        generator: The local model's state when that was decided.
        model: The model's name: of the local one, for people; of Claude's, its id.
        other_problem: Why the side that the router chose gave nothing, so that ``side`` took
            over; None when ``side`` is the one chosen.
        usage: Tokens and pace, once the reply is over.
        left_out: How many of the oldest messages it was not shown, since they did not fit.
        revision: Which revision of the local model it is; empty when not known.
        is_private: Whether the conversation is one that nobody else may be asked about.
        kept_here: How many messages Claude was not sent, since they stay on this machine.
        stays_here: Whether the reply stays on this machine, too, as what it was told does.
        is_starter: Whether the local model is the starter, which replies until a better is ready.
    """

    side: Side
    decision: RouteDecision
    generator: GeneratorState
    model: str = ""
    other_problem: BackendProblem | None = None
    usage: Usage | None = None
    left_out: int = 0
    revision: str = ""
    is_private: bool = False
    kept_here: int = 0
    stays_here: bool = False
    is_starter: bool = False


def reply_label(origin: ReplyOrigin) -> str:
    """Return the label: who, then why, such as ``Claude Sonnet 5.5 · long question``.

    It begins with ``Claude`` or ``Local``.
    """
    reread = 0 if origin.usage is None else origin.usage.reread_tokens or 0
    again = (f"read {format_tokens(reread)} tokens again",) if reread >= SHOWN_REREAD else ()
    left_out = (f"without the first {origin.left_out} messages",) if origin.left_out else ()
    kept_here = (without_kept_here(origin.kept_here),) if origin.kept_here else ()
    who = claude_name(origin.model) if origin.side is Side.CLAUDE else origin.side.value
    return " · ".join((who, *_why(origin), *again, *left_out, *kept_here))


def asking_label(broken: str) -> str:
    return f"{broken} · interrupted · asking Claude"


def claude_name(model: str) -> str:
    """Return Claude's name for people: ``Claude Sonnet 5.5`` of ``claude-sonnet-5-5``.

    Dates, ``latest`` and what other providers of the API put around the id are left out. An id
    that is not Claude's stands in brackets; of none the name is ``Claude``.
    """
    model = plain(model)
    found = _CLAUDE_ID.search(model.lower())
    words = [] if found is None else found[1].split("-")
    parts: list[str] = []
    for word in words:
        if not word or word == "latest" or _DATE.fullmatch(word):
            continue
        if _NUMBER.fullmatch(word) and parts and parts[-1].replace(".", "").isdecimal():
            parts[-1] += f".{word}"
        else:
            parts.append(word if _NUMBER.fullmatch(word) else word.capitalize())
    if parts or not model or found is not None:
        return " ".join((Side.CLAUDE.value, *parts))
    return f"{Side.CLAUDE.value} ({model})"


def without_kept_here(count: int) -> str:
    messages = "1 message that stays" if count == 1 else f"{count} messages that stay"
    return f"without {messages} here"


def format_pace(tokens_per_s: float) -> str:
    digits = 0 if tokens_per_s >= 9.95 else 1
    return f"{tokens_per_s:.{digits}f} tok/s"


def _why(origin: ReplyOrigin) -> tuple[str, ...]:
    pace = None if origin.usage is None else origin.usage.tokens_per_s
    named = (plain(origin.model), *(() if pace is None else (format_pace(pace),)))
    if origin.side is Side.LOCAL and origin.other_problem is not None:
        if origin.is_starter and origin.other_problem is BackendProblem.NO_KEY:
            # Nothing went wrong: it is what there is to answer.
            return named
        return (*named[: int(origin.is_starter)], claude_label(origin.other_problem))
    if origin.side is Side.CLAUDE and origin.other_problem is not None:
        return (local_label(origin.other_problem, origin.generator),)
    match origin.decision:
        case Forward(reason):
            why = _forward_reason(reason, origin.generator)
            return (why,) if why else ()
        case Local(_, pinned):
            asked = ("private" if origin.is_private else "you asked",) if pinned else ()
            return (*asked, *named)


def _forward_reason(reason: ForwardReason, generator: GeneratorState) -> str:
    match reason:
        case ForwardReason.Crisis:
            # Nobody wants to read over a reply what the program made of the question.
            return ""
        case ForwardReason.NoMatch:
            return "no words in the question"
        case ForwardReason.LowConfidence:
            return "long question"
        case ForwardReason.ModelNotReady | ForwardReason.NoLocalModel:
            return state_words(generator).label
        case ForwardReason.ContextTooLong:
            return "conversation too long for the local model"
        case ForwardReason.UserPinned:
            return "you asked"
