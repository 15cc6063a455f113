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

from shammah_tui.core.local.generator import Ready
from shammah_tui.core.model.hardware import USABLE_BY, Hardware
from shammah_tui.core.model.model_choice import Choice
from shammah_tui.core.model.model_spec import DevicePreference, ModelSpec
from shammah_tui.core.protocol.engine_messages import SpeedMeasured

CPU = "CPU"

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
    active_bytes: int
    tokens_per_s: float
    prompt_tokens_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """A pace to show.

    Attributes:
        tokens_per_s: Pace of generating.
        measured: Whether this very file was measured here; else it is an estimate.
    """

    tokens_per_s: float
    measured: bool


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


def pace(
    model: ModelSpec,
    size_bytes: int | None,
    devices: Collection[str],
    records: Iterable[SpeedRecord],
) -> Pace | None:
    """Return the pace of ``model`` on one of ``devices``: measured, else estimated.

    An estimate is scaled from the measured model nearest in active bytes. None where nothing was
    measured on such a device, and where the size of the files is unknown.
    """
    here = [record for record in records if record.device in devices]
    key = speed_key(model)
    for record in here:
        if record.model == key:
            return Pace(record.tokens_per_s, measured=True)
    if not here or not size_bytes:
        return None
    wanted = active_bytes(model, size_bytes)
    nearest = min(here, key=lambda record: abs(math.log(record.active_bytes / wanted)))
    return Pace(nearest.tokens_per_s * nearest.active_bytes / wanted, measured=False)


def format_speed(shown: Pace | None) -> str:
    """Return ``31 tok/s``, ``4.2 tok/s``, ``~12 tok/s`` for an estimate, or nothing."""
    if shown is None:
        return ""
    if shown.measured:
        return f"{shown.tokens_per_s:.{0 if shown.tokens_per_s >= 9.95 else 1}f} tok/s"
    # An estimate has no tenths to tell.
    return f"~{shown.tokens_per_s:.0f} tok/s" if shown.tokens_per_s >= 0.95 else "<1 tok/s"
