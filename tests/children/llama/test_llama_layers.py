"""How many layers go to an accelerator, as far as a machine without one can tell."""

from pathlib import Path
from typing import Any

import llama_cpp
import pytest

from shammah_tui.children.llama import weights
from shammah_tui.core.model.model_spec import DevicePreference
from shammah_tui.core.protocol.engine_messages import LoadModel, ModelLoaded
from shammah_tui.core.protocol.wire import decode, encode
from tests.engine_child import EngineChild
from tests.gguf_models import build_model

AUTO, GPU, CPU = DevicePreference.AUTO, DevicePreference.GPU, DevicePreference.CPU


@pytest.mark.parametrize(
    ("device", "gpu_layers", "told"),
    [(AUTO, None, -1), (AUTO, 26, 26), (GPU, 1, 1), (CPU, 26, 0), (CPU, None, 0)],
)
def test_llama_is_told_how_many_layers_to_offload(
    monkeypatch: pytest.MonkeyPatch, device: DevicePreference, gpu_layers: int | None, told: int
) -> None:
    asked: list[int] = []

    def load(_path: bytes, parameters: Any) -> None:
        asked.append(parameters.n_gpu_layers)

    # The build here has no accelerator; what it would be told is looked at on the way in.
    monkeypatch.setattr(llama_cpp, "llama_supports_gpu_offload", lambda: True)
    monkeypatch.setattr(llama_cpp, "llama_model_load_from_file", load)
    weights.load_weights(Path("a.gguf"), device, lambda _fraction: None, gpu_layers)
    assert asked == [told]


def test_the_wire_carries_the_layers() -> None:
    for gpu_layers in (None, 26):
        job = LoadModel("a.gguf", 4_096, AUTO, None, gpu_layers)
        assert decode(encode(job), [LoadModel]) == job


def test_a_build_without_an_accelerator_loads_all_the_same(tmp_path: Path) -> None:
    path = build_model(tmp_path / "small.gguf")
    job = LoadModel(str(path), 512, AUTO, 1, gpu_layers=2)
    with EngineChild(path, first_line=encode(job).encode() + b"\n") as child:
        loaded = next(event for event in child.events() if isinstance(event, ModelLoaded))
    assert loaded.device == "CPU"
