"""Which builds of llama.cpp are kept from AMX, and that none crashes with a quantized model."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest
from gguf import GGMLQuantizationType as Quant

from shammah_tui.children.llama.weights import amx_crashes, refuse_amx
from shammah_tui.core.protocol.engine_messages import ModelLoaded
from tests.engine_child import EngineChild, user
from tests.gguf_models import REPLY, Shape, build_model

AMX = b"CPU : SSE3 = 1 | AVX512_BF16 = 1 | AMX_INT8 = 1 | OPENMP = 1 | "


@pytest.mark.parametrize(
    ("compiler", "crashes"),
    [
        (b"GCC: (GNU) 11.4.0", True),
        (b"GCC: (GNU) 11.5.0", False),
        (b"GCC: (Debian 12.2.0-14+deb12u1) 12.2.0", True),
        (b"GCC: (Debian 12.4.0-1) 12.4.0", False),
        (b"GCC: (Ubuntu 13.2.0-23ubuntu4) 13.2.0", True),
        (b"GCC: (Ubuntu 13.3.0-6ubuntu2) 13.3.0", False),
        (b"GCC: (GNU) 15.3.0", False),
        (b"clang version 19.1.0", False),
        # One object of the two is enough.
        (b"GCC: (GNU) 14.2.0\0GCC: (GNU) 12.1.0", True),
    ],
)
def test_compilers(tmp_path: Path, compiler: bytes, crashes: bool) -> None:
    library = tmp_path / "libggml-cpu.so"
    library.write_bytes(b"\x7fELF" + bytes(100) + compiler + b"\0")
    assert amx_crashes(AMX, library) is crashes
    assert not amx_crashes(AMX.replace(b"AMX_INT8 = 1 | ", b""), library)


def test_a_library_that_is_not_there(tmp_path: Path) -> None:
    assert not amx_crashes(AMX, tmp_path / "libggml-cpu.so")


@pytest.mark.parametrize("quant", [Quant.Q8_0, Quant.Q4_0])
def test_a_quantized_model_reads_a_long_prompt_here(tmp_path: Path, quant: Quant) -> None:
    path = build_model(tmp_path / "model.gguf", quant=quant, shape=Shape(layers=4, embedding=512))
    with EngineChild(path) as child:
        child.wait_for(ModelLoaded)
        child.ask(user("The sea is grey and quiet. " * 40))
        text, end = child.rest_of_reply()
    assert text == REPLY
    assert end.prompt_tokens > 200


ASK_FOR_AMX = """
import ctypes, errno, sys
from shammah_tui.children.llama.weights import refuse_amx
libc = ctypes.CDLL(None, use_errno=True)
def ask(what, *more):
    ctypes.set_errno(0)
    return libc.syscall(158, what, *more), ctypes.get_errno()

assert refuse_amx()
assert ask(0x1023, 18) == (-1, errno.EPERM)
# What else the call does is as it was: ARCH_GET_FS.
assert ask(0x1003, ctypes.byref(ctypes.c_ulong())) == (0, 0)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="AMX is x86-64's"
)
def test_linux_refuses_amx_and_nothing_else() -> None:
    subprocess.run([sys.executable, "-c", ASK_FOR_AMX], check=True, timeout=60)


def test_elsewhere_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert not refuse_amx()
