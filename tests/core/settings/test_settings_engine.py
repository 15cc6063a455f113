"""What ``[local]`` says of how the engine computes, and of adapters."""

import pytest

from shammah_tui.core.model.model_spec import FlashAttention, KvType, Lora
from shammah_tui.core.settings.settings import LocalSettings
from shammah_tui.core.settings.settings_table import settings_from


def local(**table: object) -> tuple[LocalSettings, tuple[str, ...]]:
    settings, problems = settings_from({"local": table})
    return settings.local, problems


def test_defaults() -> None:
    settings, problems = local()
    assert problems == ()
    assert (settings.threads, settings.batch_size, settings.lora) == (0, 0, ())
    assert settings.flash_attention is FlashAttention.AUTO
    assert settings.kv_type is KvType.AUTO


def test_everything() -> None:
    settings, problems = local(
        threads=6,
        batch_size=1024,
        flash_attention="On",
        kv_type="q8_0",
        lora=[{"path": "style.gguf"}, {"path": "/l/terse.gguf", "scale": -1}],
    )
    assert problems == ()
    assert (settings.threads, settings.batch_size) == (6, 1024)
    assert (settings.flash_attention, settings.kv_type) == (FlashAttention.ON, KvType.Q8_0)
    assert settings.lora == (Lora("style.gguf"), Lora("/l/terse.gguf", -1.0))


@pytest.mark.parametrize(
    ("written", "setting"),
    [
        ("chatml", "chatml"),
        ("Llama3", "llama3"),
        ("~/gemma.jinja", "~/gemma.jinja"),
        ("mine.txt", "mine.txt"),
        ("/templates/own", "/templates/own"),
        ("", ""),
    ],
)
def test_a_chat_template_is_a_name_or_a_file(written: str, setting: str) -> None:
    settings, problems = local(chat_template=written)
    assert (settings.chat_template, problems) == (setting, ())


def test_a_chat_template_that_nobody_knows() -> None:
    settings, (problem,) = local(chat_template="chatmi")
    assert settings.chat_template == ""
    assert "did you mean chatml?" in problem


def test_an_adapter_named_twice_counts_once() -> None:
    settings, _ = local(lora=[{"path": "a.gguf"}, {"path": "a.gguf", "scale": 2}])
    assert settings.lora == (Lora("a.gguf", 2.0),)


def test_a_compressed_cache_without_flash_attention() -> None:
    settings, (problem,) = local(kv_type="q8_0", flash_attention="off")
    assert settings.kv_type is KvType.F16
    assert "wants flash attention" in problem


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("batch_size", 8, "from 32 to 8192"),
        ("batch_size", True, "whole number"),
        ("flash_attention", "maybe", "one of auto, on, off"),
        ("flash_attention", True, "must be text"),
        ("kv_type", "q4_0", "one of auto, f16, q8_0"),
        ("lora", "style.gguf", "must be a list such as"),
        ("lora", [3], "must be a list such as"),
        ("lora", [{"path": "style.bin"}], "1: path must name a .gguf file"),
        ("lora", [{"path": "a.gguf"}, {}], "2: path must be"),
        ("lora", [{"path": "a.gguf", "scale": 0}], "1: scale must be"),
        ("lora", [{"path": "a.gguf", "scale": float("nan")}], "1: scale must be"),
        ("lora", [{"path": "a.gguf", "scale": 99}], "1: scale must be"),
        ("lora", [{"path": "a.gguf", "scale": True}], "1: scale must be"),
        ("lora", [{"path": "a.gguf", "weight": 1}], "only path and scale"),
    ],
)
def test_what_cannot_be_is_named_and_the_default_counts(
    key: str, value: object, words: str
) -> None:
    settings, (problem,) = local(**{key: value})
    assert settings == LocalSettings()
    assert problem.startswith(f"[local] {key} ")
    assert words in problem
