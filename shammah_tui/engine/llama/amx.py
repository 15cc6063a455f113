"""Keeps llama.cpp from AMX where its code for that was spoilt by the compiler.

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
import platform
import re
import struct
import sys
from pathlib import Path

import llama_cpp

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
