"""How to install a llama.cpp that can use an accelerator which this one cannot."""

from collections.abc import Callable, Mapping

from shammah_tui.core.hardware import Gpu

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

    Args:
        gpu: The card.
        has_program: Whether a program is installed.
    """
    compiler = _COMPILERS.get(gpu.backend)
    return gpu.backend if compiler is None or has_program(compiler) else "Vulkan"


def install_command(backend: str, pip: str = "pip") -> str:
    """Return the shell command that builds llama-cpp-python for ``backend``.

    Args:
        backend: ``CUDA``, ``Metal``, ``ROCm``, ``SYCL`` or ``Vulkan``.
        pip: How pip is called here.
    """
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
