"""What can be set really counts, and the speed is measured when nobody waits."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from gguf import GGMLQuantizationType as Quant

from shammah_tui.children.llama.load_failure import is_cache_refused
from shammah_tui.children.llama.loading import batch_that_fits, context_options
from shammah_tui.children.llama.threads import Threads
from shammah_tui.core.model.memory import COMPUTE_BUFFER_BYTES
from shammah_tui.core.model.model_spec import DevicePreference, FlashAttention, KvType
from shammah_tui.core.protocol.engine_messages import (
    EngineProblem,
    LoadFailed,
    LoadModel,
    ModelLoaded,
    ReplyDelta,
    ReplyFinished,
    SpeedMeasured,
)
from tests.engine_child import EngineChild, user
from tests.gguf_models import REPLY, Shape, build_model

LONG_TEXT = "The sea is grey and quiet, and the first boats come home. "
SHAPE = Shape(layers=4, embedding=256, heads=4, kv_heads=4)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def model(models: Path) -> Path:
    return build_model(models / "small.gguf", shape=SHAPE)


def job(path: Path, **options: object) -> LoadModel:
    return LoadModel(str(path), 2048, DevicePreference.CPU, 1, **options)  # type: ignore[arg-type]


def log_of(path: Path, log_path: Path, **options: object) -> str:
    """Return llama.cpp's own log of a load with ``options``, after a reply that must be right."""
    with EngineChild(path, job=job(path, **options), log_path=log_path) as child:
        child.wait_for(ModelLoaded)
        child.ask(user("Hi!"))
        assert child.rest_of_reply()[0] == REPLY
    return log_path.read_text()


@pytest.mark.parametrize(
    ("kv_type", "kind"), [(KvType.AUTO, "f16"), (KvType.F16, "f16"), (KvType.Q8_0, "q8_0")]
)
def test_the_type_of_keys_and_values(
    model: Path, tmp_path: Path, kv_type: KvType, kind: str
) -> None:
    said = log_of(model, tmp_path / "log", kv_type=kv_type)
    assert f"K ({kind})" in said and f"V ({kind})" in said


@pytest.mark.parametrize("batch_size", [None, 64, 1024])
def test_the_batch(model: Path, tmp_path: Path, batch_size: int | None) -> None:
    said = log_of(model, tmp_path / "log", batch_size=batch_size)
    assert f"n_ubatch = {batch_size or 512}" in " ".join(said.split())


def test_buffers_stay_within_what_memory_counts_for_them(models: Path, tmp_path: Path) -> None:
    """32 heads at the longest context that is chosen by itself."""
    path = build_model(models / "heads.gguf", shape=Shape(embedding=1024, heads=32, kv_heads=8))
    with EngineChild(path, context_length=32_768, log_path=tmp_path / "log") as child:
        assert child.wait_for(ModelLoaded).context_length == 32_768
    said = (tmp_path / "log").read_text()
    (size_mib,) = re.findall(r"CPU compute buffer size =\s+([\d.]+) MiB", said)
    assert float(size_mib) * 2**20 < COMPUTE_BUFFER_BYTES


@pytest.mark.parametrize(
    ("context_length", "heads", "batch"),
    [(4_096, 32, 512), (8_192, 32, 512), (16_384, 32, 256), (32_768, 32, 128), (1 << 20, 64, 64)],
)
def test_the_batch_that_fits(context_length: int, heads: int, batch: int) -> None:
    assert batch_that_fits(context_length, heads) == batch


@pytest.mark.parametrize(
    ("wish", "kv_type", "on_cpu", "chosen"),
    [
        (FlashAttention.AUTO, KvType.F16, True, FlashAttention.OFF),
        (FlashAttention.AUTO, KvType.Q8_0, True, FlashAttention.AUTO),
        (FlashAttention.AUTO, KvType.F16, False, FlashAttention.AUTO),
        (FlashAttention.ON, KvType.F16, True, FlashAttention.ON),
        (FlashAttention.OFF, KvType.F16, False, FlashAttention.OFF),
    ],
)
def test_flash_attention_by_device(
    wish: FlashAttention, kv_type: KvType, on_cpu: bool, chosen: FlashAttention
) -> None:
    job = LoadModel("m", 32_768, DevicePreference.AUTO, flash_attention=wish, kv_type=kv_type)
    options = context_options(job, Threads(1, 1), 32, on_cpu=on_cpu)
    assert options.flash_attention is chosen
    assert options.batch_size == (128 if chosen is FlashAttention.OFF else 512)


@pytest.mark.parametrize(
    ("flash_attention", "word"),
    [
        (FlashAttention.ON, "enabled"),
        (FlashAttention.OFF, "disabled"),
        (FlashAttention.AUTO, "disabled"),
    ],
)
def test_flash_attention(
    model: Path, tmp_path: Path, flash_attention: FlashAttention, word: str
) -> None:
    said = log_of(model, tmp_path / "log", flash_attention=flash_attention)
    assert any(f"flash_attn = {word}" in " ".join(line.split()) for line in said.splitlines()), said


def test_a_long_prompt_is_read_in_batches_that_were_set(model: Path) -> None:
    with EngineChild(model, job=job(model, batch_size=32, kv_type=KvType.Q8_0)) as child:
        child.wait_for(ModelLoaded)
        child.ask(user(LONG_TEXT * 40))
        text, end = child.rest_of_reply()
    assert text == REPLY
    assert end.prompt_tokens > 500


@pytest.mark.parametrize("quant", [Quant.Q8_0, Quant.Q4_0])
def test_a_careful_load_keeps_the_weights_as_they_are(
    models: Path, tmp_path: Path, quant: Quant
) -> None:
    quantized = build_model(models / f"{quant.name}.gguf", quant=quant)
    said = log_of(quantized, tmp_path / "log", careful=True)
    assert "REPACK" not in said and "AMX model buffer" not in said


def test_an_unusable_mixture_fails_in_words(model: Path) -> None:
    mixture = job(model, kv_type=KvType.Q8_0, flash_attention=FlashAttention.OFF)
    with EngineChild(model, job=mixture) as child:
        (failed,) = [event for event in child.events() if isinstance(event, LoadFailed)]
    assert failed.problem is EngineProblem.UNSUPPORTED
    assert "flash attention" in failed.sentence


ODD_HEADS = Shape(embedding=96, feed_forward=96, heads=4)
"""Heads of 24, which the blocks of 32 of q8_0 do not divide."""


@pytest.mark.parametrize(
    ("shape", "flash_attention"),
    [(ODD_HEADS, FlashAttention.AUTO), (SHAPE, FlashAttention.OFF)],
    ids=["heads", "no flash attention"],
)
def test_q8_0_that_was_taken_for_want_of_memory_gives_way(
    models: Path, tmp_path: Path, shape: Shape, flash_attention: FlashAttention
) -> None:
    path = build_model(models / f"{shape.embedding}.gguf", shape=shape)
    wish = job(path, kv_type=KvType.Q8_0, flash_attention=flash_attention, kv_may_differ=True)
    with EngineChild(path, job=wish, log_path=tmp_path / "log") as child:
        # Half of what was asked for, so that it takes no more memory.
        assert child.wait_for(ModelLoaded).context_length == 1024
        child.ask(user("Hi!"))
        assert child.rest_of_reply()[0] == REPLY
    assert "K (f16)" in (tmp_path / "log").read_text()


def test_q8_0_that_the_settings_ask_for_fails_in_words(models: Path) -> None:
    path = build_model(models / "odd.gguf", shape=ODD_HEADS)
    with EngineChild(path, job=job(path, kv_type=KvType.Q8_0)) as child:
        (failed,) = [event for event in child.events() if isinstance(event, LoadFailed)]
    assert failed.problem is EngineProblem.UNSUPPORTED
    assert 'kv_type = "f16"' in failed.sentence


@pytest.mark.parametrize(
    "said",
    [
        "quantized V cache was requested, but this requires Flash Attention",
        "llama_init_from_model: quantized V cache requires flash_attn to be enabled",
        "K cache type q8_0 with block size 32 does not divide n_embd_head_k=24",
    ],
)
def test_what_llama_cpp_says_of_a_cache_that_cannot_be(said: str) -> None:
    assert is_cache_refused(said)
    assert not is_cache_refused("failed to allocate buffer for kv cache")


def test_the_speed_is_measured_within_seconds_and_leaves_no_trace(model: Path) -> None:
    with EngineChild(model) as child:
        child.wait_for(ModelLoaded)
        began_s = time.perf_counter()
        speed = child.wait_for(SpeedMeasured)
        # Two seconds of measuring; four times that for a machine that is busy.
        assert time.perf_counter() - began_s < 8
        assert speed.tokens_per_s > 0
        assert speed.prompt_tokens_per_s is not None
        assert speed.prompt_tokens_per_s > speed.tokens_per_s
        child.ask(user("Hi!"))
        text, end = child.rest_of_reply()
    assert (text, end.reused_tokens) == (REPLY, 0)


def test_it_agrees_with_a_reply(models: Path) -> None:
    endless = build_model(
        models / "endless.gguf", reply="round and about.", endless=True, size_bytes=60_000_000
    )
    with EngineChild(endless) as child:
        speed = child.wait_for(SpeedMeasured)
        child.ask(user("Hi!"), max_tokens=150)
        _, end = child.rest_of_reply()
    assert end.tokens_per_s is not None
    # Others use the processor as well; a wrong unit or a wrong count would be off by far more.
    assert 0.2 < speed.tokens_per_s / end.tokens_per_s < 5


@pytest.fixture(scope="module")
def slow(models: Path) -> Iterator[Path]:
    """A model whose tokens take long enough for a command to come in the middle of one."""
    path = build_model(
        models / "slow.gguf",
        reply=" ".join(f"{first}{second}" for first in "abcdef" for second in "uvwxyz"),
        shape=Shape(layers=8, embedding=512, heads=8),
        size_bytes=200_000_000,
    )
    yield path
    path.unlink()


def test_a_question_ends_the_measuring_at_once_and_is_measured_itself(slow: Path) -> None:
    with EngineChild(slow) as child:
        child.wait_for(ModelLoaded)
        child.ask(user(LONG_TEXT * 10))
        events = []
        for event in child.events():
            events.append(event)
            if isinstance(event, SpeedMeasured):
                break
    kinds = [type(event) for event in events]
    assert ReplyDelta in kinds, "the reply came first"
    finished, speed = events[-2:]
    assert isinstance(finished, ReplyFinished) and isinstance(speed, SpeedMeasured)
    assert speed.tokens_per_s == finished.tokens_per_s
