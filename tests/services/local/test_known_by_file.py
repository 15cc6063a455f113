"""What a file says of itself decides what it needs and how long its context is."""

from pathlib import Path

import pytest

from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.hardware import Hardware
from shammah_tui.core.model.model_choice import fit_model
from shammah_tui.core.model.model_spec import DevicePreference, ModelSpec
from shammah_tui.services.local.load_plan import known_by_file
from tests.core.model.test_gguf_header import SMOLLM2, header_of
from tests.fakes import GIB

MINE = ModelSpec("mine", "Mine", local_path="mine.gguf")
CPU = DevicePreference.CPU


def known(folder: Path, size_bytes: int, **network: object) -> ModelSpec:
    path = folder / "mine.gguf"
    header_of(path, "llama", **network)
    return known_by_file(MINE, path, size_bytes)


@pytest.mark.parametrize("total_gib", [4, 8, 64])
def test_a_small_file_needs_little_and_gets_the_context_it_was_trained_for(
    tmp_path: Path, total_gib: int
) -> None:
    model = known(tmp_path, 98_362_432, **SMOLLM2)
    hardware = Hardware(total_gib * GIB, (total_gib - 1) * GIB, 2)
    choice = fit_model(model, hardware, CPU)
    assert (choice.context_length, choice.warning) == (8192, "")
    assert choice.need_bytes is not None
    # Weights, 8,192 times 23,040 bytes, and buffers.
    assert 98e6 + 188e6 < choice.need_bytes < 0.7e9
    # No longer one is made, whatever is asked for.
    assert fit_model(model, hardware, CPU, 32_768).context_length == 8192
    assert fit_model(model, hardware, CPU, 2_048).context_length == 2_048


def test_a_model_that_was_trained_for_less_than_the_shortest(tmp_path: Path) -> None:
    model = known(tmp_path, 98_362_432, **(SMOLLM2 | {"context_length": 2_048}))
    choice = fit_model(model, Hardware(8 * GIB, 6 * GIB, 2), CPU)
    assert (choice.context_length, choice.warning) == (2_048, "")
    tight = fit_model(model, Hardware(2 * GIB, GIB // 4, 2), CPU)
    assert tight.context_length == 2_048


def test_what_is_known_already_stays(tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    header_of(path, "llama", **SMOLLM2)
    for model in CATALOGUE:
        assert known_by_file(model, path, 1) == model


@pytest.mark.parametrize("content", [b"", b"GGUF", b"no model at all"])
def test_a_file_that_says_nothing_is_counted_as_before(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(content)
    model = known_by_file(MINE, path, 1000)
    assert (model.size_bytes, model.kv_bytes_per_token) == (1000, None)
    assert known_by_file(MINE, tmp_path / "gone.gguf", 1000).kv_bytes_per_token is None
