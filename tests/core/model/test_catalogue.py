import re

import pytest

from shammah_tui.core.model.catalogue import CATALOGUE, offered_models
from shammah_tui.core.model.hub_names import is_file_name, is_repo, part_names
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.model.sampling import Sampling, family_of, sampling_for


def test_ids_and_files_are_unique() -> None:
    assert len({model.id.lower() for model in CATALOGUE}) == len(CATALOGUE) >= 14
    digests = [file.sha256 for model in CATALOGUE for file in model.files]
    assert len(set(digests)) == len(digests)


@pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.id)
def test_every_entry_is_pinned_and_whole(model: ModelSpec) -> None:
    assert model.repo is not None
    assert is_repo(model.repo)
    assert re.fullmatch(r"[0-9a-f]{40}", model.revision or "")
    assert tuple(file.name for file in model.files) == part_names(model.files[0].name)
    for file in model.files:
        assert is_file_name(file.name)
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256 or "")
        assert file.size_bytes
    assert model.quant
    assert model.quant.lower() in model.files[0].name.lower()
    assert model.licence == "Apache-2.0"
    assert model.native_context
    assert model.native_context >= 32_768
    assert model.kv_bytes_per_token
    # f16 keys and values: two tensors of two bytes for every layer with attention.
    assert model.kv_bytes_per_token % 4 == 0
    assert model.n_layer
    # Hybrid architectures are those from 3.5 on; they keep a state besides the cache.
    assert bool(model.recurrent_state_bytes) == (model.family in {"Qwen3.5", "Qwen3.6", "Qwen3.8"})
    assert family_of(model.files[0].name) == model.family
    # Four to nine bits a parameter: a size or a count that was mistyped falls out of this.
    assert model.size_bytes
    assert 3.9 < model.size_bytes * 8 / (model.params_b * 1e9) < 9


def test_a_split_model_is_among_them() -> None:
    assert [len(model.files) for model in CATALOGUE if len(model.files) > 1] == [2]


def test_own_models_win() -> None:
    mine = ModelSpec("QWEN3.5-4B", "mine", repo="me/mine")
    other = ModelSpec("other", "other", repo="me/other")
    offered = offered_models((mine, other))
    assert len(offered) == len(CATALOGUE) + 1
    assert [model for model in offered if model.id.lower() == "qwen3.5-4b"] == [mine]
    assert offered[-1] is other


def row(t: float, p: float, presence: float, repeat: float = 1.0) -> Sampling:
    return Sampling(t, p, 20, 0.0, presence, repeat)


SAMPLING_TABLE = [
    ("Qwen2.5", 7.6, False, row(0.7, 0.8, 0, 1.05)),
    ("Qwen2.5", 7.6, True, row(0.7, 0.8, 0, 1.05)),
    ("Qwen3", 8.2, True, row(0.6, 0.95, 1.5)),
    ("Qwen3", 8.2, False, row(0.7, 0.8, 1.5)),
    ("Qwen3", 1.7, False, row(0.7, 0.8, 1.5)),
    ("Qwen3-2507", 4, False, row(0.7, 0.8, 1.0)),
    ("Qwen3-2507", 4, True, row(0.7, 0.8, 1.0)),
    ("Qwen3.5", 0.8, False, row(1.0, 1.0, 2.0)),
    ("Qwen3.5", 2, False, row(1.0, 1.0, 2.0)),
    ("Qwen3.5", 4, False, row(0.7, 0.8, 1.5)),
    ("Qwen3.5", 0, False, row(0.7, 0.8, 1.5)),
    ("Qwen3.5", 9, True, row(1.0, 0.95, 1.5)),
    ("Qwen3.6", 36, False, row(0.7, 0.8, 1.5)),
    ("Qwen3.6", 36, True, row(1.0, 0.95, 0)),
    ("Qwen3.8", 27.8, False, row(0.7, 0.8, 1.5)),
    ("Qwen3.8", 27.8, True, row(1.0, 0.95, 0)),
    ("", 3, True, Sampling()),
]


@pytest.mark.parametrize(("family", "params_b", "thinking", "expected"), SAMPLING_TABLE)
def test_sampling(family: str, params_b: float, thinking: bool, expected: Sampling) -> None:
    assert sampling_for(family, params_b, thinking) == expected


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("Qwen_Qwen3.5-2B-Q4_K_M.gguf", "Qwen3.5"),
        ("qwen2.5-coder-7b-instruct", "Qwen2.5"),
        ("Qwen2.5 0.5B Instruct", "Qwen2.5"),
        ("Qwen3-30B-A3B-Instruct-2507", "Qwen3-2507"),
        ("Qwen3-30B-A3B-Thinking-2507", "Qwen3"),
        ("Qwen3-0.6B", "Qwen3"),
        ("SmolLM2-135M-Instruct.Q4_1", "SmolLM2"),
        ("Qwen3.7-9B", ""),
        ("Qwen30-1B", ""),
        ("Llama-3.2-1B", ""),
    ],
)
def test_family_of(name: str, family: str) -> None:
    assert family_of(name) == family
