import sys
from pathlib import Path

import pytest

from shammah_tui.adapters.engine.llama_build import built_backends


def _package(folder: Path, *libraries: str) -> None:
    package = folder / "llama_cpp"
    (package / "lib").mkdir(parents=True)
    (package / "__init__.py").write_text("raise AssertionError('it must not be imported')")
    for library in libraries:
        (package / "lib" / library).touch()


@pytest.mark.parametrize(
    ("libraries", "backends"),
    [
        (("libllama.so", "libggml-cpu.so", "libggml-base.so.0"), set()),
        (("libggml-cuda.so", "libggml-cuda.so.0", "libggml-cpu.so"), {"CUDA"}),
        (("libggml-metal.dylib",), {"Metal"}),
        (("ggml-vulkan.dll", "ggml-cuda.dll"), {"CUDA", "Vulkan"}),
    ],
)
def test_reads_the_libraries_beside_the_package(
    libraries: tuple[str, ...], backends: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _package(tmp_path, *libraries)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "llama_cpp", raising=False)
    assert built_backends() == backends


def test_without_the_package_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shammah_tui.adapters.engine.llama_build.find_spec", lambda _name: None)
    assert built_backends() == frozenset()
