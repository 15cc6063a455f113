"""Which files of a repository are picked for a quantization."""

import pytest

from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.quant_choice import pick_files, quants_of

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
    assert quants_of(UNSLOTH) == (
        "BF16",
        "IQ4_XS",
        "Q4_0",
        "Q4_K_M",
        "Q4_K_S",
        "UD-Q4_K_M",
        "UD-Q4_K_XL",
    )
