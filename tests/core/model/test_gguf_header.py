"""What a GGUF file says of itself, whole, cut and damaged."""

import time
from pathlib import Path

import gguf
import pytest

from shammah_tui.core.model.gguf_header import Shape, shape, texts
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
        damaged = mutate_header(data, header, seed)
        texts(damaged)
        shape(damaged)
    assert time.process_time() - began_s < 30


@pytest.mark.parametrize("data", [b"", b"GGUF", b"<!doctype html>", b"GGUF" + b"\xff" * 4000])
def test_what_is_none_says_nothing(data: bytes) -> None:
    assert texts(data) == {}
    assert shape(data) is None


def test_counts_without_end_end_with_the_data() -> None:
    count = (2**64 - 1).to_bytes(8, "little")
    key = (1).to_bytes(8, "little") + b"k"
    lists = key + (9).to_bytes(4, "little") + (8).to_bytes(4, "little") + count
    began_s = time.process_time()
    assert texts(b"GGUF" + bytes(12) + count + lists + bytes(64 * 1024)) == {}
    numbers = key + (9).to_bytes(4, "little") + (10).to_bytes(4, "little") + count
    assert texts(b"GGUF" + bytes(12) + count + numbers) == {}
    assert time.process_time() - began_s < 5


def header_of(path: Path, architecture: str, **network: object) -> bytes:
    """Return a file that is nothing but a network's description and a long vocabulary."""
    writer = gguf.GGUFWriter(path, architecture)
    first = network.pop("vocabulary_first", False)
    if first:
        writer.add_token_list([f"word{number}" for number in range(5_000)])
    for name, value in network.items():
        key = f"{architecture}.{name.replace('__', '.')}"
        if isinstance(value, list):
            writer.add_array(key, value)
        else:
            writer.add_uint32(key, int(str(value)))
    if not first:
        writer.add_token_list([f"word{number}" for number in range(5_000)])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return path.read_bytes()


SMOLLM2 = {
    "context_length": 8192,
    "block_count": 30,
    "embedding_length": 576,
    "attention__head_count": 9,
    "attention__head_count_kv": 3,
}


@pytest.mark.parametrize(
    ("architecture", "network", "expected"),
    [
        ("llama", SMOLLM2, Shape(8192, 30, 9, 30 * 3 * 128 * 2, 0)),
        ("llama", SMOLLM2 | {"vocabulary_first": True}, Shape(8192, 30, 9, 23_040, 0)),
        # Gemma 3 270M: heads of its own size, sliding windows that count in full.
        (
            "gemma3",
            {
                "context_length": 32768,
                "block_count": 18,
                "embedding_length": 640,
                "attention__head_count": 4,
                "attention__head_count_kv": 1,
                "attention__key_length": 256,
                "attention__value_length": 256,
                "attention__sliding_window": 512,
            },
            Shape(32768, 18, 4, 18 * 512 * 2, 0),
        ),
        # Qwen3.5 4B, as the catalogue has it.
        (
            "qwen35",
            {
                "context_length": 262144,
                "block_count": 32,
                "embedding_length": 2560,
                "attention__head_count": 16,
                "attention__head_count_kv": 4,
                "attention__key_length": 256,
                "attention__value_length": 256,
                "full_attention_interval": 4,
                "ssm__conv_kernel": 1,
                "ssm__inner_size": 4096,
                "ssm__state_size": 128,
                "ssm__group_count": 16,
            },
            Shape(262144, 32, 16, 32_768, 50_331_648),
        ),
        # Layers by themselves: those without heads keep a state.
        (
            "jamba",
            {
                "context_length": 4096,
                "block_count": 4,
                "embedding_length": 64,
                "attention__head_count": 4,
                "attention__head_count_kv": [0, 2, 0, 1],
                "ssm__conv_kernel": 4,
                "ssm__inner_size": 128,
                "ssm__state_size": 16,
            },
            Shape(4096, 4, 4, 3 * 32 * 2, 2 * (16 * 128 + 3 * 128) * 4),
        ),
        # Without heads of keys and values of their own, those of the queries count.
        (
            "gpt2",
            {
                "context_length": 1024,
                "block_count": 12,
                "embedding_length": 768,
                "attention__head_count": 12,
            },
            Shape(1024, 12, 12, 12 * 768 * 2 * 2, 0),
        ),
    ],
)
def test_what_a_network_takes(
    tmp_path: Path, architecture: str, network: dict[str, object], expected: Shape
) -> None:
    data = header_of(tmp_path / "header.gguf", architecture, **network)
    assert shape(data) == expected
    # All that is wanted stands before the vocabulary, where that is not the first.
    if "vocabulary_first" not in network:
        assert shape(data[:2_000]) == expected


def test_a_model_of_the_tests(model: Path, tmp_path: Path) -> None:
    assert shape(model.read_bytes()) == Shape(32_768, 2, 4, 2 * 2 * 128 * 2, 0)
    hybrid = build_model(tmp_path / "hybrid.gguf", architecture="qwen35")
    seen = shape(hybrid.read_bytes())
    assert seen is not None
    assert seen.kv_bytes_per_token == 2 * 128 * 2
    assert seen.recurrent_state_bytes > 0


@pytest.mark.parametrize(
    "network",
    [
        {},
        {"block_count": 0, "embedding_length": 64},
        {"block_count": 4_000_000_000, "embedding_length": 64},
        {"block_count": 4},
    ],
)
def test_a_network_that_cannot_be_is_none(tmp_path: Path, network: dict[str, object]) -> None:
    assert shape(header_of(tmp_path / "odd.gguf", "llama", **network)) is None


def test_a_network_without_heads_takes_nothing_for_tokens(tmp_path: Path) -> None:
    network = {"block_count": 2, "embedding_length": 64, "attention__head_count": 0}
    seen = shape(header_of(tmp_path / "rwkv.gguf", "rwkv7", **network, wkv__head_size=64))
    assert seen is not None
    assert seen.kv_bytes_per_token == 0
    assert seen.recurrent_state_bytes == 2 * 64 * 66 * 4
