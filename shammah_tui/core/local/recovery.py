"""What to do after an engine ended by itself: the same again, a smaller one, or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from shammah_tui.core.local.engine_exit import exit_sentence
from shammah_tui.core.model.memory import CONTEXT_LENGTHS, need_bytes
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.text.units import format_size

QUIET_S = 600.0
"""An engine that ran this long before it ended is given its chances anew."""

SIGKILL = -9


@dataclass(frozen=True, slots=True)
class StartAgain:
    """Load this model: the same once more, or the next smaller one."""

    model: ModelSpec


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Leave it to the user: what could be tried has been tried."""


@dataclass
class Recovery:
    """Decides after each unexpected end; never tries the same thing twice in ``QUIET_S``.

    Attributes:
        tried: Ids that were started again, with the time of it, in seconds of any clock.
    """

    tried: dict[str, float] = field(default_factory=dict)

    def after(
        self, model: ModelSpec, *, out_of_memory: bool, offered: Iterable[ModelSpec], now_s: float
    ) -> StartAgain | GiveUp:
        """Return what to do now that the engine with ``model`` has ended.

        Args:
            model: What it held.
            out_of_memory: Whether memory was, or most likely was, the cause.
            offered: What there is to choose from.
            now_s: The time.
        """
        if not self._lately(model, now_s):
            self.tried[model.id] = now_s
            return StartAgain(model)
        smaller = next_smaller(model, offered) if out_of_memory else None
        if smaller is not None and not self._lately(smaller, now_s):
            self.tried[smaller.id] = now_s
            return StartAgain(smaller)
        return GiveUp()

    def forget(self) -> None:
        """The user decided something: every chance is there again."""
        self.tried.clear()

    def _lately(self, model: ModelSpec, now_s: float) -> bool:
        return now_s - self.tried.get(model.id, -QUIET_S) < QUIET_S


def next_smaller(model: ModelSpec, offered: Iterable[ModelSpec]) -> ModelSpec | None:
    """Return the model that needs the most memory below ``model``, of its family if there is one.

    None when there is no smaller one, or the need of ``model`` is not known.
    """
    need = need_bytes(model, CONTEXT_LENGTHS[0])
    if need is None:
        return None
    below = [
        (each.family == model.family, smaller, each)
        for each in offered
        if (smaller := need_bytes(each, CONTEXT_LENGTHS[0])) is not None and smaller < need
    ]
    return max(below, key=lambda one: one[:2])[2] if below else None


def memory_sentence(need_bytes: int, free_bytes: int) -> str:
    """Return one sentence about an engine that memory did not suffice for.

    Args:
        need_bytes: What it was expected to need.
        free_bytes: What was free when it was started.
    """
    if need_bytes <= free_bytes:
        return exit_sentence(SIGKILL)
    return (
        f"The model needs {format_size(need_bytes)} of memory, {format_size(free_bytes)} was "
        "free: close other programs, or choose a smaller one"
    )
