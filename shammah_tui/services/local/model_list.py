"""Lists the models that can be chosen, with size, memory and speed of each."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.local.generator import Downloading, Snapshot
from shammah_tui.core.local.speed import device_name, expected_pace, pace
from shammah_tui.core.model.model_choice import Choice
from shammah_tui.core.model.model_ref import with_found_files
from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.model.reading_pace import Pace
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import format_size, format_sizes
from shammah_tui.core.wording import notices
from shammah_tui.ports import ModelSource, SpeedRecords
from shammah_tui.services.local.load_plan import LoadPlan, known_by_file
from shammah_tui.services.local.lora_list import LoraList


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One model as the panel shows it.

    Attributes:
        choice: How it would be loaded here, with the memory it needs and the memory it may take;
            None before the machine was looked at, and for a server's model.
        kept_bytes: Bytes of it on this disk.
        size_bytes: Bytes of the whole; None while nothing tells.
        path: The file to open, when all of it is here.
        is_wanted: Whether it is what the generator's state speaks of.
        recommendation: Why it is recommended; empty when it is not.
        pace: How fast it generates here, measured or estimated; None while nothing tells.
    """

    model: ModelSpec
    choice: Choice | None
    kept_bytes: int
    size_bytes: int | None
    path: Path | None
    is_here: bool
    is_active: bool
    is_wanted: bool
    recommendation: str
    pace: Pace | None = None

    @property
    def is_in_part(self) -> bool:
        return self.kept_bytes > 0 and not self.is_here

    @property
    def can_be_deleted(self) -> bool:
        """Whether it takes room that may be freed: a file that the user named stays theirs."""
        return self.kept_bytes > 0 and not self.is_active and self.model.local_path is None

    def amount(self) -> str:
        """Return how much of a part is here: ``1.2/2.7 GB``, or ``1.2 GB`` of an unknown size."""
        size = self.size_bytes
        if size is None or size < self.kept_bytes:
            return format_size(self.kept_bytes)
        return format_sizes(self.kept_bytes, size)


def _is_same(one: ListedModel, other: ListedModel) -> bool:
    """Return whether two entries are one model under two names."""
    if one.model.id == other.model.id:
        return True
    if one.path is not None or other.path is not None:
        return one.path == other.path
    repos = {(entry.model.repo or "").lower() for entry in (one, other)}
    # Of a name without its files, of which a part is here, the files are not known yet.
    unknown = not (one.model.files and other.model.files)
    same = unknown or one.model.files[0].name == other.model.files[0].name
    return len(repos) == 1 and bool(one.kept_bytes and other.kept_bytes) and same


@dataclass(eq=False)
class ModelList:
    """Lists the offered models and those on the disk, each against this machine's memory.

    Args:
        speeds: What was measured; None where nothing is.
        loras: The LoRAs for these models; None where they are a server's.
        on_disk: Returns every model on this disk, whichever program fetched it; reads the disk.
        parse: Returns the model that a name, an address or a path means.
    """

    _plan: LoadPlan
    _source: ModelSource
    _snapshot: Callable[[], Snapshot]
    _speeds: SpeedRecords | None = None
    loras: LoraList | None = None
    _on_disk: Callable[[], tuple[ModelSpec, ...]] = tuple
    _parse: Callable[[str], ModelSpec] | None = None
    _here: tuple[str, ...] = field(default=(), init=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the models that are offered, and of those on this disk once it was read."""
        offered = tuple(model.id for model in self._plan.offered)
        return offered + tuple(name for name in self._here if name not in offered)

    @property
    def is_read(self) -> bool:
        return bool(self._here)

    def named(self, name: str) -> ModelSpec | None:
        """Return the model that is offered under a name; None when there is none."""
        wanted = name.strip().lower()
        return next((each for each in self._plan.offered if each.id.lower() == wanted), None)

    def resolve(self, name: str) -> ModelSpec:
        """Return the model that ``name`` means, as the command line would take it.

        Looks at the disk, so not for the screen's loop.

        Raises:
            InvalidModelError: It means none.
            MissingFileError: It is a path without a file.
        """
        found = self.named(name)
        if found is None and self._parse is not None and not self._plan.is_served:
            found = self._parse(name)
            is_open = found.repo is not None and not found.files and found.quant is None
            found = replace(found, asks=is_open)
        if found is None:
            raise InvalidModelError(notices.no_such_model(plain(name)))
        return found

    def read(self) -> tuple[ModelSpec, ...]:
        """Return the models on this disk, and remember their names; reads the disk."""
        if self._plan.is_served:
            return ()
        found = self._on_disk()
        self._here = tuple(model.id for model in found)
        return found

    def entries(self) -> tuple[ListedModel, ...]:
        """Return all entries; reads the disk, so not for the screen's loop."""
        snapshot = self._snapshot()
        active = snapshot.active.model if snapshot.active is not None else None
        if active is not None and active.is_starter:
            # It is not the user's: neither chosen nor deleted here.
            active = None
        wanted = getattr(snapshot.state, "model", None)
        # More is known of these than when they were offered: a server's name, the files.
        newest = {model.id: model for model in (self._plan.wanted, wanted, active) if model}
        models = [newest.get(model.id, model) for model in self._plan.offered]
        first = [*snapshot.choices, *newest.values()]
        ids = {model.id for model in models}
        added = {model.id: model for model in first if model.id not in ids}
        lead = [self._entry(model, snapshot) for model in added.values()]
        offered = [self._entry(model, snapshot) for model in models]
        for model in self.read():
            entry = self._entry(model, snapshot)
            if not any(_is_same(entry, known) for known in (*lead, *offered)):
                lead.append(entry)
        return (*lead, *offered)

    def _entry(self, model: ModelSpec, snapshot: Snapshot) -> ListedModel:
        path = self._source.find(model)
        if path is not None:
            model = with_found_files(model, (path.name,))
        kept = self._source.kept_bytes(model)
        size = model.size_bytes or (kept if path is not None else None)
        state = snapshot.state
        wanted = getattr(state, "model", None)
        if size is None and isinstance(state, Downloading) and state.model.id == model.id:
            size = state.progress.total_bytes or None
        choice = None
        if snapshot.hardware is not None and model.host is None:
            sized = model if size is None else replace(model, files=(WeightsFile(model.id, size),))
            if path is not None:
                sized = known_by_file(model, path, kept)
            choice = self._plan.fit(sized, snapshot.hardware)
        recommended = snapshot.recommended
        return ListedModel(
            model=model,
            choice=choice,
            kept_bytes=kept,
            size_bytes=size,
            path=path,
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
        hardware = snapshot.hardware
        if self._speeds is None or hardware is None or choice is None:
            return None
        ready = snapshot.active
        if ready is not None and ready.model.id == model.id:
            device = device_name(ready.device, ready.layers, ready.layers_total)
            measured = pace(model, size, (device,), self._speeds.all())
            if measured is not None:
                return measured
        return expected_pace(choice, hardware, self._speeds.all())
