"""The starter replies until a better model is ready, and where none can be."""

from pathlib import Path

import pytest

from shammah_tui.core.local.generator import (
    Downloading,
    Failed,
    Loading,
    NotAvailable,
    Offline,
    Ready,
    TooLittleMemory,
)
from shammah_tui.core.model.hardware import Hardware
from shammah_tui.core.model.memory import GIB
from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.protocol.engine_messages import EngineProblem, LoadFailed
from shammah_tui.core.protocol.fetch_messages import FetchFailed, FetchProblem
from shammah_tui.ports import ChildExited
from tests.fakes import LOADED, FixedProbe
from tests.services.bench import SMALL, Bench, Make


@pytest.fixture
def starter(tmp_path: Path) -> ModelSpec:
    path = tmp_path / "starter.gguf"
    path.write_bytes(b"GGUF")
    files = (WeightsFile(path.name, 98_362_432),)
    return ModelSpec("starter", "Starter", local_path=str(path), files=files, is_starter=True)


def answers(bench: Bench) -> str:
    active = bench.loader.snapshot.active
    return "" if active is None else active.model.id


def test_it_replies_while_a_better_one_is_downloaded(make: Make, starter: ModelSpec) -> None:
    bench = make(wanted=SMALL, starter_model=starter)
    engine = bench.engine()
    assert engine.job.path == starter.local_path
    engine.emit(LOADED)
    state = bench.state(Downloading)
    assert isinstance(state, Downloading) and state.model.id == SMALL
    assert answers(bench) == "starter"


def test_what_is_on_the_disk_is_loaded_without_it(make: Make, starter: ModelSpec) -> None:
    bench = make(SMALL, wanted=SMALL, starter_model=starter)
    engine = bench.engine()
    assert engine.job.path != starter.local_path
    engine.emit(LOADED)
    bench.state(Ready)
    assert answers(bench) == SMALL


def test_one_that_cannot_be_loaded_holds_nothing_up(make: Make, starter: ModelSpec) -> None:
    bench = make(wanted=SMALL, starter_model=starter)
    bench.engine().emit(LoadFailed(EngineProblem.DAMAGED, "no good"))
    bench.state(Downloading)
    assert answers(bench) == ""


def test_offline_and_without_memory_it_replies(make: Make, starter: ModelSpec) -> None:
    offline = make(wanted=SMALL, offline=True, starter_model=starter)
    offline.engine().emit(LOADED)
    state = offline.state(NotAvailable)
    assert isinstance(state, NotAvailable) and isinstance(state.reason, Offline)
    assert answers(offline) == "starter"
    tiny = FixedProbe(Hardware(2 * GIB, GIB // 2, 2))
    small = make(probe=tiny, starter_model=starter)
    small.engine().emit(LOADED)
    state = small.state(NotAvailable)
    assert isinstance(state, NotAvailable) and isinstance(state.reason, TooLittleMemory)
    assert answers(small) == "starter"


def test_a_failed_download_leaves_it_replying(make: Make, starter: ModelSpec) -> None:
    bench = make(wanted=SMALL, starter_model=starter)
    bench.engine().emit(LOADED)
    bench.fetch().emit(
        FetchFailed(FetchProblem.OFFLINE, "The Hub cannot be reached", retryable=True)
    )
    bench.state(Failed)
    assert answers(bench) == "starter"


def test_cancelling_while_it_loads_still_brings_it(make: Make, starter: ModelSpec) -> None:
    bench = make(wanted=SMALL, starter_model=starter)
    first = bench.engine()
    bench.loader.cancel()
    bench.state(NotAvailable)
    assert first.stopped
    bench.engine().emit(LOADED)
    bench.until(lambda each: each.active is not None)
    assert isinstance(bench.loader.snapshot.state, NotAvailable)


def test_it_comes_back_where_a_better_one_fails(make: Make, starter: ModelSpec) -> None:
    bench = make(SMALL, wanted=SMALL, starter_model=starter)
    bench.engine().emit(LoadFailed(EngineProblem.DAMAGED, "broken file"))
    failed = bench.state(Failed)
    assert isinstance(failed, Failed) and "broken file" in failed.reason
    engine = bench.engine()
    assert engine.job.path == starter.local_path
    engine.emit(LOADED)
    bench.until(lambda each: each.active is not None)
    assert bench.loader.snapshot.state == failed, "what failed stays on the screen"


def test_one_that_crashes_is_not_loaded_again(make: Make, starter: ModelSpec) -> None:
    bench = make(wanted=SMALL, starter_model=starter)
    engine = bench.engine()
    engine.emit(LOADED)
    bench.state(Downloading)
    engine.emit(ChildExited(-6))
    bench.until(lambda each: each.active is None)
    bench.loader.cancel()
    bench.settle()
    assert bench.starter.started.empty()
    assert not isinstance(bench.loader.snapshot.state, Loading)
