"""Which files of a repository are picked for a quantization."""

import pytest

from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.model.quant_choice import (
    ChoiceNeededError,
    is_model_file,
    pick_files,
    quant_of,
)

UNSLOTH = [
    ".gitattributes",
    "README.md",
    "imatrix_unsloth.gguf_file",
    "imatrix_unsloth.gguf",
    "mmproj-BF16.gguf",
    "mmproj-F16.gguf",
    "Qwen3.5-4B-BF16.gguf",
    "Qwen3.5-4B-IQ4_XS.gguf",
    "Qwen3.5-4B-Q4_0.gguf",
    "Qwen3.5-4B-Q4_K_M.gguf",
    "Qwen3.5-4B-Q4_K_S.gguf",
    "Qwen3.5-4B-UD-Q4_K_M.gguf",
    "Qwen3.5-4B-UD-Q4_K_XL.gguf",
]
OFFICIAL = [
    "qwen2.5-7b-instruct-fp16-00001-of-00002.gguf",
    "qwen2.5-7b-instruct-q4_k_m-00002-of-00002.gguf",
    "qwen2.5-7b-instruct-q4_k_m-00001-of-00002.gguf",
    "qwen2.5-7b-instruct-q8_0-00001-of-00003.gguf",
    "qwen2.5-7b-instruct-q8_0-00003-of-00003.gguf",
    "qwen2.5-7b-instruct-q2_k.gguf",
]


@pytest.mark.parametrize(
    ("names", "quant", "picked"),
    [
        (UNSLOTH, None, ["Qwen3.5-4B-Q4_K_M.gguf"]),
        (UNSLOTH, "Q4_K_M", ["Qwen3.5-4B-Q4_K_M.gguf"]),
        (UNSLOTH, "q4_k_m", ["Qwen3.5-4B-Q4_K_M.gguf"]),
        (UNSLOTH, "UD-Q4_K_M", ["Qwen3.5-4B-UD-Q4_K_M.gguf"]),
        (UNSLOTH, "Q4_K_XL", ["Qwen3.5-4B-UD-Q4_K_XL.gguf"]),
        (UNSLOTH, "IQ4_XS", ["Qwen3.5-4B-IQ4_XS.gguf"]),
        (UNSLOTH, "Q4_0", ["Qwen3.5-4B-Q4_0.gguf"]),
        (UNSLOTH, "BF16", ["Qwen3.5-4B-BF16.gguf"]),
        (OFFICIAL, None, [OFFICIAL[2], OFFICIAL[1]]),
        (OFFICIAL, "Q2_K", [OFFICIAL[5]]),
        (["Q4_K_M/m-00001-of-00001.gguf", "m-Q8_0.gguf"], None, ["Q4_K_M/m-00001-of-00001.gguf"]),
        (["old/m-Q4_K_M.gguf", "m-Q4_K_M.gguf"], None, ["m-Q4_K_M.gguf"]),
        (["Q4_K_M/x.gguf", "long-name-Q4_K_M.gguf"], None, ["long-name-Q4_K_M.gguf"]),
        (["model.gguf", "README.md"], None, ["model.gguf"]),
        (["M.Q4_K_M.GGUF"], None, ["M.Q4_K_M.GGUF"]),
    ],
)
def test_picked(names: list[str], quant: str | None, picked: list[str]) -> None:
    assert list(pick_files(names, quant)) == picked
    assert list(pick_files(reversed(names), quant)) == picked


@pytest.mark.parametrize(
    ("names", "quant", "says"),
    [
        (UNSLOTH, "Q4_K", "There is no Q4_K here; choose one of BF16, IQ4_XS, Q4_0, Q4_K_M"),
        (UNSLOTH, "F16", "choose one of"),
        (UNSLOTH, "Q4_XS", "choose one of"),
        (OFFICIAL, "Q8_0", "There is no Q8_0 here; choose one of Q2_K, Q4_K_M."),
        (["README.md", "mmproj-Q4_K_M.gguf"], None, "no GGUF model"),
        (["a.gguf", "b.gguf"], None, "name one of its files: a.gguf, b.gguf"),
        (["model.gguf"], "Q8_0", "name one of its files: model.gguf"),
        (["../m-Q4_K_M.gguf"], None, "not a file name"),
        (["m\n-Q4_K_M.gguf"], None, "not a file name"),
    ],
)
def test_refused(names: list[str], quant: str | None, says: str) -> None:
    with pytest.raises(InvalidModelError) as caught:
        pick_files(names, quant)
    assert says in str(caught.value)
    assert str(caught.value).isprintable()


def test_quants_offered() -> None:
    told = {quant_of(name) for name in UNSLOTH if is_model_file(name)} - {""}
    assert tuple(sorted(told)) == (
        "BF16",
        "IQ4_XS",
        "Q4_0",
        "Q4_K_M",
        "Q4_K_S",
        "UD-Q4_K_M",
        "UD-Q4_K_XL",
    )


@pytest.mark.parametrize(
    ("names", "picked"),
    [
        (["Qwen3-0.6B-Q8_0.gguf", "README.md"], "Qwen3-0.6B-Q8_0.gguf"),
        (["m-UD-Q4_K_XL.gguf", "mmproj-F16.gguf"], "m-UD-Q4_K_XL.gguf"),
        (["BF16/m-F16.gguf"], "BF16/m-F16.gguf"),
    ],
)
def test_the_only_quantization_is_taken(names: list[str], picked: str) -> None:
    assert pick_files(names, None) == (picked,)


def test_of_several_quantizations_one_is_to_be_chosen_by_a_name_to_copy() -> None:
    names = ["m-Q8_0.gguf", "m-IQ4_XS.gguf", "m-BF16-00001-of-00002.gguf"]
    names += ["m-BF16-00002-of-00002.gguf", "mtp-m-Q4_K_M.gguf"]
    with pytest.raises(ChoiceNeededError) as caught:
        pick_files(names, None, "a/b")
    assert str(caught.value) == (
        "There is no Q4_K_M here; choose one of a/b:BF16, a/b:IQ4_XS, a/b:Q8_0."
    )
    assert caught.value.choices == (
        ("a/b:BF16", ("m-BF16-00001-of-00002.gguf", "m-BF16-00002-of-00002.gguf")),
        ("a/b:IQ4_XS", ("m-IQ4_XS.gguf",)),
        ("a/b:Q8_0", ("m-Q8_0.gguf",)),
    )


def test_where_the_user_is_asked_the_usual_one_is_a_choice_among_several() -> None:
    names = ["m-Q4_K_M.gguf", "m-Q8_0.gguf"]
    assert pick_files(names, None) == ("m-Q4_K_M.gguf",)
    with pytest.raises(ChoiceNeededError) as caught:
        pick_files(names, None, "a/b", asks=True)
    assert [name for name, _ in caught.value.choices] == ["a/b:Q4_K_M", "a/b:Q8_0"]
    assert pick_files(names, "Q8_0", asks=True) == ("m-Q8_0.gguf",)
    assert pick_files(["m-Q8_0.gguf"], None, asks=True) == ("m-Q8_0.gguf",)


@pytest.mark.parametrize(
    ("names", "quant"),
    [
        (["m-1.5B-Q4_K_M.gguf", "m-7B-Q4_K_M.gguf"], None),
        (["m-1.5B-Q4_K_M.gguf", "m-7B-Q4_K_M.gguf"], "Q4_K_M"),
        (["1.5b/m-q4_k_m.gguf", "7b/m-q4_k_m.gguf"], None),
        (["m-0.6B-Q8_0.gguf", "m-8B-Q4_K_M.gguf"], None),
        (["m-270M-Q8_0.gguf", "m-8B-Q8_0.gguf"], None),
        (["base-Q4_K_M.gguf", "instruct-Q4_K_M.gguf"], None),
    ],
)
def test_several_sizes_or_versions_are_a_question(names: list[str], quant: str | None) -> None:
    with pytest.raises(ChoiceNeededError) as caught:
        pick_files(names, quant, "a/b")
    assert {parts for _, parts in caught.value.choices} == {(name,) for name in names}
    for name, parts in caught.value.choices:
        # Each name that is offered leads to just that model.
        quant = name.partition(":")[2]
        assert name == f"a/b/{parts[0]}" or pick_files(names, quant) == parts


@pytest.mark.parametrize(
    "name",
    [
        "mtp-big-Q4_K_M.gguf",
        "big-MTP-Q4_K_M.gguf",
        "MMPROJ-F16.gguf",
        "mmprojF16.gguf",
        "draft/m-0.6B-Q4_K_M.gguf",
        "m-Draft-Q4_K_M.gguf",
        "DraftModel-Q4_K_M.gguf",
        "embedding-Q4_K_M.gguf",
        "Embeddings/x-Q8_0.gguf",
        "ggml-vocab-qwen2.gguf",
        "vocab-only.gguf",
        "lora/x-Q4_K_M.gguf",
        "x-LoRA-F16.gguf",
        "adapter.gguf",
        "sub/Adapters/x.gguf",
        "imatrix.gguf",
        "m-imatrix-Q4_K_M.gguf",
        "clip-vit-F16.gguf",
        "ggml_vae_f16.gguf",
        "WavTokenizer-Large-Q8_0.gguf",
    ],
)
def test_a_companion_is_never_the_model(name: str) -> None:
    assert not is_model_file(name)
    assert pick_files([name, "zz-longer-name-of-the-model-Q4_K_M.gguf"], None) == (
        "zz-longer-name-of-the-model-Q4_K_M.gguf",
    )
    with pytest.raises(InvalidModelError, match="no GGUF model"):
        pick_files([name], None)


@pytest.mark.parametrize(
    "name", ["Flora-7B-Q4_K_M.gguf", "Explorer-Q8_0.gguf", "overdrafts-of-x-Q4_K_M.gguf"]
)
def test_a_name_that_only_sounds_like_one_is_a_model(name: str) -> None:
    assert is_model_file(name)
