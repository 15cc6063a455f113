"""What the machine has, as far as choosing a model needs to know."""

import re
from dataclasses import dataclass

from shammah_tui.core.text.plain_text import plain

USABLE_BY = {
    "CUDA": ("CUDA", "Vulkan"),
    "ROCm": ("ROCm", "Vulkan"),
    "SYCL": ("SYCL", "Vulkan"),
    "Metal": ("Metal",),
}
"""Which accelerators of llama.cpp can drive a card, by the one its maker made for it."""

_MAKER = re.compile(r"^(?:NVIDIA|AMD|Intel)\b(?:\(R\)|®)?\s+|\bGeForce\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Gpu:
    """One accelerator.

    Attributes:
        backend: What llama.cpp calls the way to use it: ``CUDA``, ``ROCm``, ``SYCL``, ``Vulkan``
            or ``Metal``.
        shares_ram: Whether this is the machine's own memory (Apple silicon).
    """

    name: str
    backend: str
    total_bytes: int
    free_bytes: int
    shares_ram: bool = False

    @property
    def short_name(self) -> str:
        """The name without its maker, such as ``RTX 4090``, fit for a terminal."""
        name = plain(self.name)
        return _MAKER.sub("", name) or name


@dataclass(frozen=True, slots=True)
class Hardware:
    """Memory, processors and accelerators at one moment.

    Attributes:
        ram_total_bytes: Memory, or the control group's limit where that is lower.
        ram_free_bytes: Memory that can be had without swapping.
        physical_cores: Cores, hyper-threads not counted.
        gpus: Accelerators that the engine can use, the one with most memory first.
        idle_gpus: Accelerators that are there and that this build of the engine cannot use; their
            ``backend`` is the one to build it with. The one with most memory first.
        memory_bytes_per_s: What the cores read and write of memory; None where that was not
            measured.
    """

    ram_total_bytes: int
    ram_free_bytes: int
    physical_cores: int
    gpus: tuple[Gpu, ...] = ()
    idle_gpus: tuple[Gpu, ...] = ()
    memory_bytes_per_s: float | None = None
