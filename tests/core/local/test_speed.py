from dataclasses import replace

import pytest

from shammah_tui.core.local.generator import Ready
from shammah_tui.core.local.speed import (
    SpeedRecord,
    active_bytes,
    device_name,
    expected_devices,
    expected_pace,
    format_speed,
    pace,
    record_of,
    speed_key,
    tells_of_cpu,
)
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.hardware import Gpu, Hardware
from shammah_tui.core.model.model_choice import fit_model
from shammah_tui.core.model.model_spec import DevicePreference, ModelSpec
from shammah_tui.core.model.reading_pace import Pace
from shammah_tui.core.protocol.engine_messages import SpeedMeasured

GIB = 2**30
BY_ID = {model.id: model for model in CATALOGUE}
CPU = ("CPU",)


def measured(name: str, tokens_per_s: float, device: str = "CPU") -> SpeedRecord:
    model = BY_ID[name]
    assert model.size_bytes is not None
    size = active_bytes(model, model.size_bytes)
    return SpeedRecord(speed_key(model), device, size, tokens_per_s)


def test_a_key_tells_files_apart() -> None:
    assert speed_key(BY_ID["qwen2.5-7b"]) == (
        "Qwen/Qwen2.5-7B-Instruct-GGUF/bb5d59e06d9551d752d08b292a50eb208b07ab1f/"
        "qwen2.5-7b-instruct-q4_k_m-00001-of-00002.gguf"
    )
    assert speed_key(ModelSpec("a", "A", repo="o/r", quant="Q4_K_M")) == "o/r/main/Q4_K_M"
    assert speed_key(ModelSpec("a", "A", local_path="/m/a.gguf")) == "/m/a.gguf"
    assert len({speed_key(model) for model in CATALOGUE}) == len(CATALOGUE)


@pytest.mark.parametrize(
    ("model", "share"),
    [
        (BY_ID["qwen3.5-9b"], 1.0),
        (BY_ID["qwen3.6-35b-a3b"], 3 / 36),
        (BY_ID["qwen3-30b-a3b-instruct-2507"], 3 / 30.5),
        (ModelSpec("x", "Mine", repo="o/Qwen3-30B-A3B-GGUF", quant="Q4_K_M", params_b=30.0), 0.1),
        (ModelSpec("x", "Mine", local_path="/m/Qwen3-30B-A3B.gguf", params_b=30.0), 0.1),
        # Nothing tells how many there are in all.
        (ModelSpec("x", "X-A3B", repo="o/r"), 1.0),
        (ModelSpec("x", "LLaMA3B", repo="o/r", params_b=3.0), 1.0),
    ],
)
def test_of_a_mixture_only_the_active_share_is_read(model: ModelSpec, share: float) -> None:
    assert active_bytes(model, 1_000_000) == round(1_000_000 * share)


def test_what_ran_here_is_shown_as_measured() -> None:
    records = [measured("qwen3.5-4b", 10.0), measured("qwen3.5-4b", 90.0, "CUDA")]
    model = BY_ID["qwen3.5-4b"]
    assert pace(model, model.size_bytes, CPU, records) == Pace(10.0, measured=True)
    assert pace(model, model.size_bytes, ("CUDA",), records) == Pace(90.0, measured=True)


def test_what_did_not_is_estimated_from_the_nearest() -> None:
    records = [measured("qwen3.5-0.8b", 60.0), measured("qwen3.5-4b", 10.0)]
    nine = BY_ID["qwen3.5-9b"]
    shown = pace(nine, nine.size_bytes, CPU, records)
    assert shown is not None and not shown.measured
    assert shown.tokens_per_s == pytest.approx(10.0 * 2_740_937_888 / 5_680_522_464)
    two = BY_ID["qwen2.5-0.5b"]
    shown = pace(two, two.size_bytes, CPU, records)
    assert shown is not None and not shown.measured
    assert shown.tokens_per_s == pytest.approx(60.0 * 532_517_120 / 491_400_032)


def test_a_mixture_is_faster_than_its_size_says() -> None:
    mixture, dense = BY_ID["qwen3.6-35b-a3b"], BY_ID["qwen3.8-27b"]
    records = [measured("qwen3.5-4b", 10.0)]
    fast = pace(mixture, mixture.size_bytes, CPU, records)
    slow = pace(dense, dense.size_bytes, CPU, records)
    assert fast is not None and slow is not None
    assert fast.tokens_per_s > 10 > 2 > slow.tokens_per_s


@pytest.mark.parametrize(
    ("size_bytes", "devices", "records"),
    [
        (100, CPU, []),
        (None, CPU, [measured("qwen3.5-4b", 10.0)]),
        (100, ("CUDA", "Vulkan"), [measured("qwen3.5-4b", 10.0)]),
        (100, ("CUDA 20/33",), [measured("qwen3.5-4b", 10.0, "CUDA")]),
    ],
)
def test_nothing_is_guessed(
    size_bytes: int | None, devices: tuple[str, ...], records: list[SpeedRecord]
) -> None:
    assert pace(ModelSpec("x", "X", repo="o/r"), size_bytes, devices, records) is None


def test_where_a_model_will_run() -> None:
    card = Gpu("RTX", "CUDA", 8 * GIB, 8 * GIB)
    hardware = Hardware(32 * GIB, 30 * GIB, 8, (card,))
    four, nine = BY_ID["qwen3.5-4b"], BY_ID["qwen3.5-9b"]

    def devices(model: ModelSpec, hardware: Hardware, wish: DevicePreference) -> tuple[str, ...]:
        return expected_devices(fit_model(model, hardware, wish), hardware)

    assert devices(four, hardware, DevicePreference.AUTO) == ("CUDA", "Vulkan")
    assert devices(nine, hardware, DevicePreference.AUTO) == ("CUDA 26/33", "Vulkan 26/33")
    assert devices(nine, hardware, DevicePreference.CPU) == CPU
    assert devices(nine, replace(hardware, gpus=()), DevicePreference.AUTO) == CPU


@pytest.mark.parametrize(
    ("device", "layers", "total", "name"),
    [
        ("CPU", 0, 33, "CPU"),
        ("CUDA", 33, 33, "CUDA"),
        ("CUDA", 20, 33, "CUDA 20/33"),
        ("CUDA", 20, None, "CUDA"),
    ],
)
def test_a_part_on_the_card_is_another_device(
    device: str, layers: int, total: int | None, name: str
) -> None:
    assert device_name(device, layers, total) == name


def test_what_is_kept_of_a_measurement() -> None:
    model = BY_ID["qwen3.6-35b-a3b"]
    ready = Ready(model, "CUDA", 20, 41)
    record = record_of(ready, 1_200, SpeedMeasured(31.0, 400.0))
    assert record == SpeedRecord(speed_key(model), "CUDA 20/41", 100, 31.0, 400.0)


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (None, ""),
        (Pace(31.4, measured=True), "31 tok/s"),
        (Pace(4.26, measured=True), "4.3 tok/s"),
        (Pace(9.96, measured=True), "10 tok/s"),
        (Pace(12.4, measured=False), "~12 tok/s"),
        (Pace(4.26, measured=False), "~4 tok/s"),
        (Pace(0.3, measured=False), "<1 tok/s"),
        (Pace(340.0, measured=False), "~340 tok/s"),
    ],
)
def test_how_it_is_shown(shown: Pace | None, text: str) -> None:
    assert format_speed(shown) == text


def test_reading_is_estimated_as_generating_is() -> None:
    four, nine = BY_ID["qwen3.5-4b"], BY_ID["qwen3.5-9b"]
    record = replace(measured("qwen3.5-4b", 10.0), prompt_tokens_per_s=80.0)
    shown = pace(nine, nine.size_bytes, CPU, [record])
    assert shown is not None and four.size_bytes is not None and nine.size_bytes is not None
    assert shown.prompt_tokens_per_s == pytest.approx(80.0 * four.size_bytes / nine.size_bytes)


def test_a_very_small_model_says_nothing_of_a_big_one() -> None:
    starter = SpeedRecord("/starter.gguf", "CPU", 98_362_432, 160.0, 430.0)
    nine = BY_ID["qwen3.5-9b"]
    assert pace(nine, nine.size_bytes, CPU, [starter]) is None
    assert pace(ModelSpec("x", "X", local_path="/y.gguf"), 150_000_000, CPU, [starter]) is not None
    assert not tells_of_cpu([starter])
    assert tells_of_cpu([starter, measured("qwen3.5-0.8b", 60.0)])
    assert not tells_of_cpu([measured("qwen3.5-4b", 90.0, "CUDA")])


def expected(name: str, hardware: Hardware, *records: SpeedRecord) -> Pace | None:
    return expected_pace(fit_model(BY_ID[name], hardware, DevicePreference.AUTO), hardware, records)


def test_before_any_model_ran_the_memory_tells() -> None:
    hardware = Hardware(32 * GIB, 30 * GIB, 4, memory_bytes_per_s=40e9)
    shown = expected("qwen3.5-4b", hardware)
    assert shown is not None and not shown.measured
    assert shown.tokens_per_s == pytest.approx(0.6 * 40e9 / 2_740_937_888)
    assert shown.prompt_tokens_per_s == pytest.approx(4 * 25e9 / 2_740_937_888)
    assert expected("qwen3.5-4b", replace(hardware, memory_bytes_per_s=None)) is None


def test_what_was_measured_counts_more_than_the_memory() -> None:
    hardware = Hardware(32 * GIB, 30 * GIB, 4, memory_bytes_per_s=40e9)
    record = measured("qwen3.5-4b", 10.0)
    assert expected("qwen3.5-4b", hardware, record) == Pace(10.0, measured=True)
    scaled = expected("qwen3.5-2b", hardware, record)
    assert scaled is not None
    assert scaled.tokens_per_s == pytest.approx(10.0 * 2_740_937_888 / 1_280_835_840)


def test_a_card_is_quicker_than_the_processor_and_a_part_on_it_between() -> None:
    slow = Hardware(64 * GIB, 60 * GIB, 4, memory_bytes_per_s=20e9)
    whole = replace(slow, gpus=(Gpu("RTX", "CUDA", 24 * GIB, 24 * GIB),))
    part = replace(slow, gpus=(Gpu("RTX", "CUDA", 8 * GIB, 8 * GIB),))
    paces = [expected("qwen3.5-9b", each) for each in (slow, part, whole)]
    assert None not in paces
    generating = [each.tokens_per_s for each in paces if each is not None]
    reading = [each.prompt_tokens_per_s or 0 for each in paces if each is not None]
    assert generating == sorted(generating) and generating[-1] > 5 * generating[0]
    assert reading == sorted(reading) and reading[-1] > 5 * reading[0]
