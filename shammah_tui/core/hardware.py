"""What the machine has, as far as choosing a model needs to know."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gpu:
    """One accelerator.

    Attributes:
        name: Its product name.
        backend: What llama.cpp calls the way to use it: ``CUDA`` or ``Metal``.
        total_bytes: Its memory.
        free_bytes: How much of that was free when asked.
        shares_ram: Whether this is the machine's own memory (Apple silicon).
    """

    name: str
    backend: str
    total_bytes: int
    free_bytes: int
    shares_ram: bool = False


@dataclass(frozen=True, slots=True)
class Hardware:
    """Memory, processors and accelerators at one moment.

    Attributes:
        ram_total_bytes: Memory, or the control group's limit where that is lower.
        ram_free_bytes: Memory that can be had without swapping.
        physical_cores: Cores, hyper-threads not counted.
        gpus: Accelerators, the one with most memory first.
    """

    ram_total_bytes: int
    ram_free_bytes: int
    physical_cores: int
    gpus: tuple[Gpu, ...] = ()
