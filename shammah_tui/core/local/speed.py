"""How fast models reply on this machine: what was measured, and estimates from it.

Generating is bound by memory: each token reads every active weight once, so the pace is in
inverse proportion to the bytes of active weights (Pope et al. 2023, section 2). Of a mixture of
experts only the active share is read. The key-value cache is left out: at 4K tokens it adds 2 to
10 % to the catalogue's models.
"""

import math
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Annotated

from shammah_tui.core.decoding import positive, whole
from shammah_tui.core.local.generator import Ready
from shammah_tui.core.model.hardware import USABLE_BY, Hardware
from shammah_tui.core.model.model_choice import Choice
from shammah_tui.core.model.model_spec import DevicePreference, ModelSpec
from shammah_tui.core.model.reading_pace import Pace
from shammah_tui.core.protocol.engine_messages import SpeedMeasured

CPU = "CPU"

LEAST_TELLING_BYTES = 300_000_000
"""A smaller model spends most of a token's time on other work than reading its weights, so that it
says too little of a bigger one: SmolLM2 135M would put a 1.5B at a third of its pace."""

WEIGHTS_SHARE = 0.6
"""Bytes of weights per byte that copying memory moves: 0.45 to 1 with 0.5B and 1.5B, two cores."""
CORE_READING_BYTES_PER_S = 25e9
"""Bytes of active weights times tokens of a prompt, in a second. 80e9 to 100e9 were measured on a
core with AVX-512; one with AVX2 or NEON has about a quarter of its multiplications."""
CARD_BYTES_PER_S, SHARED_BYTES_PER_S = 200e9, 80e9
"""What the memory of a small graphics card and of Apple's smallest chips moves, less a fifth."""
CARD_READING_BYTES_PER_S = 1e12
"""As for a core; a card with less would be slower than forty cores."""

_ACTIVE_PARAMS = re.compile(r"(?<![A-Za-z0-9])A(\d{1,3}(?:\.\d{1,2})?)B(?![A-Za-z])", re.IGNORECASE)
"""How mixtures are named: ``Qwen3-30B-A3B`` has 30B parameters, 3B of them active."""


@dataclass(frozen=True, slots=True)
class SpeedRecord:
    """One measurement of a model's speed on a device.

    Attributes:
        model: What ``speed_key`` returns for the model.
        device: Where it ran, as ``device_name`` writes it.
        active_bytes: Bytes of weights that each token reads.
        tokens_per_s: Pace of generating.
        prompt_tokens_per_s: Pace of reading a prompt; None where that is not known.
    """

    model: str
    device: str
    active_bytes: Annotated[int, whole(1, 2**63)]
    tokens_per_s: Annotated[float, positive]
    prompt_tokens_per_s: Annotated[float, positive] | None = None


def speed_key(model: ModelSpec) -> str:
    """Return what tells a file from all others: owner, repository, revision and file, or a path."""
    if model.local_path is not None:
        return model.local_path
    file = model.files[0].name if model.files else model.quant or ""
    return f"{model.repo}/{model.revision or 'main'}/{file}"


def active_bytes(model: ModelSpec, size_bytes: int) -> int:
    """Return how many of the ``size_bytes`` of a model's files a token reads."""
    named = _ACTIVE_PARAMS.search(f"{model.label} {speed_key(model)}")
    if named is None or not model.params_b:
        return size_bytes
    return round(size_bytes * min(1.0, float(named[1]) / model.params_b))


def device_name(device: str, layers: int, layers_total: int | None) -> str:
    """Return a device with its share of the layers, such as ``CPU``, ``CUDA`` or ``CUDA 20/33``."""
    if device == CPU or layers_total is None or layers >= layers_total:
        return device
    return f"{device} {layers}/{layers_total}"


def record_of(ready: Ready, size_bytes: int, measured: SpeedMeasured) -> SpeedRecord:
    """Return what is kept of a measurement of a model whose files have ``size_bytes``."""
    return SpeedRecord(
        speed_key(ready.model),
        device_name(ready.device, ready.layers, ready.layers_total),
        active_bytes(ready.model, size_bytes),
        measured.tokens_per_s,
        measured.prompt_tokens_per_s,
    )


def expected_devices(choice: Choice, hardware: Hardware) -> tuple[str, ...]:
    """Return the names that a device may have once a model is loaded as ``choice`` says."""
    if choice.device is DevicePreference.CPU or not hardware.gpus:
        return (CPU,)
    kinds = USABLE_BY.get(hardware.gpus[0].backend, (hardware.gpus[0].backend,))
    if choice.gpu_layers is None or choice.model.n_layer is None:
        return kinds
    total = choice.model.n_layer + 1
    return tuple(device_name(kind, choice.gpu_layers, total) for kind in kinds)


def _is_telling(record: SpeedRecord) -> bool:
    return record.active_bytes >= LEAST_TELLING_BYTES


def tells_of_cpu(records: Iterable[SpeedRecord]) -> bool:
    """Return whether the pace of any model on the processor can be estimated from ``records``."""
    return any(record.device == CPU and _is_telling(record) for record in records)


def pace(
    model: ModelSpec,
    size_bytes: int | None,
    devices: Collection[str],
    records: Iterable[SpeedRecord],
) -> Pace | None:
    """Return the pace of ``model`` on one of ``devices``: measured, else estimated.

    An estimate is scaled from the measured model nearest in active bytes. From 0.5B to 1.5B, both
    measured on two cores, it is a third too low. None where nothing was measured on such a device
    that tells anything, and where the size of the files is unknown.
    """
    here = [record for record in records if record.device in devices]
    key = speed_key(model)
    for record in here:
        if record.model == key:
            return Pace(record.tokens_per_s, True, record.prompt_tokens_per_s)
    if not size_bytes:
        return None
    wanted = active_bytes(model, size_bytes)
    telling = [
        record for record in here if _is_telling(record) or record.active_bytes * 2 >= wanted
    ]
    if not telling:
        return None
    nearest = min(telling, key=lambda record: abs(math.log(record.active_bytes / wanted)))
    share = nearest.active_bytes / wanted
    reading = nearest.prompt_tokens_per_s
    return Pace(nearest.tokens_per_s * share, False, None if reading is None else reading * share)


def expected_pace(
    choice: Choice, hardware: Hardware, records: Collection[SpeedRecord]
) -> Pace | None:
    """Return the pace of a model that is loaded as ``choice`` says: measured, else estimated.

    Before any model ran on such a device it is worked out from what this machine's memory moves
    and its cores, within a factor of 2 for generating and of 4 for reading; on an accelerator from
    what the slowest of the usual ones do. None where the size of the files is unknown.
    """
    model = choice.model
    known = pace(model, model.size_bytes, expected_devices(choice, hardware), records)
    if known is not None or model.size_bytes is None:
        return known
    wanted = active_bytes(model, model.size_bytes)
    layers, total = choice.gpu_layers, (model.n_layer or 0) + 1
    on_card = 0.0
    if choice.device is not DevicePreference.CPU and hardware.gpus:
        on_card = 1.0 if layers is None else min(1.0, layers / total)
    generating_s = reading_s = 0.0
    if on_card:
        shares_ram = hardware.gpus[0].shares_ram
        generating_s += on_card * wanted / (SHARED_BYTES_PER_S if shares_ram else CARD_BYTES_PER_S)
        reading_s += on_card * wanted / CARD_READING_BYTES_PER_S
    if on_card < 1:
        if hardware.memory_bytes_per_s is None:
            return None
        rest = (1 - on_card) * wanted
        generating_s += rest / (hardware.memory_bytes_per_s * WEIGHTS_SHARE)
        reading_s += rest / (hardware.physical_cores * CORE_READING_BYTES_PER_S)
    return Pace(1 / generating_s, False, 1 / reading_s)


def format_speed(shown: Pace | None) -> str:
    """Return ``31 tok/s``, ``4.2 tok/s``, ``~12 tok/s`` for an estimate, or nothing."""
    if shown is None:
        return ""
    if shown.measured:
        return f"{shown.tokens_per_s:.{0 if shown.tokens_per_s >= 9.95 else 1}f} tok/s"
    # An estimate has no tenths to tell.
    return f"~{shown.tokens_per_s:.0f} tok/s" if shown.tokens_per_s >= 0.95 else "<1 tok/s"
