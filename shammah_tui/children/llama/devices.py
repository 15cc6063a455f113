"""Lists the devices that this llama.cpp can compute on.

Run as ``python -m shammah_tui.children.llama.devices``: the library may abort, or not open at all.
"""

import ctypes
import os
import re

from shammah_tui.core.model.llama_build import BuildDevice, BuildSeen
from shammah_tui.core.protocol.wire import encode

_INSTRUCTIONS = re.compile(r"(\w+) = 1\b")


def look() -> BuildSeen:
    """Open the library and return what it says.

    Raises:
        ImportError: It is not installed.
        OSError: It does not open; newer versions of the package raise ``RuntimeError`` then.
    """
    import llama_cpp  # Deferred: opening it is what may fail.
    from llama_cpp import _ggml

    llama_cpp.llama_backend_init()
    library = _ggml.libggml
    library.ggml_backend_dev_count.restype = ctypes.c_size_t
    library.ggml_backend_dev_get.restype = ctypes.c_void_p
    library.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    devices = tuple(
        _device(library, library.ggml_backend_dev_get(index))
        for index in range(library.ggml_backend_dev_count())
    )
    said: bytes = llama_cpp.llama_print_system_info()
    instructions = tuple(_INSTRUCTIONS.findall(said.decode(errors="replace")))
    return BuildSeen(str(llama_cpp.__version__), devices, instructions)


def _device(library: ctypes.CDLL, device: int) -> BuildDevice:
    name, description = library.ggml_backend_dev_name, library.ggml_backend_dev_description
    for function in (name, description):
        function.restype, function.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
    size = ctypes.POINTER(ctypes.c_size_t)
    library.ggml_backend_dev_memory.restype = None
    library.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p, size, size]
    free, total = ctypes.c_size_t(0), ctypes.c_size_t(0)
    library.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
    return BuildDevice(
        name(device).decode(errors="replace"),
        description(device).decode(errors="replace"),
        total.value,
        free.value,
    )


def main() -> None:
    """Write one ``BuildSeen`` as a line of JSON; whatever libraries print joins the log."""
    outbox = os.dup(1)
    os.dup2(2, 1)
    os.write(outbox, encode(look()).encode() + b"\n")


if __name__ == "__main__":
    main()
