"""Measures this machine: memory, cores and accelerators."""

import importlib
import logging
import math
import os
import platform
import subprocess
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from shammah_tui.adapters.engine.llama_build import built_backends
from shammah_tui.adapters.machine.memory_speed import memory_bytes_per_s
from shammah_tui.core.model.hardware import USABLE_BY, Gpu, Hardware

log = logging.getLogger(__name__)

NVIDIA = "NVIDIA"

_VENDORS = {"0x1002": "AMD", "0x8086": "Intel", "0x10de": NVIDIA}
"""Numbers that the PCI special interest group gave to the makers."""

_BACKENDS = {"AMD": "ROCm", "Intel": "SYCL"}

LEAST_BYTES = 2 * 2**30
"""With less of its own a graphics unit is part of a processor, and no faster than that."""


@dataclass(frozen=True, slots=True)
class DrmCard:
    """One card that this process could open; sizes are 0 where the driver does not tell."""

    vendor: str
    name: str
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class DrmCards:
    """Graphics cards as the Linux kernel lists them, without any vendor's library.

    A container may lack the device files of the host's cards.
    """

    folder: Path = Path("/sys/class/drm")
    devices: Path = Path("/dev/dri")

    def cards(self) -> tuple[DrmCard, ...]:
        return tuple(self._cards())

    def gpus(self) -> tuple[Gpu, ...]:
        """Return the cards of AMD and Intel with memory of their own, which NVML does not know."""
        return tuple(
            Gpu(card.name, _BACKENDS[card.vendor], card.total_bytes, card.free_bytes)
            for card in self._cards()
            if card.vendor in _BACKENDS and card.total_bytes >= LEAST_BYTES
        )

    def _cards(self) -> Iterator[DrmCard]:
        # Beside card0 there are its connectors, such as card0-HDMI-A-1.
        for card in sorted(self.folder.glob("card[0-9]*")):
            device = card / "device"
            vendor = _VENDORS.get(_text(device / "vendor"))
            if "-" in card.name or vendor is None or not self._can_be_opened(device):
                continue
            # amdgpu tells both; xe (Intel's cards) what there is only, by tile.
            total = _size(device / "mem_info_vram_total")
            tiles = device.glob("tile[0-9]*/physical_vram_size_bytes")
            total = total or sum(_size(tile) for tile in tiles)
            free = max(0, total - _size(device / "mem_info_vram_used"))
            name = _text(device / "product_name") or f"{vendor} graphics card"
            yield DrmCard(vendor, name, total, free)

    def _can_be_opened(self, device: Path) -> bool:
        renderers = (device / "drm").glob("renderD[0-9]*")
        return any((self.devices / renderer.name).exists() for renderer in renderers)


def _size(path: Path) -> int:
    written = _text(path)
    try:
        # xe writes hexadecimal, amdgpu decimal.
        return int(written, 0)
    except ValueError:
        return 0


UNLIMITED_BYTES = 2**60
"""Version 1 says "no limit" with a number near 2**63, rounded down to pages."""

DROPPABLE = ("active_file", "inactive_file", "slab_reclaimable")
"""What the kernel gives back before it kills: pages of files, whenever they were last read, and
its own caches (``memory.stat``). Memory of tmpfs is counted as anonymous, rightly."""


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """The tightest memory limit of this process; file cache that can be dropped counts as free."""

    limit_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """The limits that a Linux control group (a container, a service) sets on this process."""

    mount: Path = Path("/sys/fs/cgroup")
    membership: Path = Path("/proc/self/cgroup")

    def memory_limit(self) -> MemoryLimit | None:
        limits: list[MemoryLimit] = []
        for folder in self._folders(""):
            used = _number(folder / "memory.current")
            # Above ``memory.high`` nobody is killed, but everything is slowed down to a crawl.
            bounds = [_number(folder / name) for name in ("memory.max", "memory.high")]
            limits.extend(_limit(folder, bounds, used))
        for folder in self._folders("memory"):
            used = _number(folder / "memory.usage_in_bytes")
            bounds = [_number(folder / "memory.limit_in_bytes")]
            limits.extend(_limit(folder, bounds, used))
        if not limits:
            return None
        return MemoryLimit(
            min(each.limit_bytes for each in limits), min(each.free_bytes for each in limits)
        )

    def processors(self) -> int | None:
        """Return how many processors' time may be used, rounded up, or None for all."""
        quotas: list[float] = []
        for folder in self._folders(""):
            quota, _, period = _text(folder / "cpu.max").partition(" ")
            if quota.isdigit() and period.isdigit():
                quotas.append(int(quota) / max(1, int(period)))
        for folder in self._folders("cpu"):
            quota_us = _number(folder / "cpu.cfs_quota_us")
            period_us = _number(folder / "cpu.cfs_period_us")
            if quota_us and period_us:
                quotas.append(quota_us / period_us)
        return max(1, math.ceil(min(quotas))) if quotas else None

    def _folders(self, controller: str) -> Iterator[Path]:
        """Yield the folder of this process's group and of each group around it.

        ``controller`` is one of version 1, or empty for version 2.
        """
        for line in _text(self.membership).splitlines():
            _, _, rest = line.partition(":")
            controllers, _, group = rest.partition(":")
            if controller not in controllers.split(","):
                continue
            # A group outside this mount's view is written with "..": its limit is the root's.
            parts = [part for part in PurePosixPath(group).parts if part not in {"/", ".."}]
            root = self.mount / controller
            for depth in range(len(parts), -1, -1):
                yield root.joinpath(*parts[:depth])


def _limit(folder: Path, bounds: Iterable[int | None], used: int | None) -> Iterator[MemoryLimit]:
    limits = [bound for bound in bounds if bound is not None and bound < UNLIMITED_BYTES]
    if not limits or used is None:
        return
    limit = min(limits)
    counts: dict[str, int] = {}
    for line in _text(folder / "memory.stat").splitlines():
        name, _, value = line.partition(" ")
        if value.isdigit():
            counts[name] = int(value)
    # Version 1 counts the groups within a group under names of their own, as version 2 always does.
    droppable = sum(counts.get(f"total_{name}", counts.get(name, 0)) for name in DROPPABLE)
    yield MemoryLimit(limit, max(0, min(limit, limit - used + droppable)))


def _number(path: Path) -> int | None:
    written = _text(path)
    return int(written) if written.isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def nvidia_gpus(environment: Mapping[str, str], nvml: Any = None) -> tuple[Gpu, ...]:
    """Return the cards that a CUDA program started with ``environment`` would see.

    NVML is asked: it needs the driver only and makes no CUDA context. A missing driver or library
    means no cards, never an exception. Of the parts of a card that is split (MIG) none is reported.
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
            if not _is_visible(index, _decoded(nvml.nvmlDeviceGetUUID(handle)), visible):
                continue
            memory = nvml.nvmlDeviceGetMemoryInfo(handle)
            name = _decoded(nvml.nvmlDeviceGetName(handle))
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


def _decoded(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


SYSCTL = "/usr/sbin/sysctl"


@dataclass(frozen=True, slots=True)
class MachineProbe:
    """A ``HardwareProbe``; accelerators that are not in ``built_backends`` stand idle."""

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    control_group: ControlGroup = field(default_factory=ControlGroup)
    system: str = field(default_factory=platform.system)
    machine: str = field(default_factory=platform.machine)
    find_nvidia: Callable[[Mapping[str, str]], tuple[Gpu, ...]] = nvidia_gpus
    find_others: Callable[[], tuple[Gpu, ...]] = DrmCards().gpus
    built_backends: Callable[[], Collection[str]] = built_backends

    def probe(self) -> Hardware:
        import psutil  # Deferred: costs 16 ms, and the first frame does not wait for a probe.

        memory = psutil.virtual_memory()
        total, free = memory.total, memory.available
        limit = self.control_group.memory_limit()
        if limit is not None:
            total, free = min(total, limit.limit_bytes), min(free, limit.free_bytes)
        cards = self._metal(total, free) or (
            *self.find_nvidia(self.environment),
            *self.find_others(),
        )
        built = self.built_backends()
        usable: list[Gpu] = []
        idle: list[Gpu] = []
        for card in sorted(cards, key=lambda card: card.total_bytes, reverse=True):
            backend = next((each for each in USABLE_BY[card.backend] if each in built), None)
            if backend is None:
                idle.append(card)
            else:
                usable.append(replace(card, backend=backend))
        return Hardware(total, free, self._cores(), tuple(usable), tuple(idle))

    def memory_bytes_per_s(self) -> float | None:
        return memory_bytes_per_s(self._cores())

    def _cores(self) -> int:
        """Return the cores that this process may use, hyper-threads not counted."""
        import psutil  # Deferred, as above.

        cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
        if hasattr(os, "sched_getaffinity"):
            cores = min(cores, len(os.sched_getaffinity(0)))
        return min(cores, self.control_group.processors() or cores)

    def _metal(self, total: int, free: int) -> tuple[Gpu, ...]:
        if self.system != "Darwin" or self.machine != "arm64":
            return ()
        return (Gpu(_chip_name(), "Metal", total, free, shares_ram=True),)


def _chip_name() -> str:
    try:
        told = subprocess.run(
            [SYSCTL, "-n", "machdep.cpu.brand_string"],
            capture_output=True,
            text=True,
            timeout=2,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        log.info("The chip's name cannot be asked")
        return "Apple silicon"
    return told.stdout.strip() or "Apple silicon"
