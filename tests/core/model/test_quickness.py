"""The default is the largest model that is quick enough: rules row by row."""

from dataclasses import replace

import pytest

from shammah_tui.core.local.speed import SpeedRecord, active_bytes, expected_pace, speed_key
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.hardware import Gpu, Hardware
from shammah_tui.core.model.memory import GIB
from shammah_tui.core.model.model_choice import Choice, NothingFits, Quickness, choose_model
from shammah_tui.core.model.model_spec import DevicePreference
from shammah_tui.core.model.reading_pace import Pace, PaceFloor

BY_ID = {model.id: model for model in CATALOGUE}


def processor(cores: int, ram_gib: int) -> Hardware:
    """A machine without a card; two cores copy 20 GB/s, four and more what two channels give."""
    moved = {2: 20e9, 4: 40e9, 8: 60e9, 16: 90e9}[cores]
    return Hardware(ram_gib * GIB, round(ram_gib * 0.9) * GIB, cores, memory_bytes_per_s=moved)


def with_card(hardware: Hardware, gib: int) -> Hardware:
    return replace(hardware, gpus=(Gpu("RTX", "CUDA", gib * GIB, gib * GIB),))


def default(hardware: Hardware, *records: SpeedRecord, here: tuple[str, ...] = ()) -> Choice:
    quickness = Quickness(
        PaceFloor(), lambda choice: expected_pace(choice, hardware, records), here
    )
    choice = choose_model(hardware, DevicePreference.AUTO, CATALOGUE, quickness=quickness)
    assert isinstance(choice, Choice), choice
    return choice


def measured(name: str, tokens_per_s: float, prompt: float | None = None) -> SpeedRecord:
    model = BY_ID[name]
    assert model.size_bytes is not None
    size = active_bytes(model, model.size_bytes)
    return SpeedRecord(speed_key(model), "CPU", size, tokens_per_s, prompt)


# Cores, then the default for 4, 8, 16, 32 and 64 GiB of memory.
TABLE = [
    (2, "0.8b", "0.8b", "0.8b", "0.8b", "0.8b"),
    (4, "0.8b", "2b", "2b", "35b", "35b"),
    (8, "0.8b", "4b", "4b", "35b", "35b"),
    (16, "0.8b", "4b", "9b", "35b", "35b"),
]
IDS = {
    "0.8b": "qwen3.5-0.8b",
    "2b": "qwen3.5-2b",
    "4b": "qwen3.5-4b",
    "9b": "qwen3.5-9b",
    "35b": "qwen3.6-35b-a3b",
    "27b": "qwen3.8-27b",
}


@pytest.mark.parametrize(
    ("cores", "ram_gib", "name"),
    [
        (cores, ram_gib, name)
        for cores, *names in TABLE
        for ram_gib, name in zip((4, 8, 16, 32, 64), names, strict=True)
    ],
)
def test_without_a_card_cores_and_memory_decide(cores: int, ram_gib: int, name: str) -> None:
    assert default(processor(cores, ram_gib)).model.id == IDS[name]


@pytest.mark.parametrize("cores", [2, 4, 8, 16])
@pytest.mark.parametrize(
    ("ram_gib", "card_gib", "name"),
    [(8, 8, "4b"), (16, 12, "9b"), (16, 24, "27b"), (64, 24, "27b")],
)
def test_with_a_card_the_cores_do_not_count(
    cores: int, ram_gib: int, card_gib: int, name: str
) -> None:
    assert default(with_card(processor(cores, ram_gib), card_gib)).model.id == IDS[name]


def test_the_reason_says_whether_pace_or_memory_decided() -> None:
    slow = default(processor(4, 16)).reason
    assert slow == "The largest that writes at reading pace here: about 19 tok/s"
    assert default(processor(16, 16)).reason.startswith("The default for this machine: needs 7.")
    record = measured("qwen3.5-4b", 12.0, 90.0)
    known = default(processor(8, 16), record).reason
    assert known == "The largest that writes at reading pace here: 12 tok/s"


def test_a_measurement_moves_the_default_up_and_down() -> None:
    machine = processor(4, 16)
    quick, slow = measured("qwen3.5-2b", 60.0, 400.0), measured("qwen3.5-2b", 9.0, 60.0)
    assert default(machine, quick).model.id == "qwen3.5-9b"
    assert default(machine).model.id == default(machine, slow).model.id == "qwen3.5-2b"
    crawling = measured("qwen3.5-2b", 5.0, 60.0)
    assert default(machine, crawling).model.id == "qwen3.5-0.8b"


def test_one_that_reads_too_slowly_is_not_the_default() -> None:
    record = measured("qwen3.5-4b", 12.0, 30.0)
    assert default(processor(8, 16), record).model.id == "qwen3.5-2b"


def test_where_none_is_quick_enough_a_small_one_is_taken_and_said() -> None:
    choice = default(processor(8, 64), measured("qwen3.5-0.8b", 3.0, 20.0))
    assert choice.model.id == "qwen3.5-0.8b"
    assert choice.reason == (
        "No model writes at reading pace here: this is the quickest, about 3 tok/s"
    )


def test_no_big_one_is_fetched_where_only_big_ones_are_offered() -> None:
    machine = processor(2, 16)
    big = [BY_ID["qwen3.5-9b"], BY_ID["qwen3.5-4b"]]

    def chosen(*here: str) -> Choice | NothingFits:
        quickness = Quickness(PaceFloor(), lambda each: expected_pace(each, machine, ()), here)
        return choose_model(machine, DevicePreference.AUTO, big, quickness=quickness)

    assert isinstance(chosen(), NothingFits)
    on_disk = chosen("qwen3.5-9b")
    assert isinstance(on_disk, Choice) and on_disk.model.id == "qwen3.5-9b"


def test_one_on_the_disk_stays_the_default_a_little_below_the_floor() -> None:
    machine = processor(8, 16)
    below = measured("qwen3.5-4b", 7.0, 60.0)
    assert default(machine, below).model.id == "qwen3.5-2b"
    assert default(machine, below, here=("qwen3.5-4b",)).model.id == "qwen3.5-4b"
    far_below = measured("qwen3.5-4b", 5.0, 60.0)
    assert default(machine, far_below, here=("qwen3.5-4b",)).model.id == "qwen3.5-2b"


@pytest.mark.parametrize(
    ("pace", "is_enough"),
    [
        (None, True),
        (Pace(8.0, measured=True), True),
        (Pace(7.9, measured=True), False),
        (Pace(20.0, False, 50.0), True),
        (Pace(20.0, False, 49.0), False),
    ],
)
def test_the_floor(pace: Pace | None, *, is_enough: bool) -> None:
    assert PaceFloor().is_met_by(pace) is is_enough
    assert PaceFloor(0, 1_000).is_met_by(pace)
