"""Finds the accelerators that the installed build of llama.cpp can use, without loading it."""

from importlib.util import find_spec
from pathlib import Path

_LIBRARIES = {
    "ggml-cuda": "CUDA",
    "ggml-hip": "ROCm",
    "ggml-metal": "Metal",
    "ggml-sycl": "SYCL",
    "ggml-vulkan": "Vulkan",
}


def built_backends() -> frozenset[str]:
    """Return the accelerators that the build supports; empty for one for processors only.

    llama.cpp makes one shared library for each, which lie beside the Python package.
    """
    # Finding the package does not import it: that would load the libraries (0.2 s).
    package = find_spec("llama_cpp")
    if package is None or package.origin is None:
        return frozenset()
    folder = Path(package.origin).parent / "lib"
    if not folder.is_dir():
        return frozenset()
    names = [file.name.removeprefix("lib").partition(".")[0] for file in folder.iterdir()]
    return frozenset(_LIBRARIES[name] for name in names if name in _LIBRARIES)
