"""What the installed llama.cpp says of itself when it is really opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shammah_tui.core.model.hardware import Gpu


@dataclass(frozen=True, slots=True)
class BuildDevice:
    """One device that llama.cpp computes on, such as ``CUDA0``; 0 bytes: it does not tell."""

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
    """The library opens; ``instructions`` are those of the processor that it uses, as ``AVX2``."""

    version: str
    devices: tuple[BuildDevice, ...]
    instructions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BuildBroken:
    """The library does not open; ``reason`` is the last line of whoever tried."""

    reason: str


PACKAGE = "llama-cpp-python"

_FLAGS: Mapping[str, str] = {
    "CUDA": "-DGGML_CUDA=on",
    "Metal": "-DGGML_METAL=on",
    "ROCm": "-DGGML_HIP=on",
    "SYCL": "-DGGML_SYCL=on",
    "Vulkan": "-DGGML_VULKAN=on",
}
"""CMake options of ggml; on macOS that for Metal is on unless it is switched off."""

_TOOLKITS: Mapping[str, str] = {
    "CUDA": "the CUDA toolkit (nvcc)",
    "Metal": "Xcode's command line tools",
    "ROCm": "ROCm (hipcc)",
    "SYCL": "oneAPI (icpx)",
    "Vulkan": "the Vulkan headers and glslc",
}
"""What must be there for the build to succeed."""

_COMPILERS: Mapping[str, str] = {"ROCm": "hipcc", "SYCL": "icpx"}
"""Big installations that few have; Vulkan serves the same cards from a few small packages."""


def backend_to_build(gpu: Gpu, has_program: Callable[[str], bool] = lambda _name: False) -> str:
    """Return for which accelerator llama.cpp is built most easily so that it can use a card.

    ``has_program`` tells whether a program is installed.
    """
    compiler = _COMPILERS.get(gpu.backend)
    return gpu.backend if compiler is None or has_program(compiler) else "Vulkan"


def install_command(backend: str, pip: str = "pip") -> str:
    """Return the shell command that builds llama-cpp-python for a ``Gpu.backend``."""
    return f"CMAKE_ARGS={_FLAGS[backend]} {reinstall_command(pip)}"


def reinstall_command(pip: str = "pip") -> str:
    """Return the shell command that installs llama-cpp-python again, as it comes."""
    return f"{pip} install --force-reinstall --no-cache-dir {PACKAGE}"


def toolkit(backend: str) -> str:
    """Return what building for ``backend`` needs, for the middle of a sentence."""
    return _TOOLKITS[backend]


def idle_sentence(gpu: Gpu) -> str:
    """Return that a card stands idle and what to type, without a full stop."""
    backend = backend_to_build(gpu)
    return (
        f"{gpu.short_name} is idle, because this llama.cpp has no {backend} support: "
        f"{install_command(backend)}"
    )
