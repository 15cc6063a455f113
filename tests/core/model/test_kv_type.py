"""The memory rule of a compressed cache: 34 bytes for what takes 64 in f16."""

import pytest

from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.hardware import Gpu, Hardware
from shammah_tui.core.model.memory import (
    GIB,
    context_that_fits,
    layers_that_fit,
    need_bytes,
)
from shammah_tui.core.model.model_choice import Choice, choose_model, fit_model
from shammah_tui.core.model.model_spec import DevicePreference, KvType

BY_ID = {model.id: model for model in CATALOGUE}
MODEL = BY_ID["qwen3-8b"]


@pytest.mark.parametrize("length", [4_096, 32_768])
def test_what_it_saves(length: int) -> None:
    f16, q8_0 = need_bytes(MODEL, length), need_bytes(MODEL, length, KvType.Q8_0)
    assert f16 is not None and q8_0 is not None
    assert MODEL.kv_bytes_per_token is not None
    assert f16 - q8_0 == MODEL.kv_bytes_per_token * length * 30 // 64
    assert need_bytes(MODEL, length, KvType.AUTO) == f16


def test_a_longer_context_and_more_layers_fit() -> None:
    budget = round(7.5 * GIB)
    assert context_that_fits(MODEL, budget) == 8_192
    assert context_that_fits(MODEL, budget, kv_type=KvType.Q8_0) == 16_384
    f16 = layers_that_fit(MODEL, 32_768, 6 * GIB)
    assert layers_that_fit(MODEL, 32_768, 6 * GIB, KvType.Q8_0) > f16 > 0


def test_auto_is_f16_and_q8_0_where_only_that_fits() -> None:
    def chosen(ram_gib: float, kv_type: KvType = KvType.AUTO) -> Choice:
        hardware = Hardware(32 * GIB, round(ram_gib * GIB), 8)
        return fit_model(MODEL, hardware, DevicePreference.CPU, 32_768, kv_type)

    assert (chosen(12).kv_type, chosen(12).warning) == (KvType.F16, "")
    assert (chosen(9).kv_type, chosen(9).warning) == (KvType.Q8_0, "")
    # It does not fit either way: then nothing is gained.
    assert chosen(6).kv_type is KvType.F16 and chosen(6).warning
    assert chosen(9, KvType.F16).warning
    assert chosen(12, KvType.Q8_0).kv_type is KvType.Q8_0


def test_what_was_set_counts_for_the_default_as_well() -> None:
    hardware = Hardware(16 * GIB, 7 * GIB, 8)
    f16 = choose_model(hardware, DevicePreference.AUTO, CATALOGUE)
    q8_0 = choose_model(hardware, DevicePreference.AUTO, CATALOGUE, KvType.Q8_0)
    assert isinstance(f16, Choice) and isinstance(q8_0, Choice)
    assert (f16.model.id, f16.context_length, f16.kv_type) == ("qwen3.5-9b", 16_384, KvType.F16)
    assert (q8_0.model.id, q8_0.context_length, q8_0.kv_type) == (
        "qwen3.5-9b",
        32_768,
        KvType.Q8_0,
    )


def test_a_divided_model_has_it_too() -> None:
    card = Gpu("card", "CUDA", 6 * GIB, 6 * GIB)
    hardware = Hardware(32 * GIB, 24 * GIB, 8, (card,))
    choice = fit_model(MODEL, hardware, DevicePreference.AUTO, 32_768, KvType.Q8_0)
    assert choice.gpu_layers is not None
    assert choice.kv_type is KvType.Q8_0
