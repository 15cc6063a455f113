"""Which model suits a machine, and how a model that the user chose fits it."""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from shammah_tui.core.model.hardware import Gpu, Hardware
from shammah_tui.core.model.memory import (
    COMPUTE_BUFFER_BYTES,
    CONTEXT_LENGTHS,
    GIB,
    budget_bytes,
    context_that_fits,
    layers_that_fit,
    need_bytes,
)
from shammah_tui.core.model.model_spec import DevicePreference, KvType, ModelSpec
from shammah_tui.core.model.reading_pace import Pace, PaceFloor
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import format_size

USEFUL_PARAMS_B = 4.0
"""A graphics card is chosen if it holds at least this much; else the bigger model wins."""

WORTHWHILE_SHARE = 0.25
"""Fewer layers on a card are not worth it: it would do at most a quarter of the work faster."""

HERE_SHARE = 0.7
"""Share of the floor at which a model that is on this disk is still the default."""

MOST_SLOW_BYTES = 10**9
"""No bigger model is fetched for a default that is not quick enough."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A model, and how it is to be loaded.

    Attributes:
        need_bytes: Memory it needs at that context; None while the size of its files is unknown.
        budget_bytes: Memory that it may take.
        reason: Why this one, as a sentence for the model panel.
        device: What to tell the engine: ``CPU`` where a graphics card was found but is too small.
        warning: What may go wrong, as a sentence; empty when nothing is expected to.
        gpu_layers: How many layers go to the graphics card, the output layer counted, where not all
            fit; None is all.
        kv_type: How keys and values are to be stored; never ``AUTO``.
    """

    model: ModelSpec
    context_length: int
    need_bytes: int | None
    budget_bytes: int
    reason: str
    device: DevicePreference
    warning: str = ""
    gpu_layers: int | None = None
    kv_type: KvType = KvType.F16


@dataclass(frozen=True, slots=True)
class NothingFits:
    """Not even the smallest model can be loaded here now: what it needs, and what may be used.

    ``needed_bytes`` is 0 when there is none to choose from; ``reason`` is a sentence.
    """

    needed_bytes: int
    budget_bytes: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Memory:
    """Where the weights would lie; ``place`` names it after an amount."""

    place: str
    total_bytes: int
    free_bytes: int
    is_accelerated: bool

    @property
    def budget(self) -> int:
        return budget_bytes(self.total_bytes, self.free_bytes)


@dataclass(frozen=True, slots=True)
class _Rung:
    """The default for machines from a size of memory on.

    ``ids`` are in order of preference: the second is for when hybrid architectures are not offered.
    """

    memory_gib: int
    ids: tuple[str, str]
    context_length: int


_SMALL = (
    _Rung(0, ("qwen3.5-0.8b", "qwen2.5-0.5b"), 4_096),
    _Rung(4, ("qwen3.5-0.8b", "qwen2.5-1.5b"), 8_192),
    _Rung(6, ("qwen3.5-2b", "qwen3-1.7b"), 8_192),
    _Rung(8, ("qwen3.5-4b", "qwen3-4b-instruct-2507"), 16_384),
    _Rung(12, ("qwen3.5-9b", "qwen3-8b"), 8_192),
    _Rung(16, ("qwen3.5-9b", "qwen3-8b"), 32_768),
)
SMALLEST = _SMALL[0].ids
"""Ids of the smallest models worth having; the second as in ``_Rung``."""
# Without an accelerator a dense 27B crawls, while a mixture with 3B active does not.
_PROCESSOR = (
    *_SMALL,
    _Rung(24, ("qwen3.5-9b", "qwen3-14b"), 32_768),
    _Rung(32, ("qwen3.6-35b-a3b", "qwen3-30b-a3b-instruct-2507"), 32_768),
)
_ACCELERATED = (
    *_SMALL,
    _Rung(24, ("qwen3.8-27b", "qwen3-14b"), 8_192),
    _Rung(32, ("qwen3.8-27b", "qwen3-30b-a3b-instruct-2507"), 32_768),
)
_NOMINAL_SHARE = 0.9
"""Firmware and graphics keep some: a machine sold with 16 GB reports 15.3 to 15.8 GiB."""


@dataclass(frozen=True, slots=True)
class Quickness:
    """How quick a model has to be to be the default, and how quick each would be.

    Attributes:
        floor: What it must reach.
        expected: Returns the pace of a model loaded as a choice says; None where nothing tells,
            which counts as enough.
        here: Ids of the models that are on this disk: they stay the default down to ``HERE_SHARE``
            of the floor, since measurements vary, and cost no download.
    """

    floor: PaceFloor = field(default_factory=PaceFloor)
    expected: Callable[[Choice], Pace | None] = lambda _: None
    here: Collection[str] = ()

    def suffices(self, choice: Choice) -> bool:
        floor = self.floor.lowered(HERE_SHARE) if choice.model.id in self.here else self.floor
        return floor.is_met_by(self.expected(choice))

    def may_be_slow(self, choice: Choice) -> bool:
        """Return whether it may be the default though it is too slow."""
        size = choice.model.size_bytes
        return choice.model.id in self.here or (size is not None and size <= MOST_SLOW_BYTES)

    def tokens_per_s(self, choice: Choice) -> float:
        pace = self.expected(choice)
        return math.inf if pace is None else pace.tokens_per_s


def choose_model(
    hardware: Hardware,
    preference: DevicePreference,
    models: Iterable[ModelSpec],
    kv_type: KvType = KvType.AUTO,
    quickness: Quickness | None = None,
) -> Choice | NothingFits:
    """Return the default for this machine.

    From the rung for the memory there is down to the first whose model, at the rung's context or
    a shorter one, fits what is free now and is quick enough. Where none is, the quickest of at most
    ``MOST_SLOW_BYTES``. The smallest is also taken, with a warning, where it fits only by leaving
    less than the reserve to everything else.

    Args:
        hardware: What the machine has. Leave out accelerators that the engine cannot use.
        preference: Where the user wants it to run.
        models: What to choose from; ids that the table does not name are never a default.
        kv_type: What the user set; the table is meant for f16, which ``AUTO`` is here.
        quickness: How quick it has to be; None lets memory alone decide.
    """
    kv_type = KvType.F16 if kv_type is KvType.AUTO else kv_type
    offered = {model.id: model for model in models if model.size_bytes is not None}
    quick = quickness or Quickness()
    card = _card(hardware, preference)
    ram = _ram(hardware, preference)
    if card is None:
        return _default(ram, offered, preference, kv_type, quick)
    on_card = _quick_one(card, offered, preference, kv_type, quick)
    if on_card is not None and (
        preference is DevicePreference.GPU or on_card.model.params_b >= USEFUL_PARAMS_B
    ):
        return on_card
    on_processor = _quick_one(ram, offered, DevicePreference.CPU, kv_type, quick)
    if on_card is not None and (
        on_processor is None or on_card.model.params_b >= on_processor.model.params_b
    ):
        return on_card
    for choice in _candidates(ram, offered, DevicePreference.CPU, kv_type):
        # With some of its layers on the card it may be quick enough where it is not without.
        model, length = choice.model, choice.context_length
        split = _split(model, card, ram, preference, length, kv_type)
        if split is not None and quick.suffices(split):
            reason = _reason(split, ram.place, quick.expected(split), is_largest=True)
            return replace(split, reason=f"{reason}; {_layers(split, card)}")
        if on_processor is not None and choice.model.id == on_processor.model.id:
            break
    choice_here = on_processor or _default(ram, offered, DevicePreference.CPU, kv_type, quick)
    is_plain = isinstance(choice_here, Choice) and not choice_here.warning
    if isinstance(choice_here, Choice) and is_plain and preference is DevicePreference.GPU:
        return replace(choice_here, warning=f"No model fits {card.place}: using the processor")
    return choice_here


def fit_model(
    model: ModelSpec,
    hardware: Hardware,
    preference: DevicePreference,
    context_length: int | None = None,
    kv_type: KvType = KvType.AUTO,
) -> Choice:
    """Return how a model that the user chose is to be loaded here.

    On the card where it fits; else divided between card and memory where that is worth it; else in
    memory. No ``context_length`` takes the longest that fits; ``KvType.AUTO`` is f16, and q8_0
    where only that fits.
    """
    if context_length and model.native_context:
        # No longer one is made: what the model was not trained for makes it talk nonsense.
        context_length = min(context_length, model.native_context)
    if kv_type is not KvType.AUTO:
        return _fit(model, hardware, preference, context_length, kv_type)
    choice = _fit(model, hardware, preference, context_length, KvType.F16)
    if choice.warning:
        smaller = _fit(model, hardware, preference, context_length, KvType.Q8_0)
        return choice if smaller.warning else smaller
    return choice


def _fit(
    model: ModelSpec,
    hardware: Hardware,
    preference: DevicePreference,
    context_length: int | None,
    kv_type: KvType,
) -> Choice:
    card, ram = _card(hardware, preference), _ram(hardware, preference)
    memory, device = card or ram, preference
    if card is not None and not _fits(model, card.budget, context_length, kv_type):
        split = _split(model, card, ram, preference, context_length, kv_type)
        if split is not None:
            return replace(split, reason=f"Chosen by you; {_layers(split, card)}")
        fits_ram = _fits(model, ram.budget, context_length, kv_type)
        if preference is DevicePreference.AUTO and fits_ram:
            memory, device = ram, DevicePreference.CPU
    budget = memory.budget
    length = (
        context_length
        or context_that_fits(model, budget, kv_type=kv_type)
        or min(CONTEXT_LENGTHS[0], model.native_context or CONTEXT_LENGTHS[0])
    )
    need = need_bytes(model, length, kv_type)
    warning = ""
    if need is not None and need > budget:
        warning = (
            f"{model.label} needs {format_size(need)} of the {format_size(budget)} available: it "
            "may not fit"
        )
    return Choice(model, length, need, budget, "Chosen by you", device, warning, kv_type=kv_type)


def _split(
    model: ModelSpec,
    card: _Memory,
    ram: _Memory,
    preference: DevicePreference,
    context_length: int | None,
    kv_type: KvType,
) -> Choice | None:
    """Return how a model that is too big for ``card`` is divided between it and ``ram``.

    None where the two do not hold it, or the card so few layers that the processor does as well
    alone; who wants the card gets it for a single layer.
    """
    both = card.budget + ram.budget
    length = context_length or (
        context_that_fits(model, ram.budget, kv_type=kv_type)
        or context_that_fits(model, both, kv_type=kv_type)
    )
    need = need_bytes(model, length, kv_type) if length else None
    # Both sides compute, each in buffers of its own.
    if length is None or need is None or need + COMPUTE_BUFFER_BYTES > both or not model.n_layer:
        return None
    layers = layers_that_fit(model, length, card.budget, kv_type)
    wants_card = preference is DevicePreference.GPU
    if layers < (1 if wants_card else math.ceil(model.n_layer * WORTHWHILE_SHARE)):
        return None
    return Choice(model, length, need, both, "", preference, gpu_layers=layers, kv_type=kv_type)


def _layers(split: Choice, card: _Memory) -> str:
    assert split.model.n_layer is not None
    return f"{split.gpu_layers} of {split.model.n_layer + 1} layers fit {card.place}"


def _fits(model: ModelSpec, budget: int, context_length: int | None, kv_type: KvType) -> bool:
    if not context_length:
        return context_that_fits(model, budget, kv_type=kv_type) is not None
    need = need_bytes(model, context_length, kv_type)
    return need is None or need <= budget


def _card(hardware: Hardware, preference: DevicePreference) -> _Memory | None:
    """Return the memory of the biggest graphics card that has its own, if it may be used."""
    if preference is DevicePreference.CPU:
        return None
    cards = [gpu for gpu in hardware.gpus if not gpu.shares_ram]
    if not cards:
        return None
    card: Gpu = max(cards, key=lambda gpu: gpu.total_bytes)
    return _Memory(f"on {plain(card.name)}", card.total_bytes, card.free_bytes, is_accelerated=True)


def _ram(hardware: Hardware, preference: DevicePreference) -> _Memory:
    is_accelerated = preference is not DevicePreference.CPU and any(
        gpu.shares_ram for gpu in hardware.gpus
    )
    return _Memory(
        "in memory",
        hardware.ram_total_bytes,
        hardware.ram_free_bytes,
        is_accelerated=is_accelerated,
    )


def _default(
    memory: _Memory,
    offered: Mapping[str, ModelSpec],
    device: DevicePreference,
    kv_type: KvType,
    quick: Quickness,
) -> Choice | NothingFits:
    choice = _quick_one(memory, offered, device, kv_type, quick)
    if choice is not None:
        return choice
    slow = [
        each for each in _candidates(memory, offered, device, kv_type) if quick.may_be_slow(each)
    ]
    if not slow:
        return _last_resort(memory, offered, device, kv_type)
    choice = max(slow, key=quick.tokens_per_s)
    about = math.floor(quick.tokens_per_s(choice))
    return replace(
        choice,
        reason=f"No model writes at reading pace here: this is the quickest, about {about} tok/s",
    )


def _quick_one(
    memory: _Memory,
    offered: Mapping[str, ModelSpec],
    device: DevicePreference,
    kv_type: KvType,
    quick: Quickness,
) -> Choice | None:
    """Return the largest that fits and is quick enough."""
    for number, choice in enumerate(_candidates(memory, offered, device, kv_type)):
        if quick.suffices(choice):
            pace = quick.expected(choice)
            reason = _reason(choice, memory.place, pace, is_largest=number == 0)
            return replace(choice, reason=reason)
    return None


def _reason(choice: Choice, place: str, pace: Pace | None, *, is_largest: bool) -> str:
    """Return why a choice is the default: memory allows no larger one, or its pace does not."""
    if pace is not None and not is_largest:
        about = "" if pace.measured else "about "
        says = f"{about}{pace.tokens_per_s:.0f} tok/s"
        return f"The largest that writes at reading pace here: {says}"
    assert choice.need_bytes is not None
    return (
        f"The default for this machine: needs {format_size(choice.need_bytes)} of the "
        f"{format_size(choice.budget_bytes)} available {place}"
    )


def _candidates(
    memory: _Memory,
    offered: Mapping[str, ModelSpec],
    device: DevicePreference,
    kv_type: KvType,
) -> Iterator[Choice]:
    """Yield what fits, each at its longest context, from the rung for this memory down."""
    rungs = _ACCELERATED if memory.is_accelerated else _PROCESSOR
    seen = set[str]()
    for rung in reversed(rungs):
        model = _first_offered(rung, offered)
        is_within = memory.total_bytes >= rung.memory_gib * GIB * _NOMINAL_SHARE
        if model is None or not is_within or model.id in seen:
            continue
        length = context_that_fits(model, memory.budget, rung.context_length, kv_type)
        if length is not None:
            seen.add(model.id)
            need = need_bytes(model, length, kv_type)
            yield Choice(model, length, need, memory.budget, "", device, kv_type=kv_type)


def _last_resort(
    ram: _Memory,
    offered: Mapping[str, ModelSpec],
    device: DevicePreference,
    kv_type: KvType,
) -> Choice | NothingFits:
    length = CONTEXT_LENGTHS[0]
    needed = 0
    for model in (offered[name] for name in _SMALL[0].ids if name in offered):
        need = need_bytes(model, length, kv_type)
        assert need is not None
        needed = min(needed or need, need)
        if need <= ram.free_bytes:
            return Choice(
                model,
                length,
                need,
                ram.budget,
                f"The smallest model: needs {format_size(need)} of the "
                f"{format_size(ram.free_bytes)} of memory free now",
                device,
                f"{model.label} is small and leaves little memory for other programs: Claude, "
                "with a key, answers better here",
                kv_type=kv_type,
            )
    return NothingFits(
        needed,
        ram.budget,
        f"The smallest model needs {format_size(needed)} of memory, {format_size(ram.free_bytes)} "
        "is free",
    )


def _first_offered(rung: _Rung, offered: Mapping[str, ModelSpec]) -> ModelSpec | None:
    return next((offered[name] for name in rung.ids if name in offered), None)
