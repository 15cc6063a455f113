"""What the installed llama.cpp says of itself when it is really opened."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BuildDevice:
    """One device that llama.cpp can compute on.

    Attributes:
        name: Its name for it, such as ``CUDA0`` or ``CPU``.
        description: The product's name.
        total_bytes: Its memory; 0 where it does not tell.
        free_bytes: How much of that is free.
    """

    name: str
    description: str
    total_bytes: int
    free_bytes: int

    @property
    def is_accelerator(self) -> bool:
        """Whether it is something else than the processor (BLAS libraries run on that, too)."""
        return self.name.upper() not in {"CPU", "BLAS", "ACCEL"}


@dataclass(frozen=True, slots=True)
class BuildSeen:
    """The library opens.

    Attributes:
        version: Version of the Python package.
        devices: What it can compute on.
        instructions: What of the processor it uses, as it names that, such as ``AVX2``.
    """

    version: str
    devices: tuple[BuildDevice, ...]
    instructions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BuildBroken:
    """The library does not open.

    Attributes:
        reason: The last words of whoever tried, one line.
    """

    reason: str
