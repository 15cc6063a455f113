"""NVIDIA cards, asked through NVML: it needs the driver only and makes no CUDA context."""

import importlib
import logging
from collections.abc import Mapping
from typing import Any

from shammah_tui.core.model.hardware import Gpu

log = logging.getLogger(__name__)


def nvidia_gpus(environment: Mapping[str, str], nvml: Any = None) -> tuple[Gpu, ...]:
    """Return the cards that a CUDA program started with ``environment`` would see.

    A missing driver or library means no cards, never an exception. Of the parts of a card that is
    split (MIG) none is reported.
    """
    if nvml is None:
        try:
            # 18 ms, needed on the bootstrap thread only.
            nvml = importlib.import_module("pynvml")
        except ImportError:
            return ()
    try:
        nvml.nvmlInit()
    except nvml.NVMLError as error:
        log.info("No NVIDIA driver: %s", error)
        return ()
    try:
        return _visible_gpus(nvml, environment.get("CUDA_VISIBLE_DEVICES"))
    except nvml.NVMLError as error:
        log.warning("NVML failed: %s", error)
        return ()
    finally:
        nvml.nvmlShutdown()


def _visible_gpus(nvml: Any, visible: str | None) -> tuple[Gpu, ...]:
    gpus: list[Gpu] = []
    for index in range(nvml.nvmlDeviceGetCount()):
        try:
            handle = nvml.nvmlDeviceGetHandleByIndex(index)
            if not _is_visible(index, _text(nvml.nvmlDeviceGetUUID(handle)), visible):
                continue
            memory = nvml.nvmlDeviceGetMemoryInfo(handle)
            name = _text(nvml.nvmlDeviceGetName(handle))
        except nvml.NVMLError as error:
            # One card that is lost or forbidden says nothing about the others.
            log.warning("NVIDIA card %d cannot be asked: %s", index, error)
            continue
        gpus.append(Gpu(name, "CUDA", int(memory.total), int(memory.free)))
    return tuple(gpus)


def _is_visible(index: int, uuid: str, visible: str | None) -> bool:
    """Whether ``CUDA_VISIBLE_DEVICES`` lets a card through: by its number or the start of its UUID.

    CUDA's numbers follow speed and NVML's the bus; they are the same where all cards are alike, or
    with ``CUDA_DEVICE_ORDER=PCI_BUS_ID``.
    """
    if visible is None:
        return True
    for entry in (entry.strip() for entry in visible.split(",")):
        if entry == str(index) or (entry.startswith("GPU-") and uuid.startswith(entry)):
            return True
        # CUDA ignores what follows the first entry that names no card, such as -1.
        if not entry.isdigit() and not entry.startswith("GPU-"):
            return False
    return False


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
