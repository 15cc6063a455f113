"""Loads weights, without AMX where the compiler spoilt llama.cpp's code for that.

Before each product of matrices ggml writes the sizes of the tiles to the stack and has
``ldtilecfg`` read them. GCC up to 12.3 and 13.2 declares 8 of those 64 bytes as read and leaves the
writing of the others out (GCC's bug 114098), so that the instruction takes what lay on the stack
for sizes: a general protection fault at the first prompt of a model in Q4_0, Q8_0 or a K type.
Found with llama-cpp-python 0.3.36 built by GCC 12.2; llama.cpp's issue 20824 is the same crash.

Without AMX llama.cpp takes other layouts of weights instead: with a Q4_0 model of Qwen2.5-0.5B's
shape 178 tokens/s are read and 29.9 generated on one core of a Xeon, against 123 and 22.5 without
any such layout, which is all that its own switch offers.
"""

import ctypes
import errno
import os
import platform
import re
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llama_cpp

from shammah_tui.core.model.model_spec import DevicePreference

LIBRARY = Path(llama_cpp.__file__).parent / "lib" / "libggml-cpu.so"

_COMPILER = re.compile(rb"GCC: \([^)]*\) (\d+)\.(\d+)")
"""What GCC leaves in the section ``.comment`` of all that it compiles."""
_FIRST_GOOD = {11: 5, 12: 4, 13: 3}
"""The minor version that brought the cure, by the major one; 10 knew no AMX."""

# linux/prctl.h, linux/seccomp.h, linux/filter.h and linux/audit.h
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_SECCOMP_MODE_FILTER = 2
_LOAD, _SKIP_UNLESS_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_X86_64, _ARCH_PRCTL = 0xC000003E, 158
_AT_NUMBER, _AT_ARCHITECTURE, _AT_FIRST_ARGUMENT = 0, 4, 16
_ASK_FOR_TILES = 0x1023
"""``ARCH_REQ_XCOMP_PERM``, by which a program asks Linux for AMX's registers."""

_FILTER = (
    (_LOAD, 0, _AT_ARCHITECTURE),
    (_SKIP_UNLESS_EQUAL, 5, _X86_64),
    (_LOAD, 0, _AT_NUMBER),
    (_SKIP_UNLESS_EQUAL, 3, _ARCH_PRCTL),
    (_LOAD, 0, _AT_FIRST_ARGUMENT),
    (_SKIP_UNLESS_EQUAL, 1, _ASK_FOR_TILES),
    (_RETURN, 0, _REFUSE | errno.EPERM),
    (_RETURN, 0, _ALLOW),
)
"""Operation, how many to skip, and what with."""


def amx_crashes(system_info: bytes, library: Path = LIBRARY) -> bool:
    """Tell whether the layouts of weights for AMX must not be used.

    Args:
        system_info: What ``llama_print_system_info`` returns.
        library: Where ggml's code for processors is; one that is not there is no cause for alarm.
    """
    if b"AMX_INT8 = 1" not in system_info:
        return False
    try:
        found = _COMPILER.findall(library.read_bytes())
    except OSError:
        return False
    versions = [(int(major), int(minor)) for major, minor in found]
    return any(minor < _FIRST_GOOD.get(major, 0) for major, minor in versions)


def refuse_amx() -> bool:
    """Have Linux refuse AMX to this thread and those that it starts, for good.

    llama.cpp asks once, before it loads the first model, and does without where that is refused.

    Returns:
        Whether it is refused from now on.
    """
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return False
    code = b"".join(struct.pack("HBBI", op, 0, skip, operand) for op, skip, operand in _FILTER)
    instructions = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog, aligned as C does.
    program = struct.pack("@HP", len(_FILTER), ctypes.addressof(instructions))
    libc = ctypes.CDLL(None)
    return bool(
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        and libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program, 0, 0) == 0
    )


ALL_LAYERS = -1
NO_LAYERS = 0
LONGEST_KEY = 1 << 16
"""Bytes; longer ones the format does not allow."""

PROGRESS_INTERVAL_S = 0.05
"""Shortest time between two reports; llama.cpp makes one for each tensor."""


def load_weights(
    path: Path,
    device: DevicePreference,
    on_progress: Callable[[float], None],
    gpu_layers: int | None = None,
    *,
    careful: bool = False,
    vocabulary_only: bool = False,
) -> Any | None:
    """Load ``path`` and return the ``llama_model``, or None when llama.cpp refuses it.

    ``GPU`` in a build without support loads on the processor: ``ModelLoaded`` then says so.

    Args:
        path: The file, or the first part of a split one.
        device: Where the layers are to be.
        on_progress: Given fractions from 0 to 1; always the last, 1.
        gpu_layers: How many layers are to be on an accelerator; None is all.
        careful: Whether to keep the weights as they are in the file, instead of in layouts for
            this processor.
        vocabulary_only: Whether to leave the weights in the file: nothing can be computed then.
    """
    parameters = llama_cpp.llama_model_default_params()
    parameters.vocab_only = vocabulary_only
    spoilt = amx_crashes(llama_cpp.llama_print_system_info()) and not refuse_amx()
    parameters.use_extra_bufts = not (careful or spoilt)
    if device is DevicePreference.CPU:
        parameters.n_gpu_layers = NO_LAYERS
        # An empty list of devices; otherwise an accelerator is opened, and large products are
        # computed on it, even when it holds no layer.
        no_devices = (ctypes.c_void_p * 1)(None)
        parameters.devices = ctypes.cast(no_devices, ctypes.c_void_p)
    elif llama_cpp.llama_supports_gpu_offload():
        parameters.n_gpu_layers = ALL_LAYERS if gpu_layers is None else gpu_layers

    # llama.cpp maps the file before its first report, which takes as long as the disk does.
    on_progress(0.0)
    reported_s = time.perf_counter()

    def progress(fraction: float, _data: object) -> bool:
        nonlocal reported_s
        now_s = time.perf_counter()
        if fraction < 1.0 and now_s - reported_s >= PROGRESS_INTERVAL_S:
            reported_s = now_s
            on_progress(fraction)
        return True

    # A name of its own: the parameters hold a bare pointer to it.
    callback = llama_cpp.llama_progress_callback(progress)
    parameters.progress_callback = callback
    model = llama_cpp.llama_model_load_from_file(os.fsencode(path), parameters)
    if model:
        on_progress(1.0)
    return model


def metadata_keys(model: Any, prefix: str) -> list[str]:
    """Return the keys of the GGUF's metadata that begin with ``prefix``, save those of lists."""
    buffer = ctypes.create_string_buffer(LONGEST_KEY)

    def key(index: int) -> str:
        llama_cpp.llama_model_meta_key_by_index(model, index, buffer, LONGEST_KEY)
        return buffer.value.decode(errors="replace")

    keys = map(key, range(int(llama_cpp.llama_model_meta_count(model))))
    return [each for each in keys if each.startswith(prefix)]


def metadata(model: Any, key: str) -> str:
    """Return one entry of the GGUF's metadata as text; empty when it has none."""
    size = int(llama_cpp.llama_model_meta_val_str(model, key.encode(), None, 0))
    if size <= 0:
        return ""
    buffer = ctypes.create_string_buffer(size + 1)
    llama_cpp.llama_model_meta_val_str(model, key.encode(), buffer, size + 1)
    return buffer.value.decode(errors="replace")
