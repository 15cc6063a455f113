"""Measures this machine: memory, cores and accelerators."""

import logging
import os
import platform
import subprocess
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from shammah_tui.adapters.engine.llama_build import built_backends
from shammah_tui.adapters.machine.control_group import ControlGroup
from shammah_tui.adapters.machine.drm_cards import DrmCards
from shammah_tui.adapters.machine.memory_speed import memory_bytes_per_s
from shammah_tui.adapters.machine.nvidia import nvidia_gpus
from shammah_tui.core.model.hardware import USABLE_BY, Gpu, Hardware

log = logging.getLogger(__name__)

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
