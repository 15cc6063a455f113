"""What the program remembers between two starts, in real files."""

import json
import threading
from pathlib import Path

import pytest

from shammah_tui.adapters.files.lora_switches import LoraSwitchesFile
from shammah_tui.adapters.files.remembered_name import RememberedName
from shammah_tui.adapters.files.speed_records import MOST_RECORDS, SpeedFile
from shammah_tui.core.local.speed import SpeedRecord
from shammah_tui.ports import ChosenModel, LoraSwitches, SpeedRecords

RECORD = SpeedRecord("o/r/main/a.gguf", "CPU", 1000, 12.5, 80.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "not" / "yet" / "there" / "state.json"


def test_they_are_what_the_ports_ask_for(path: Path) -> None:
    speeds: SpeedRecords = SpeedFile(path)
    chosen: ChosenModel = RememberedName(path, "model")
    assert speeds.all() == ()
    assert chosen


def test_speeds_outlive_the_program(path: Path) -> None:
    other = SpeedRecord("o/r/main/a.gguf", "CUDA 20/33", 1000, 40.0)
    speeds = SpeedFile(path)
    speeds.add(RECORD)
    speeds.add(other)
    assert SpeedFile(path).all() == speeds.all() == (RECORD, other)


def test_the_newest_figure_counts_and_the_oldest_are_forgotten(path: Path) -> None:
    speeds = SpeedFile(path)
    for number in range(MOST_RECORDS):
        speeds.add(SpeedRecord(f"m{number}", "CPU", 1000, 1.0))
    speeds.add(SpeedRecord("m0", "CPU", 1000, 2.0))
    speeds.add(SpeedRecord("new", "CPU", 1000, 3.0))
    kept = SpeedFile(path).all()
    assert len(kept) == MOST_RECORDS
    assert [record.model for record in kept][-2:] == ["m0", "new"]
    assert kept[-2].tokens_per_s == 2.0
    assert all(record.model != "m1" for record in kept)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"model": 3}',
        b"[[[[1]]]]",
        b"null",
        b"[" * 200_000,
        b'"' + b"x" * 1_100_000 + b'"',
    ],
)
def test_a_damaged_file_is_as_good_as_none(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert SpeedFile(path).all() == ()
    assert RememberedName(path, "model").recall() == ""
    speeds = SpeedFile(path)
    speeds.add(RECORD)
    assert SpeedFile(path).all() == (RECORD,)


@pytest.mark.parametrize(
    "change",
    [
        {"model": None},
        {"device": 7},
        {"active_bytes": 0},
        {"active_bytes": 1.5},
        {"tokens_per_s": -1},
        {"tokens_per_s": "fast"},
        {"tokens_per_s": float("inf")},
        {"tokens_per_s": True},
    ],
)
def test_an_entry_that_cannot_be_is_left_out(path: Path, change: dict[str, object]) -> None:
    good = {"model": "m", "device": "CPU", "active_bytes": 10, "tokens_per_s": 2}
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps([good | change, good]))
    assert SpeedFile(path).all() == (SpeedRecord("m", "CPU", 10, 2.0, None),)


def test_many_threads_at_once(path: Path) -> None:
    speeds = SpeedFile(path)

    def add(first: int) -> None:
        for number in range(first, first + 10):
            speeds.add(SpeedRecord(f"m{number}", "CPU", 1000, 1.0))

    threads = [threading.Thread(target=add, args=(first,)) for first in range(0, 40, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {record.model for record in SpeedFile(path).all()} == {f"m{n}" for n in range(40)}
    assert [each.name for each in path.parent.iterdir()] == [path.name], "no temporary files"


def test_the_choice_is_remembered_and_forgotten(path: Path) -> None:
    chosen = RememberedName(path, "model")
    assert chosen.recall() == ""
    chosen.choose("qwen3.5-4b")
    assert RememberedName(path, "model").recall() == "qwen3.5-4b"
    chosen.forget("qwen3.5-9b")
    assert chosen.recall() == "qwen3.5-4b"
    chosen.forget("qwen3.5-4b")
    assert RememberedName(path, "model").recall() == ""


def test_switches_are_remembered(path: Path) -> None:
    switches: LoraSwitches = LoraSwitchesFile(path)
    assert switches.recall() == frozenset()
    switches.switch(["/loras/b.gguf", "/loras/a.gguf"])
    assert LoraSwitchesFile(path).recall() == {"/loras/a.gguf", "/loras/b.gguf"}
    switches.switch([])
    assert LoraSwitchesFile(path).recall() == frozenset()


def test_chosen_adapters_outlive_the_program_and_are_on_when_chosen_again(path: Path) -> None:
    switches = LoraSwitchesFile(path)
    switches.add("/loras/b.gguf")
    switches.add("/loras/a.gguf")
    switches.switch(["/loras/b.gguf", "/loras/named.gguf"])
    assert LoraSwitchesFile(path).added() == ("/loras/b.gguf", "/loras/a.gguf")
    assert LoraSwitchesFile(path).recall() == {"/loras/b.gguf", "/loras/named.gguf"}
    switches.add("/loras/b.gguf")
    assert LoraSwitchesFile(path).added() == ("/loras/a.gguf", "/loras/b.gguf")
    assert LoraSwitchesFile(path).recall() == {"/loras/named.gguf"}
    switches.remove("/loras/a.gguf")
    assert LoraSwitchesFile(path).added() == ("/loras/b.gguf",)


@pytest.mark.parametrize(
    "content", ['{"off": 3, "added": "/x"}', '["a"]', "{", '{"off": [1, null]}']
)
def test_switches_that_make_no_sense_are_none(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(content)
    assert LoraSwitchesFile(path).recall() == frozenset()
    assert LoraSwitchesFile(path).added() == ()


def test_a_disk_that_refuses_is_no_reason_to_fail(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    speeds = SpeedFile(blocked / "speeds.json")
    speeds.add(RECORD)
    assert speeds.all() == (RECORD,), "for as long as the program runs"
    switches = LoraSwitchesFile(blocked / "adapters.json")
    switches.add("/loras/a.gguf")
    assert switches.added() == ("/loras/a.gguf",)
    chosen = RememberedName(blocked / "model.json", "model")
    chosen.choose("qwen3.5-4b")
    assert chosen.recall() == ""
