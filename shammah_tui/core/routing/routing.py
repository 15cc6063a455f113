"""The router: who answers a question, by hard facts first, then by a score."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.routing.context_window import leaves_room
from shammah_tui.core.routing.crisis import is_crisis

_HALF_SIZE = 1000
"""Size of a question, in characters, at which the confidence is one half."""
_LINE_SIZE = 40
"""Characters that one more line counts for."""
_LONGEST_WORD = 200
"""Characters without a space above which a piece of text is data rather than words."""


class Scorer(Protocol):
    """Judges a question before anybody is asked."""

    def score(self, query: str) -> float | None:
        """Return the confidence, from 0 to 1, that the local reply is good enough.

        None says that there is nothing in ``query`` to judge by.
        """
        ...


class LengthScorer:
    """Confidence that falls with the size of the question.

    On RouteLLM's published labels (MMLU and GSM8K; is the strong model's reply worth asking for,
    when the weak one is Mixtral 8x7B) the length of the prompt alone has an APGR of 0.585 and
    0.600 where chance has 0.5, eighteen keywords that sound hard 0.496 and 0.505, and a classifier
    on n-grams 0.551 on subjects that it has not seen. So this looks at size only: characters, and
    40 more for each line (0.613 instead of 0.610 on the part of MMLU at hand, no change on GSM8K).

    The confidence is ``1 / (1 + size / 1000)``: an order, not a measured probability. At a size of
    1000 it is one half; the 23 % of that MMLU above it hold 38 % of what the strong model gains,
    and there the weak one is right 59 times in 100 instead of 72.
    """

    def score(self, query: str) -> float | None:
        if not _has_words(query):
            return None
        size = len(query) + _LINE_SIZE * query.count("\n")
        return 1 / (1 + size / _HALF_SIZE)


def _has_words(query: str) -> bool:
    words = query.split()
    if not any(any(_speaks(each) for each in word) for word in words):
        return False
    # Base64, hexadecimal and the like: a long run of ASCII, and more of it than of anything else.
    data = sum(len(word) for word in words if len(word) > _LONGEST_WORD and word.isascii())
    return data * 2 <= sum(len(word) for word in words)


def _speaks(character: str) -> bool:
    """Return whether a character says something: letters, digits, and pictures such as emoji."""
    return character.isalnum() or unicodedata.category(character) == "So"


class ForwardReason(StrEnum):
    """Why a question goes to Claude; the names are those of the program's first version."""

    Crisis = "Crisis"
    """It speaks of self-harm, violence or abuse."""
    NoMatch = "NoMatch"
    """There is nothing in it that the scorer can judge: no words, or encoded data."""
    LowConfidence = "LowConfidence"
    """The score is below the threshold."""
    ModelNotReady = "ModelNotReady"
    """A local model is on its way."""
    NoLocalModel = "NoLocalModel"
    """There is none, and none is on its way."""
    ContextTooLong = "ContextTooLong"
    """The conversation leaves no room for a reply in the local model's context."""
    UserPinned = "UserPinned"
    """The message begins with ``@claude``."""


@dataclass(frozen=True, slots=True)
class Local:
    """The local model is asked.

    Attributes:
        confidence: The score, from 0 to 1; 1 when pinned.
        pinned: Whether the message begins with ``@local``: then nobody else may be asked.
        crisis: Whether the line with where to find help is to be shown.
    """

    confidence: float
    pinned: bool = False
    crisis: bool = False


@dataclass(frozen=True, slots=True)
class Forward:
    """Claude is asked; ``crisis`` is as in ``Local``."""

    reason: ForwardReason
    crisis: bool = False


RouteDecision = Local | Forward


class Router:
    """Decides from hard facts first, then from a score; local is the default.

    The order is: pin, crisis, no local model, not ready, context too long, score.

    ``@local`` gives ``Local(pinned=True)`` whatever else is true, also while no model is ready and
    in a crisis: whoever writes it may not want the text to leave the machine. Such a turn fails
    with a sentence rather than be forwarded. A crisis is marked on pinned decisions too, since the
    line with where to find help stays on this machine.

    Args:
        scorer: Judges the question.
        threshold: Confidence below which Claude is asked.
    """

    def __init__(self, scorer: Scorer | None = None, threshold: float = 0.5) -> None:
        self._scorer = LengthScorer() if scorer is None else scorer
        self._threshold = threshold

    def route(
        self,
        query: str,
        *,
        pin: Side | None = None,
        prompt_tokens: int = 0,
        context_length: int | None = None,
    ) -> RouteDecision:
        """Return who is asked when the local model is ready."""
        return self.route_with_generator_check(
            query, True, pin=pin, prompt_tokens=prompt_tokens, context_length=context_length
        )

    def route_with_generator_check(
        self,
        query: str,
        generator_is_ready: bool,
        *,
        pin: Side | None = None,
        is_expected: bool = True,
        prompt_tokens: int = 0,
        context_length: int | None = None,
    ) -> RouteDecision:
        """Return who is asked about a message without its pin.

        ``is_expected`` is whether a local model is on its way where none is ready;
        ``prompt_tokens`` are about what the whole conversation takes, this message included.
        """
        crisis = is_crisis(query)
        if pin is Side.LOCAL:
            return Local(1.0, pinned=True, crisis=crisis)
        if pin is Side.CLAUDE:
            return Forward(ForwardReason.UserPinned, crisis)
        if crisis:
            return Forward(ForwardReason.Crisis, crisis)
        if not generator_is_ready:
            reason = ForwardReason.ModelNotReady if is_expected else ForwardReason.NoLocalModel
            return Forward(reason)
        if context_length is not None and not leaves_room(prompt_tokens, context_length):
            return Forward(ForwardReason.ContextTooLong)
        confidence = self._scorer.score(query)
        if confidence is None:
            return Forward(ForwardReason.NoMatch)
        if confidence < self._threshold:
            return Forward(ForwardReason.LowConfidence)
        return Local(confidence)
