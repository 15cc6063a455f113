"""Decides how a model is loaded on this machine, and makes the command for the engine."""

import mmap
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from shammah_tui.core.errors import ShammahError
from shammah_tui.core.local.speed import SpeedRecord, expected_pace, tells_of_cpu
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.gguf_header import Shape, shape
from shammah_tui.core.model.hardware import Hardware
from shammah_tui.core.model.model_choice import (
    Choice,
    NothingFits,
    Quickness,
    choose_model,
    fit_model,
)
from shammah_tui.core.model.model_spec import (
    DevicePreference,
    FlashAttention,
    KvType,
    Ladder,
    Lora,
    ModelSpec,
    WeightsFile,
)
from shammah_tui.core.model.reading_pace import PaceFloor
from shammah_tui.core.protocol.engine_messages import LoadModel
from shammah_tui.core.text.units import format_size
from shammah_tui.core.wording import notices
from shammah_tui.ports import HardwareProbe, ModelSource

LEFT_TO_CARD = 0.5
"""Share of a card's free memory that is counted on after what seemed to fit did not."""


class TooBigError(ShammahError):
    """The model needs more memory than this machine has at all."""


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What the settings and the command line say about the local side.

    Attributes:
        wanted: The model asked for; None lets memory decide.
        context_length: Tokens of context; None lets memory decide.
        threads: Threads for generating; None lets the engine decide.
        batch_size: Tokens of a prompt read at once, at most; None lets the engine decide.
        kv_type: How keys and values are stored; ``AUTO`` lets memory decide.
        loras: The LoRAs that the settings name; all are on at first, save those that were
            switched off before.
        chat_template: As in ``LoadModel``.
        pace_floor: What a default must reach.
        ladder: Whether a small model is brought up before the default.
        starter_model: What replies until a better model is ready; None where there is none.
    """

    wanted: ModelSpec | None
    offered: tuple[ModelSpec, ...]
    device: DevicePreference = DevicePreference.AUTO
    context_length: int | None = None
    threads: int | None = None
    offline: bool = False
    batch_size: int | None = None
    flash_attention: FlashAttention = FlashAttention.AUTO
    kv_type: KvType = KvType.AUTO
    loras: tuple[Lora, ...] = ()
    chat_template: str = ""
    pace_floor: PaceFloor = field(default_factory=PaceFloor)
    ladder: Ladder = Ladder.OFF
    starter_model: ModelSpec | None = None

    @property
    def is_served(self) -> bool:
        """Whether a server brings the model up, which has its own memory and adapters."""
        return self.wanted is not None and self.wanted.host is not None

    @property
    def storable_kv_type(self) -> KvType:
        """How keys and values may be stored: without flash attention only as f16."""
        return KvType.F16 if self.flash_attention is FlashAttention.OFF else self.kv_type

    def climbs(self, *, has_key: bool) -> bool:
        """Return whether a model that nobody named is brought up by way of smaller ones."""
        if self.wanted is not None or self.offline:
            return False
        return self.ladder is Ladder.ON or (self.ladder is Ladder.AUTO and not has_key)

    def recommend(
        self,
        hardware: Hardware,
        records: Collection[SpeedRecord] = (),
        here: Collection[str] = (),
    ) -> Choice | NothingFits:
        """Return the offered model that suits best; ``here`` are ids of those on this disk."""
        quickness = Quickness(
            self.pace_floor, lambda choice: expected_pace(choice, hardware, records), here
        )
        models, kv_type = self.offered, self.storable_kv_type
        return choose_model(hardware, self.device, models, kv_type, quickness)

    def fit(
        self, model: ModelSpec, hardware: Hardware, device: DevicePreference | None = None
    ) -> Choice:
        """Return how ``model`` is loaded on ``hardware``; where ``device`` is None, as planned."""
        length, kv_type = self.context_length, self.storable_kv_type
        return fit_model(model, hardware, device or self.device, length, kv_type)


def look_at(probe: HardwareProbe, records: Collection[SpeedRecord]) -> Hardware:
    """Return what the machine has; its memory is timed where no model was measured on it yet."""
    hardware = probe.probe()
    if tells_of_cpu(records):
        return hardware
    return replace(hardware, memory_bytes_per_s=probe.memory_bytes_per_s())


def ids_here(models: Iterable[ModelSpec], source: ModelSource) -> frozenset[str]:
    """Return the ids of those models that are on this disk as a whole."""
    return frozenset(model.id for model in models if source.find(model) is not None)


def offline_plan(plan: LoadPlan, source: ModelSource, *, is_named: bool) -> LoadPlan | None:
    """Return ``plan`` without anything that would have to be fetched; None when nothing is left.

    Where the model that is wanted by the settings is not here, one that is takes its place; one
    that the command line names is that one or none.
    """
    wanted = plan.wanted
    if wanted is not None and (wanted.host is not None or source.find(wanted) is not None):
        return replace(plan, offline=True)
    if is_named:
        return None
    here = tuple(model for model in plan.offered if source.find(model) is not None)
    if not here:
        return None
    # By memory only the catalogue's models are chosen: of the user's own the first one is taken.
    ids = {model.id for model in CATALOGUE}
    is_clear = len(here) == 1 or not any(model.id in ids for model in here)
    return replace(plan, wanted=here[0] if is_clear else None, offered=here, offline=True)


@dataclass(frozen=True, slots=True)
class LoadJob:
    """One load, not begun yet.

    Attributes:
        command: The command for the engine.
        need_bytes: Memory that it takes on this machine.
        fits_beside: Whether what is loaded now may stay meanwhile.
    """

    command: LoadModel
    need_bytes: int = 0
    fits_beside: bool = True


def load_job(
    model: ModelSpec,
    path: Path,
    plan: LoadPlan,
    hardware: Hardware,
    loras: tuple[Lora, ...] = (),
    *,
    less_on_card: bool = False,
    careful: bool = False,
) -> LoadJob:
    """Return how ``model`` is loaded from ``path``, its file or the first part of a split one.

    ``less_on_card`` and ``careful``: as in ``FailurePolicy``.

    Raises:
        TooBigError: It can never be loaded here.
    """
    if model.host is not None:
        # It takes another machine's memory; 0 is the context that the server has made.
        return LoadJob(LoadModel(str(path), plan.context_length or 0, plan.device))
    sized = known_by_file(model, path, model.size_bytes or path.stat().st_size)
    choice = _choice(sized, plan, hardware, less_on_card=less_on_card)
    need = choice.need_bytes or 0
    memories = (hardware.ram_total_bytes, *(gpu.total_bytes for gpu in hardware.gpus))
    # What is divided between card and memory was found to fit the two.
    if need > max(memories) and choice.gpu_layers is None:
        raise TooBigError(
            notices.too_big_for_machine(
                model.label, format_size(need), format_size(hardware.ram_total_bytes)
            )
        )
    command = LoadModel(
        str(path),
        choice.context_length,
        choice.device,
        plan.threads,
        choice.gpu_layers,
        plan.batch_size,
        plan.flash_attention,
        choice.kv_type,
        loras,
        careful,
        # Nobody asked for q8_0 by name: it was taken for want of memory.
        kv_may_differ=plan.storable_kv_type is KvType.AUTO,
        chat_template=plan.chat_template,
    )
    return LoadJob(command, need, fits_beside=need <= choice.budget_bytes)


def _choice(model: ModelSpec, plan: LoadPlan, hardware: Hardware, *, less_on_card: bool) -> Choice:
    if not less_on_card:
        return plan.fit(model, hardware)
    cards = tuple(
        gpu if gpu.shares_ram else replace(gpu, free_bytes=round(gpu.free_bytes * LEFT_TO_CARD))
        for gpu in hardware.gpus
    )
    cautious = replace(hardware, gpus=cards)
    choice = plan.fit(model, cautious)
    if choice.device is not DevicePreference.CPU and choice.gpu_layers is None:
        # It still seems to fit: what is wrong with the card is not its size.
        return plan.fit(model, cautious, DevicePreference.CPU)
    return choice


def known_by_file(model: ModelSpec, path: Path, size_bytes: int) -> ModelSpec:
    """Return ``model`` with the size of its files and what they say of their network.

    What is known already, as of the catalogue's, stays.
    """
    if model.size_bytes is None:
        model = replace(model, files=(WeightsFile(path.name, size_bytes),))
    if model.kv_bytes_per_token is not None:
        return model
    seen = _look(path)
    if seen is None:
        return model
    return replace(
        model,
        native_context=model.native_context or seen.context_length or None,
        kv_bytes_per_token=seen.kv_bytes_per_token,
        recurrent_state_bytes=seen.recurrent_state_bytes,
        n_layer=model.n_layer or seen.n_layer,
        n_head=seen.n_head,
    )


def _look(path: Path) -> Shape | None:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return shape(data)
    except (OSError, ValueError):
        # ValueError: an empty file cannot be mapped.
        return None
