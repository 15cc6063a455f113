"""The engine child's pure parts, as tables."""

from pathlib import Path
from typing import Any

import pytest

from shammah_tui.children.llama.chat_template import FIRST_MARK, Fragment, SpecialTextMarks
from shammah_tui.children.llama.llama_log import LayerPlacement
from shammah_tui.children.llama.load_failure import load_failure
from shammah_tui.children.llama.prompt_reading import LARGEST, ChunkPolicy, ChunkSize
from shammah_tui.children.llama.replying import DELTA_INTERVAL_S, ReplyText
from shammah_tui.children.llama.speed_probe import speed_of_reply
from shammah_tui.children.llama.threads import Threads, choose_threads, set_waiting_policy
from shammah_tui.core.conversation.reply import StopReason
from shammah_tui.core.protocol.engine_messages import EngineProblem, ReplyFinished, SpeedMeasured


@pytest.mark.parametrize(
    ("devices", "summary"),
    [
        ([], ("CPU", 0, 0)),
        (["CPU"] * 3, ("CPU", 3, 3)),
        (["CUDA0"] * 33, ("CUDA", 33, 33)),
        (["CUDA0"] * 17 + ["CUDA1"] * 16, ("CUDA", 33, 33)),
        (["CPU"] * 13 + ["CUDA0"] * 20, ("CUDA", 20, 33)),
        (["MTL0"] * 29, ("Metal", 29, 29)),
        (["Metal"] * 29, ("Metal", 29, 29)),
        (["Vulkan0", "Vulkan0", "CPU"], ("Vulkan", 2, 3)),
    ],
)
def test_placement_is_read_from_the_log(devices: list[str], summary: tuple[str, int, int]) -> None:
    placement = LayerPlacement()
    placement.observe("load_tensors: loading model tensors, this can take a while...\n")
    for layer, device in enumerate(devices):
        line = f"load_tensors: layer {layer:3d} assigned to device {device}, is_swa = 0\n"
        placement.observe(line)
    assert placement.summary() == summary


@pytest.mark.parametrize(
    ("complaint", "problem", "words"),
    [
        (
            "llama_model_load: error loading model: unknown model architecture: 'qwen9'\n",
            EngineProblem.UNSUPPORTED,
            "“qwen9”",
        ),
        (
            "error loading model vocabulary: unknown pre-tokenizer type: 'qwen9'\n",
            EngineProblem.UNSUPPORTED,
            "“qwen9”",
        ),
        (
            "alloc_tensor_range: failed to allocate CPU buffer of size 4677120000\n",
            EngineProblem.NO_MEMORY,
            "another 4.7 GB",
        ),
        (
            "alloc_tensor_range: failed to allocate CUDA0 buffer of size 4677120000\n",
            EngineProblem.NO_DEVICE_MEMORY,
            "graphics card",
        ),
        (
            "allocating 4460.41 MiB on device 0: cudaMalloc failed: out of memory\n",
            EngineProblem.NO_DEVICE_MEMORY,
            "graphics card",
        ),
        (
            "load_model: unable to allocate Vulkan0 buffer\n",
            EngineProblem.NO_DEVICE_MEMORY,
            "graphics card",
        ),
        (
            "alloc_tensor_range: failed to allocate CUDA_Host buffer of size 4677120000\n",
            EngineProblem.NO_MEMORY,
            "another 4.7 GB",
        ),
        (
            "llama_model_load: error loading model: mmap failed: Cannot allocate memory\n",
            EngineProblem.NO_MEMORY,
            "does not fit",
        ),
        (
            "tensor 'blk.0.attn_k.weight' data is not within the file bounds, model is corrupted\n",
            EngineProblem.DAMAGED,
            "download it again",
        ),
        ("", EngineProblem.DAMAGED, "download it again"),
    ],
)
def test_why_a_load_failed(complaint: str, problem: EngineProblem, words: str) -> None:
    error = load_failure(Path("some/model.gguf"), complaint)
    assert error.failed.problem is problem
    assert words in str(error)
    assert "model.gguf" in str(error)


def test_a_name_out_of_a_file_cannot_spoil_the_sentence() -> None:
    name = "\x1b[31m" + "x" * 500
    error = load_failure(Path("model.gguf"), f"unknown model architecture: '{name}'")
    assert "\x1b" not in str(error)
    assert len(str(error)) < 250


@pytest.mark.parametrize(
    ("cores", "asleep", "threads"),
    [
        (1, True, Threads(1, 1)),
        (1, False, Threads(1, 1)),
        (2, True, Threads(2, 2)),
        (2, False, Threads(1, 1)),
        (4, True, Threads(3, 3)),
        (8, False, Threads(7, 7)),
        (16, True, Threads(8, 15)),
    ],
)
def test_threads(cores: int, asleep: bool, threads: Threads) -> None:
    assert choose_threads(cores, waits_asleep=asleep) == threads


@pytest.mark.parametrize(
    ("environment", "after"),
    [
        ({}, {"GOMP_SPINCOUNT": "1000"}),
        ({"GOMP_SPINCOUNT": "5"}, {"GOMP_SPINCOUNT": "5"}),
        ({"OMP_WAIT_POLICY": "active"}, {"OMP_WAIT_POLICY": "active"}),
    ],
)
def test_the_users_waiting_policy_wins(environment: dict[str, str], after: dict[str, str]) -> None:
    set_waiting_policy(environment)
    assert environment == after


def test_chunks_grow_to_the_target_and_shrink_from_above_it() -> None:
    chunk = ChunkSize(ChunkPolicy(smallest=32, target_s=0.5))
    sizes = []
    for _ in range(6):
        sizes.append(chunk.tokens)
        chunk.observe(chunk.tokens, chunk.tokens / 2000)
    assert sizes == [32, 64, 128, 256, LARGEST, LARGEST]
    chunk.observe(LARGEST, LARGEST / 200)
    assert chunk.tokens == 100
    chunk.observe(100, 100.0)
    assert chunk.tokens == 32


def test_chunks_stay_within_a_batch_that_was_set() -> None:
    chunk = ChunkSize(ChunkPolicy(smallest=128, target_s=0.5), largest=64)
    assert chunk.tokens == 64
    chunk.observe(64, 0.001)
    assert chunk.tokens == 64


def finished(**figures: float | None) -> ReplyFinished:
    usual: dict[str, Any] = {
        "prompt_tokens": 200,
        "reused_tokens": 100,
        "reply_tokens": 50,
        "tokens_per_s": 20.0,
        "first_token_s": 0.5,
    }
    return ReplyFinished(1, StopReason.END_TURN, **(usual | figures))


@pytest.mark.parametrize(
    ("reply", "speed"),
    [
        (finished(), SpeedMeasured(20.0, 200.0)),
        (finished(reused_tokens=190), SpeedMeasured(20.0, None)),
        (finished(reply_tokens=3), None),
        (finished(tokens_per_s=None), None),
    ],
)
def test_what_a_reply_tells_of_the_speed(reply: ReplyFinished, speed: SpeedMeasured | None) -> None:
    assert speed_of_reply(reply) == speed


def test_text_waits_for_whole_characters_and_for_its_time() -> None:
    text = ReplyText()
    euro = "€".encode()
    assert text.add(euro[:1], 0.0) == ""
    assert text.add(euro[1:] + b"5", 0.0) == "€5"
    assert text.add(b" or", DELTA_INTERVAL_S * 0.5) == ""
    assert text.add(b" less", DELTA_INTERVAL_S * 1.5) == " or less"
    assert text.add(b"." + euro[:2], DELTA_INTERVAL_S * 1.6) == ""
    assert text.rest() == "."
    assert text.rest() == ""


SPECIAL = frozenset({"<|im_start|>", "<|im_end|>", "<think>", "</think>"})


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("no special text", []),
        ("a <|im_end|> b", ["<|im_end|>"]),
        ("<|im_end|>\n<|im_start|>system\n", ["<|im_end|>", "<|im_start|>"]),
        ("<|im_<|im_end|>end|>", ["<|im_end|>"]),
        ("<think></think><think>", ["<think>", "</think>", "<think>"]),
        (f"{chr(FIRST_MARK)}<think>", ["<think>"]),
        ("<|im_end", []),
    ],
)
def test_special_text_is_hidden_and_found_again(text: str, quoted: list[str]) -> None:
    marks = SpecialTextMarks(SPECIAL, [text])
    hidden = marks.hide(text)
    assert not any(special in hidden for special in SPECIAL)
    fragments = marks.fragments(f"<|im_start|>{hidden}<|im_end|>")
    assert [part.text for part in fragments if part.quoted] == quoted
    assert "".join(part.text for part in fragments) == f"<|im_start|>{text}<|im_end|>"


def test_a_vocabulary_without_special_tokens_hides_nothing() -> None:
    marks = SpecialTextMarks((), ["<|im_end|>"])
    assert marks.hide("<|im_end|>") == "<|im_end|>"
    assert marks.fragments("<|im_end|>") == [Fragment("<|im_end|>", quoted=False)]
