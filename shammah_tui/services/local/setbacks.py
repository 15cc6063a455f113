"""What comes of loads that fail and of engines that end: a reason, and perhaps another try."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shammah_tui.core.errors import ShammahError
from shammah_tui.core.local.engine_exit import exit_sentence
from shammah_tui.core.local.recovery import SIGKILL, Recovery, StartAgain, memory_sentence
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.protocol.engine_messages import EngineProblem
from shammah_tui.core.text.plain_text import plain
from shammah_tui.ports import ChildExited, EngineLost

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Setback:
    """What is told, and done.

    Attributes:
        sentence: Why it did not work, for the screen.
        retryable: Whether trying again can help without the user changing anything.
        again: What is loaded now without asking; None leaves it to the user.
        cause: The part of ``sentence`` that is no advice; empty where all of it is none.
    """

    sentence: str
    retryable: bool = True
    again: ModelSpec | None = None
    cause: str = ""

    @property
    def notice(self) -> str:
        """What is told where something is loaded without asking: why, and what; else empty."""
        if self.again is None:
            return ""
        return f"{self.cause or self.sentence}. Loading {plain(self.again.label)}."


class Setbacks:
    """Remembers what went wrong, so that nothing is tried twice in the same way.

    Args:
        offered: The models to choose a smaller one from.
        clock: Seconds, for telling a loop of failures.

    Attributes:
        less_on_card: Whether the graphics card had too little memory for what seemed to fit.
        careful: Whether an engine crashed, so that the next ones do without the layouts of weights
            that llama.cpp crashes with on some processors.
    """

    def __init__(self, offered: Sequence[ModelSpec], clock: Callable[[], float]) -> None:
        self._offered = offered
        self._clock = clock
        self._recovery = Recovery()
        self._memory_sentence = ""
        self.less_on_card = False
        self.careful = False

    def expect(self, need_bytes: int, free_bytes: int) -> None:
        """A load begins that needs so much memory, of so much that is free."""
        self._memory_sentence = memory_sentence(need_bytes, free_bytes)

    def forget(self) -> None:
        """The user decided something: every chance is there again."""
        self._recovery.forget()
        self.less_on_card = False

    def after_failure(self, model: ModelSpec, problem: EngineProblem, sentence: str) -> Setback:
        """Return what to do about a load that ended in ``LoadFailed``."""
        match problem:
            case EngineProblem.NO_DEVICE_MEMORY if not self.less_on_card:
                self.less_on_card = True
                why = f"{model.label} does not fit into the graphics card's memory"
                return Setback(f"{why}: loading less of it there", again=model)
            case EngineProblem.NO_MEMORY | EngineProblem.NO_DEVICE_MEMORY:
                return self._recover(model, self._memory_sentence, out_of_memory=True)
            case _:
                return Setback(sentence, retryable=problem is not EngineProblem.UNSUPPORTED)

    def after_end(self, model: ModelSpec, event: ChildExited | EngineLost) -> Setback:
        """Return what to do about an engine that is gone."""
        if isinstance(event, EngineLost):
            return Setback(event.sentence)
        log.error("The engine exited with %d", event.returncode)
        if event.sentence:
            return self._recover(model, event.sentence, out_of_memory=False)
        if event.returncode == SIGKILL:
            return self._recover(model, self._memory_sentence, out_of_memory=True)
        self.careful = self.careful or event.returncode < 0
        return self._recover(model, exit_sentence(event.returncode), out_of_memory=False)

    def _recover(self, model: ModelSpec, sentence: str, *, out_of_memory: bool) -> Setback:
        todo = self._recovery.after(
            model, out_of_memory=out_of_memory, offered=self._offered, now_s=self._clock()
        )
        # What to do is up to the user only where nothing is done without asking.
        cause = sentence.partition(": ")[0].rstrip(".")
        return Setback(
            sentence, again=todo.model if isinstance(todo, StartAgain) else None, cause=cause
        )


def sentence_of(error: Exception) -> str:
    """Return what is told of an exception that came up while a model was brought up."""
    if isinstance(error, ShammahError):
        return str(error)
    return f"Something went wrong inside ({type(error).__name__}); the log file says more"
