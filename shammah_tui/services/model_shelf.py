"""The models that can be chosen, with what a person wants to know before choosing."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from shammah_tui.core.model_choice import Choice, fit_model
from shammah_tui.core.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.speed import Pace, device_name, expected_devices, pace
from shammah_tui.core.units import format_size, format_sizes
from shammah_tui.ports import ModelSource, SpeedRecords
from shammah_tui.services.load_job import kv_type_for
from shammah_tui.services.local_side import LoadPlan, Snapshot
from shammah_tui.services.lora_shelf import LoraShelf


@dataclass(frozen=True, slots=True)
class ShelfEntry:
    """One model as the panel shows it.

    Attributes:
        model: Which.
        choice: How it would be loaded here, with the memory it needs and the memory it may take;
            None before the machine was looked at, and for a server's model.
        kept_bytes: Bytes of it on this disk.
        is_here: Whether all of it is.
        is_active: Whether it replies now.
        is_wanted: Whether it is what the generator's state speaks of.
        recommendation: Why it is recommended; empty when it is not.
        pace: How fast it generates here, measured or estimated; None while nothing tells.
    """

    model: ModelSpec
    choice: Choice | None
    kept_bytes: int
    is_here: bool
    is_active: bool
    is_wanted: bool
    recommendation: str
    pace: Pace | None = None

    @property
    def is_in_part(self) -> bool:
        """Whether some of it is on this disk, and not all."""
        return self.kept_bytes > 0 and not self.is_here

    def amount(self) -> str:
        """Return how much of a part is here: ``1.2/2.7 GB``, or ``1.2 GB`` of who knows."""
        size = self.model.size_bytes
        if size is None or size < self.kept_bytes:
            return format_size(self.kept_bytes)
        return format_sizes(self.kept_bytes, size)


class ModelShelf:
    """Looks up every offered model on the disk and against the memory of this machine.

    Args:
        plan: What is offered, and at which context.
        source: Where weights lie.
        snapshot: Returns the newest snapshot.
        speeds: What was measured; None where nothing is.
        loras: The adapters for these models; None where they are a server's.
    """

    def __init__(
        self,
        plan: LoadPlan,
        source: ModelSource,
        snapshot: Callable[[], Snapshot],
        speeds: SpeedRecords | None = None,
        loras: LoraShelf | None = None,
    ) -> None:
        self._plan = plan
        self._source = source
        self._snapshot = snapshot
        self._speeds = speeds
        self.loras = loras

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the models that are offered."""
        return tuple(model.id for model in self._plan.offered)

    def named(self, name: str) -> ModelSpec | None:
        """Return the model that is offered under a name; None when there is none."""
        wanted = name.strip().lower()
        return next((each for each in self._plan.offered if each.id.lower() == wanted), None)

    def entries(self) -> tuple[ShelfEntry, ...]:
        """Return all entries; reads the disk, so not for the screen's loop."""
        snapshot = self._snapshot()
        active = snapshot.active.model if snapshot.active is not None else None
        # A server's model has its name once the server was asked.
        models = [
            active if active is not None and active.id == model.id else model
            for model in self._plan.offered
        ]
        for model in (self._plan.wanted, active):
            if model is not None and all(model.id != known.id for known in models):
                models.insert(0, model)
        return tuple(self._entry(model, snapshot) for model in models)

    def _entry(self, model: ModelSpec, snapshot: Snapshot) -> ShelfEntry:
        path = self._source.find(model)
        kept = self._source.kept_bytes(model)
        size = model.size_bytes or (kept if path is not None else None)
        choice = None
        if snapshot.hardware is not None and model.host is None:
            sized = model if size is None else replace(model, files=(WeightsFile(model.id, size),))
            choice = fit_model(
                sized,
                snapshot.hardware,
                self._plan.device,
                self._plan.context_length,
                kv_type_for(self._plan),
            )
        recommended = snapshot.recommended
        wanted = getattr(snapshot.state, "model", None)
        return ShelfEntry(
            model=model,
            choice=choice,
            kept_bytes=kept,
            is_here=path is not None and model.host is None,
            is_active=snapshot.active is not None and snapshot.active.model.id == model.id,
            is_wanted=wanted is not None and wanted.id == model.id,
            recommendation=recommended.reason
            if recommended is not None and recommended.model.id == model.id
            else "",
            pace=self._pace(model, size, choice, snapshot),
        )

    def _pace(
        self, model: ModelSpec, size: int | None, choice: Choice | None, snapshot: Snapshot
    ) -> Pace | None:
        if self._speeds is None or snapshot.hardware is None or choice is None:
            return None
        ready = snapshot.active
        if ready is not None and ready.model.id == model.id:
            devices: tuple[str, ...] = (
                device_name(ready.device, ready.layers, ready.layers_total),
            )
        else:
            devices = expected_devices(choice, snapshot.hardware)
        return pace(model, size, devices, self._speeds.all())
