"""Who is asked: the local model, or Claude and why. Gates before guesses."""

from dataclasses import dataclass
from enum import StrEnum

from shammah_tui.core.crisis import is_crisis
from shammah_tui.core.pins import Side
from shammah_tui.core.scores import LengthScorer, Scorer
from shammah_tui.core.tokens import leaves_room


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
    """Claude is asked.

    Attributes:
        reason: Why.
        crisis: Whether the line with where to find help is to be shown.
    """

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
        """Return who is asked when the local model is ready.

        Args:
            query: The new message, without its pin.
            pin: The side that it is pinned to, if any.
            prompt_tokens: About how many tokens the whole conversation takes, this one included.
            context_length: Tokens of the local model's context; None when not known.
        """
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
        """Return who is asked.

        Args:
            query: The new message, without its pin.
            generator_is_ready: Whether a local model can reply now.
            pin: The side that it is pinned to, if any.
            is_expected: Whether one is on its way; asked only when none is ready.
            prompt_tokens: About how many tokens the whole conversation takes, this one included.
            context_length: Tokens of the local model's context; None when not known.
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
