"""What a GGUF file says of itself, whole, cut and damaged."""

import time
from pathlib import Path

import pytest

from shammah_tui.core.gguf_header import texts
from tests.gguf_damage import header_bytes, mutate_header
from tests.gguf_lora import build_lora
from tests.gguf_models import build_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_model(tmp_path_factory.mktemp("header") / "model.gguf")


@pytest.fixture(scope="module")
def lora(model: Path) -> Path:
    return build_lora(model.with_name("lora.gguf"), model, "Ġmachine")


def test_a_model_and_an_adapter_say_what_they_are(model: Path, lora: Path) -> None:
    said = texts(lora.read_bytes()[: 64 * 1024])
    assert said["general.type"] == "adapter"
    assert said["adapter.type"] == "lora"
    assert said["general.architecture"] == "qwen2"
    # What comes after lists of texts and of numbers is found as well.
    assert "tokenizer.chat_template" in texts(model.read_bytes())
    assert "adapter.type" not in texts(model.read_bytes())


def test_a_part_says_a_part(lora: Path) -> None:
    data = lora.read_bytes()
    whole = texts(data)
    for length in range(header_bytes(lora)):
        said = texts(data[:length])
        assert said.items() <= whole.items()


@pytest.mark.parametrize("which", ["model", "lora"])
def test_damage_is_read_as_far_as_it_goes(which: str, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue(which)
    data, header = path.read_bytes()[: 64 * 1024], min(header_bytes(path), 64 * 1024)
    began_s = time.process_time()
    for seed in range(300):
        texts(mutate_header(data, header, seed))
    assert time.process_time() - began_s < 30


@pytest.mark.parametrize("data", [b"", b"GGUF", b"<!doctype html>", b"GGUF" + b"\xff" * 4000])
def test_what_is_none_says_nothing(data: bytes) -> None:
    assert texts(data) == {}


def test_counts_without_end_end_with_the_data() -> None:
    count = (2**64 - 1).to_bytes(8, "little")
    key = (1).to_bytes(8, "little") + b"k"
    lists = key + (9).to_bytes(4, "little") + (8).to_bytes(4, "little") + count
    began_s = time.process_time()
    assert texts(b"GGUF" + bytes(12) + count + lists + bytes(64 * 1024)) == {}
    numbers = key + (9).to_bytes(4, "little") + (10).to_bytes(4, "little") + count
    assert texts(b"GGUF" + bytes(12) + count + numbers) == {}
    assert time.process_time() - began_s < 5
