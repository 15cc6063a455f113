"""The installed library, really opened in a child; and children that fail in several ways."""

import os
import sys
from pathlib import Path

import pytest

from shammah_tui.adapters.engine.engine_check import look_at_build, package_version, pip_call
from shammah_tui.core.model.llama_build import BuildBroken, BuildDevice, BuildSeen

SECRET = "sk-ant-engine-check-0123456789"


def test_the_installed_build_opens_and_sees_this_processor() -> None:
    seen = look_at_build(os.environ)
    assert isinstance(seen, BuildSeen)
    assert seen.version == package_version()
    processors = [device for device in seen.devices if not device.is_accelerator]
    assert "CPU" in [device.name for device in processors]
    assert all(device.description for device in seen.devices)


def _look(tmp_path: Path, code: str, timeout_s: float = 20.0) -> BuildSeen | BuildBroken:
    (tmp_path / "stand_in.py").write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "ANTHROPIC_API_KEY": SECRET}
    return look_at_build(environment, "stand_in", timeout_s)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "raise OSError('libcudart.so.12: cannot open shared object file')",
            "libcudart.so.12: cannot open shared object file",
        ),
        (
            "raise ImportError('No module named llama_cpp')",
            "ImportError: No module named llama_cpp",
        ),
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "instructions"),
        ("import os; os.abort()", "status -6"),
        ("print('hello')", "status 0"),
        ("import os; raise SystemExit(os.environ.get('ANTHROPIC_API_KEY', 'no key'))", "no key"),
    ],
)
def test_a_build_that_does_not_open(tmp_path: Path, code: str, said: str) -> None:
    broken = _look(tmp_path, code)
    assert isinstance(broken, BuildBroken)
    assert said in broken.reason
    assert SECRET not in broken.reason


def test_a_build_that_hangs(tmp_path: Path) -> None:
    broken = _look(tmp_path, "import threading; threading.Event().wait()", timeout_s=0.5)
    assert isinstance(broken, BuildBroken)
    assert "does not answer" in broken.reason


def test_pip_is_called_for_this_environment() -> None:
    assert sys.executable in pip_call()


@pytest.mark.parametrize(("name", "expected"), [("CPU", False), ("BLAS", False), ("CUDA0", True)])
def test_accelerators(name: str, expected: bool) -> None:
    assert BuildDevice(name, "", 0, 0).is_accelerator is expected
