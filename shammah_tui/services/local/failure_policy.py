"""Decides what follows a failed load or an engine that ended: a reason, and perhaps another try."""

import logging
import signal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from shammah_tui.core.errors import ShammahError
from shammah_tui.core.model.memory import CONTEXT_LENGTHS, need_bytes
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.protocol.engine_messages import EngineProblem, LoadFailed
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording import notices
from shammah_tui.core.wording.engine import EngineEnd, end_by_exit, end_by_hang, end_by_memory
from shammah_tui.ports import ChildExited, EngineLost

log = logging.getLogger(__name__)

QUIET_S = 600.0
"""An engine that ran this long before it ended is given its chances anew."""


@dataclass(frozen=True, slots=True)
class Setback:
    """Why a model is not loaded, and what is done about it.

    Attributes:
        end: The cause and the advice.
        retryable: Whether trying again can help without the user changing anything.
        again: What is loaded now without asking; None leaves it to the user.
    """

    end: EngineEnd
    retryable: bool = True
    again: ModelSpec | None = None

    @property
    def notice(self) -> str:
        """What the user is told where something is loaded without asking; else empty."""
        if self.again is None:
            return ""
        return f"{self.end.cause}. Loading {plain(self.again.label)}."


class FailurePolicy:
    """Remembers what went wrong; never tries the same thing twice in ``QUIET_S``.

    Attributes:
        less_on_card: Whether the graphics card had too little memory for what seemed to fit.
        careful: Whether an engine crashed, so that the next ones do without the layouts of weights
            that llama.cpp crashes with on some processors.
    """

    def __init__(self, offered: Sequence[ModelSpec], clock: Callable[[], float]) -> None:
        self._offered = offered
        self._clock = clock
        self._tried_s: dict[str, float] = {}
        self._memory = EngineEnd("")
        self.less_on_card = False
        self.careful = False

    def expect(self, need_bytes: int, free_bytes: int) -> None:
        """Note what a load that begins needs of memory, and what is free."""
        self._memory = end_by_memory(need_bytes, free_bytes)

    def forget(self) -> None:
        """Give every chance again: the user decided something."""
        self._tried_s.clear()
        self.less_on_card = False

    def after_failure(self, model: ModelSpec, failed: LoadFailed) -> Setback:
        match failed.problem:
            case EngineProblem.NO_DEVICE_MEMORY if not self.less_on_card:
                self.less_on_card = True
                return Setback(EngineEnd(notices.too_big_for_card(model.label)), again=model)
            case EngineProblem.NO_MEMORY | EngineProblem.NO_DEVICE_MEMORY:
                return self._recover(model, self._memory, out_of_memory=True)
            case _:
                retryable = failed.problem is not EngineProblem.UNSUPPORTED
                return Setback(EngineEnd(failed.cause, failed.advice), retryable)

    def after_end(self, model: ModelSpec, event: ChildExited | EngineLost) -> Setback:
        if isinstance(event, EngineLost):
            return Setback(EngineEnd(event.sentence))
        log.error("The engine exited with %d", event.returncode)
        if event.silence_s is not None:
            return self._recover(model, end_by_hang(event.silence_s), out_of_memory=False)
        if event.returncode == -signal.SIGKILL:
            return self._recover(model, self._memory, out_of_memory=True)
        self.careful = self.careful or event.returncode < 0
        return self._recover(model, end_by_exit(event.returncode), out_of_memory=False)

    def _recover(self, model: ModelSpec, end: EngineEnd, *, out_of_memory: bool) -> Setback:
        """Try the same model once more, then the next smaller one where memory was the cause."""
        tries = [model]
        if out_of_memory and (smaller := next_smaller(model, self._offered)) is not None:
            tries.append(smaller)
        now_s = self._clock()
        for each in tries:
            if now_s - self._tried_s.get(each.id, -QUIET_S) >= QUIET_S:
                self._tried_s[each.id] = now_s
                return Setback(end, again=each)
        return Setback(end)


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


def sentence_of(error: Exception) -> str:
    """Return what the user is told of an exception that came up while a model was brought up."""
    if isinstance(error, ShammahError):
        return str(error)
    return notices.inside(error)
