"""Checks in a child process that llama.cpp opens and takes a file: it may abort there."""

import contextlib
import importlib.util
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from shammah_tui.core.errors import WireError
from shammah_tui.core.model.llama_build import PACKAGE, BuildBroken, BuildSeen
from shammah_tui.core.model.model_spec import DevicePreference
from shammah_tui.core.protocol.child_environment import engine_environment
from shammah_tui.core.protocol.engine_messages import LoadFailed, LoadModel, ModelLoaded
from shammah_tui.core.protocol.wire import decode, encode
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording.engine import end_by_exit

ENGINE_MODULE = "shammah_tui.children.llama"
DEVICES_MODULE = "shammah_tui.children.llama.devices"

TIMEOUT_S = 20.0
"""It takes 0.3 s where the library is warm, and some seconds with a CUDA driver on a cold disk."""


def package_version() -> str | None:
    """Return the installed version of llama-cpp-python, or None; nothing is imported."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return None


def look_at_build(
    environment: Mapping[str, str], module: str = DEVICES_MODULE, timeout_s: float = TIMEOUT_S
) -> BuildSeen | BuildBroken:
    """Open the library in a child and return what it says; ``timeout_s`` of silence is broken."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", module],
            env=engine_environment(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return BuildBroken(f"it does not answer within {timeout_s:.0f} s")
    except OSError as error:
        return BuildBroken(f"no child process can be started ({error.strerror})")
    try:
        told = decode(child.stdout.decode(errors="replace"), [BuildSeen])
    except WireError:
        return BuildBroken(_last_words(child))
    assert isinstance(told, BuildSeen)
    return told


def look_at_model(
    path: Path,
    chat_template: str,
    environment: Mapping[str, str],
    timeout_s: float = TIMEOUT_S,
) -> ModelLoaded | LoadFailed | None:
    """Have the engine look at a file's vocabulary and chat template, without its weights.

    Returns:
        What the engine says of it; None where it says nothing before ``timeout_s``.
    """
    told = ""
    job = LoadModel(
        str(path), 0, DevicePreference.CPU, chat_template=chat_template, vocabulary_only=True
    )
    try:
        child = subprocess.Popen(
            [sys.executable, "-m", ENGINE_MODULE],
            env=engine_environment(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None
    assert child.stdin is not None
    assert child.stdout is not None
    too_long = threading.Timer(timeout_s, child.kill)
    too_long.start()
    # Its input stays open until it has said everything: the end of that is the end of the child.
    with child, contextlib.suppress(BrokenPipeError):
        child.stdin.write(encode(job).encode() + b"\n")
        child.stdin.flush()
        told = child.stdout.read().decode(errors="replace")
    too_long.cancel()
    for line in reversed(told.splitlines()):
        try:
            seen: ModelLoaded | LoadFailed = decode(line, (ModelLoaded, LoadFailed))
        except WireError:
            continue
        return seen
    return None


def pip_call() -> str:
    """Return how pip is called so that it installs into the environment of this program."""
    if importlib.util.find_spec("pip") is not None:
        return f"{sys.executable} -m pip"
    # uv makes environments without pip, and reads from here which one is meant.
    return f"UV_PYTHON={sys.executable} uv pip"


def _last_words(child: "subprocess.CompletedProcess[bytes]") -> str:
    lines = [plain(line) for line in child.stderr.decode(errors="replace").splitlines()]
    said = [line for line in lines if line]
    if child.returncode == -signal.SIGILL:
        return end_by_exit(child.returncode).sentence
    if child.returncode < 0 or not said:
        return f"it ended with status {child.returncode}"
    # Python's last line names the error: "OSError: libcudart.so.12: cannot open …".
    return said[-1].removeprefix("RuntimeError: ").removeprefix("OSError: ")
