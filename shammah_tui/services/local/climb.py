"""Keeps track of the ladder: which model comes next, and which ones ran on the way."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from shammah_tui.core.local.ladder import first_rung, next_rung
from shammah_tui.core.local.speed import SpeedRecord
from shammah_tui.core.model.hardware import Hardware
from shammah_tui.core.model.model_choice import Choice, NothingFits
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.services.local.load_plan import LoadPlan


class Climb:
    """Goes on until the top, unless it is stopped; what ran before is there to fall back on.

    Args:
        plan: What is offered, and whether the ladder is wanted.
        has_key: Returns whether a Claude key is set now.

    Attributes:
        is_on: Whether a further rung may come by itself.
    """

    def __init__(self, plan: LoadPlan, has_key: Callable[[], bool]) -> None:
        self._plan = plan
        self._has_key = has_key
        self._is_ours = False
        self._ran: list[ModelSpec] = []
        self.is_on = False

    def first(
        self,
        goal: Choice,
        hardware: Hardware,
        records: Collection[SpeedRecord],
        here: Collection[str],
    ) -> ModelSpec:
        """Begin, and return what is brought up first where ``goal`` suits this machine."""
        self._is_ours = self.is_on = self._plan.climbs(has_key=self._has_key())
        if not self.is_on:
            return goal.model

        def recommend(models: tuple[ModelSpec, ...]) -> Choice | NothingFits:
            return replace(self._plan, offered=models).recommend(hardware, records, here)

        return first_rung(goal, self._plan.offered, here, recommend)

    def next(self, present: ModelSpec, recommended: Choice | None) -> ModelSpec | None:
        """Return what follows ``present``; None at the top, and where the climb has ended."""
        if not self.is_on or not self._plan.climbs(has_key=self._has_key()):
            return None
        return next_rung(present, recommended)

    def reached(self, model: ModelSpec) -> None:
        """Note that a model replies; one that was named is nothing to fall back on."""
        if self._is_ours:
            self._ran = [*(each for each in self._ran if each.id != model.id), model]

    def stop(self) -> None:
        """Stay where it is, until it goes on."""
        self.is_on = False

    def go_on(self) -> None:
        self.is_on = self._is_ours

    def end(self) -> None:
        """The user chose: nothing more comes by itself."""
        self._is_ours = self.is_on = False

    def below(self, failed: Iterable[str]) -> tuple[ModelSpec, ...]:
        """Return what ran on the way, save what failed by its id: the last one first."""
        return tuple(model for model in reversed(self._ran) if model.id not in failed)
