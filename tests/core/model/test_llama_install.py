import pytest

from shammah_tui.core.model.hardware import USABLE_BY, Gpu
from shammah_tui.core.model.llama_build import (
    backend_to_build,
    idle_sentence,
    install_command,
    reinstall_command,
    toolkit,
)


@pytest.mark.parametrize(
    ("backend", "flag"),
    [
        ("CUDA", "-DGGML_CUDA=on"),
        ("Vulkan", "-DGGML_VULKAN=on"),
        ("ROCm", "-DGGML_HIP=on"),
        ("SYCL", "-DGGML_SYCL=on"),
        ("Metal", "-DGGML_METAL=on"),
    ],
)
def test_install_command(backend: str, flag: str) -> None:
    rest = "install --force-reinstall --no-cache-dir llama-cpp-python"
    assert install_command(backend) == f"CMAKE_ARGS={flag} pip {rest}"
    assert install_command(backend, "python -m pip") == f"CMAKE_ARGS={flag} python -m pip {rest}"
    assert reinstall_command() == f"pip {rest}"
    assert toolkit(backend)


def test_every_card_can_be_built_for() -> None:
    for backend in USABLE_BY:
        gpu = Gpu("card", backend, 1, 1)
        for installed in ((), ("hipcc", "icpx")):
            built = backend_to_build(gpu, installed.__contains__)
            assert built in USABLE_BY[backend]
            assert install_command(built)


def test_vulkan_serves_where_the_makers_own_compiler_is_missing() -> None:
    radeon = Gpu("Radeon", "ROCm", 1, 1)
    assert backend_to_build(radeon) == "Vulkan"
    assert backend_to_build(radeon, lambda name: name == "hipcc") == "ROCm"
    assert backend_to_build(Gpu("GeForce", "CUDA", 1, 1)) == "CUDA"


def test_idle_sentence() -> None:
    assert idle_sentence(Gpu("NVIDIA GeForce RTX 4090", "CUDA", 1, 1)) == (
        "RTX 4090 is idle, because this llama.cpp has no CUDA support: CMAKE_ARGS="
        "-DGGML_CUDA=on pip install --force-reinstall --no-cache-dir llama-cpp-python"
    )
