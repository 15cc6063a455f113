"""The ladder: a small model first, then the best for this machine; and what fails on the way."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from shammah_tui.core.local.generator import (
    DownloadCancelled,
    Downloading,
    Failed,
    LoadCancelled,
    Loading,
    NotAvailable,
    Ready,
)
from shammah_tui.core.model.hardware import Hardware
from shammah_tui.core.model.memory import GIB
from shammah_tui.core.model.model_spec import Ladder, Lora, ModelSpec, WeightsFile
from shammah_tui.core.protocol.engine_messages import (
    EngineProblem,
    LoadFailed,
    LorasApplied,
    SpeedMeasured,
)
from shammah_tui.core.protocol.fetch_messages import (
    Fetched,
    FetchFailed,
    FetchProblem,
    Progressed,
)
from shammah_tui.ports import ChildExited
from tests.fakes import LOADED, FixedProbe, ScriptedEngine
from tests.services.bench import HERE, Bench, Make, model

LOW, HIGH = "qwen3.5-0.8b", "qwen3.5-4b"
MACHINE = Hardware(8 * GIB, 7 * GIB, 8, memory_bytes_per_s=60e9)
QUICK = SpeedMeasured(100.0, 800.0)
FULL = FetchFailed(FetchProblem.NO_SPACE, "The disk is full", retryable=True)


def begin(make: Make, *here: str, **how: object) -> Bench:
    fields: dict[str, object] = {"ladder": Ladder.AUTO, "has_key": False} | how
    return make(*here, probe=FixedProbe(MACHINE), **fields)


def named(bench: Bench) -> str:
    """Return which model the state speaks of."""
    return getattr(bench.loader.snapshot.state, "model").id  # type: ignore[no-any-return] # noqa: B009


def answers(bench: Bench) -> str:
    active = bench.loader.snapshot.active
    return "" if active is None else active.model.id


def arrive(bench: Bench, name: str) -> None:
    """Bring the download that is under way to its end."""
    fetch = bench.fetch()
    assert fetch.model.id == name
    bench.source.found[name] = HERE
    fetch.emit(Fetched((str(HERE),)))


def first_rung(bench: Bench) -> ScriptedEngine:
    arrive(bench, LOW)
    return bench.load()


def below_the_top(make: Make) -> tuple[Bench, ScriptedEngine]:
    """Return a bench on which the small model replies and the large one is downloaded."""
    bench = begin(make)
    engine = first_rung(bench)
    engine.emit(QUICK)
    bench.until(lambda each: isinstance(each.state, Downloading))
    assert (named(bench), answers(bench)) == (HIGH, LOW)
    return bench, engine


def loading_the_top(make: Make) -> tuple[Bench, ScriptedEngine, ScriptedEngine]:
    bench, low = below_the_top(make)
    arrive(bench, HIGH)
    high = bench.engine()
    bench.until(lambda each: isinstance(each.state, Loading))
    return bench, low, high


def at_the_top(make: Make) -> tuple[Bench, ScriptedEngine]:
    bench, _, high = loading_the_top(make)
    high.emit(LOADED)
    bench.until(lambda each: isinstance(each.state, Ready))
    assert answers(bench) == HIGH
    return bench, high


# Where it climbs, and where it does not


def test_the_small_one_comes_first_and_the_best_after_it_was_measured(make: Make) -> None:
    bench = begin(make)
    bench.state(Downloading)
    assert bench.loader.snapshot.next_rung == model(HIGH)
    engine = first_rung(bench)
    assert bench.source.started.empty(), "nothing more before it was measured"
    engine.emit(QUICK)
    high = bench.fetch()
    assert (high.model.id, answers(bench)) == (HIGH, LOW)
    bench.source.found[HIGH] = HERE
    high.emit(Fetched((str(HERE),)))
    loading = bench.engine()
    assert not engine.stopped and answers(bench) == LOW, "it replies until the other is ready"
    loading.emit(LOADED)
    bench.until(lambda each: isinstance(each.state, Ready))
    bench.settle()
    assert (engine.stopped, answers(bench)) == (True, HIGH)
    loading.emit(QUICK)
    assert bench.settle().next_rung is None and bench.source.started.empty()
    assert LOW in bench.source.found, "it stays on the disk"


@pytest.mark.parametrize(
    ("ladder", "has_key", "first"),
    [
        (Ladder.AUTO, True, HIGH),
        (Ladder.OFF, False, HIGH),
        (Ladder.ON, True, LOW),
        (Ladder.AUTO, False, LOW),
    ],
)
def test_the_setting_and_the_key_decide(
    make: Make, ladder: Ladder, has_key: bool, first: str
) -> None:
    bench = begin(make, ladder=ladder, has_key=has_key)
    assert bench.fetch().model.id == first
    assert (bench.loader.snapshot.next_rung is None) == (first == HIGH)


def test_a_named_model_comes_alone(make: Make) -> None:
    bench = begin(make, wanted=HIGH, ladder=Ladder.ON)
    assert bench.fetch().model.id == HIGH


def test_offline_nothing_is_climbed_to(make: Make) -> None:
    bench = begin(make, LOW, offline=True, ladder=Ladder.ON)
    bench.state(NotAvailable)
    assert not bench.source.fetches


def test_a_machine_that_is_too_slow_for_more_stays(make: Make) -> None:
    bench = begin(make)
    first_rung(bench).emit(SpeedMeasured(9.0, 200.0))
    bench.until(lambda each: each.recommended is not None and each.recommended.model.id == LOW)
    assert bench.settle().next_rung is None
    assert len(bench.source.fetches) == 1


def test_what_is_on_the_disk_and_was_measured_before_is_left_at_once(make: Make) -> None:
    bench = begin(make)
    first_rung(bench).emit(QUICK)
    bench.fetch()
    records = bench.speeds.records
    bench.loader.close()
    again = begin(make, LOW, records=records)
    again.load()
    assert again.fetch().model.id == HIGH
    assert answers(again) == LOW


def test_without_a_measurement_the_estimate_decides_after_a_while(make: Make) -> None:
    bench = begin(make)
    first_rung(bench)
    bench.settle()
    assert len(bench.source.fetches) == 1
    bench.later.get(timeout=10)()
    assert bench.fetch().model.id == HIGH


def test_a_key_that_arrives_stops_nothing_but_starts_nothing_either(make: Make) -> None:
    bench = begin(make)
    bench.state(Downloading)
    bench.has_key = True
    first_rung(bench).emit(QUICK)
    assert bench.settle().next_rung is None
    assert answers(bench) == LOW and len(bench.source.fetches) == 1
    under_way, _ = below_the_top(make)
    under_way.has_key = True
    arrive(under_way, HIGH)
    under_way.load()
    assert answers(under_way) == HIGH


# Cancelled, gone on with, chosen


def test_cancelled_it_stays_and_goes_on_when_asked(make: Make) -> None:
    bench, low = below_the_top(make)
    high = bench.fetch()
    high.emit(Progressed(1_000, 10_000))
    bench.loader.cancel()
    state = bench.state(NotAvailable)
    assert isinstance(state, NotAvailable) and isinstance(state.reason, DownloadCancelled)
    assert state.reason.model.id == HIGH and high.stopped
    low.emit(QUICK)
    assert bench.settle().state == state and answers(bench) == LOW
    bench.loader.retry()
    assert bench.fetch().model.id == HIGH
    assert answers(bench) == LOW


def test_cancelled_while_it_is_measured_it_stays(make: Make) -> None:
    bench = begin(make)
    engine = first_rung(bench)
    bench.loader.cancel()
    state = bench.state(NotAvailable)
    assert isinstance(state, NotAvailable) and isinstance(state.reason, DownloadCancelled)
    assert (state.reason.model.id, state.reason.done_bytes) == (HIGH, 0)
    engine.emit(QUICK)
    assert bench.settle().state == state and answers(bench) == LOW
    assert len(bench.source.fetches) == 1
    bench.loader.retry()
    assert bench.fetch().model.id == HIGH


def test_the_model_that_replies_chosen_while_it_is_measured(make: Make) -> None:
    bench = begin(make)
    engine = first_rung(bench)
    bench.loader.switch(model(LOW))
    assert bench.settle().next_rung is None
    engine.emit(QUICK)
    bench.settle()
    assert (answers(bench), len(bench.source.fetches)) == (LOW, 1)


def test_cancelled_on_the_first_rung_it_goes_on_to_the_top(make: Make) -> None:
    bench = begin(make)
    bench.fetch()
    bench.loader.cancel()
    bench.state(NotAvailable)
    bench.loader.retry()
    first_rung(bench).emit(QUICK)
    assert bench.fetch().model.id == HIGH


def test_cancelled_while_the_first_rung_loads(make: Make) -> None:
    bench = begin(make)
    arrive(bench, LOW)
    assert bench.engine().job.path == str(HERE)
    bench.loader.cancel()
    state = bench.state(NotAvailable)
    assert isinstance(state, NotAvailable) and isinstance(state.reason, LoadCancelled)
    bench.loader.retry()
    bench.load().emit(QUICK)
    assert bench.fetch().model.id == HIGH


def test_cancelled_while_the_top_loads(make: Make) -> None:
    bench, low, high = loading_the_top(make)
    bench.loader.cancel()
    bench.state(NotAvailable)
    assert (high.stopped, low.stopped, answers(bench)) == (True, False, LOW)
    bench.loader.retry()
    bench.load()
    assert answers(bench) == HIGH


@pytest.mark.parametrize("chosen", [LOW, "qwen3.5-2b"])
def test_a_choice_ends_the_climb(make: Make, chosen: str) -> None:
    bench, _ = below_the_top(make)
    high = bench.fetch()
    bench.loader.switch(model(chosen))
    if chosen != LOW:
        arrive(bench, chosen)
        bench.load().emit(QUICK)
    else:
        bench.until(lambda each: isinstance(each.state, Ready))
    bench.settle()
    assert high.stopped and answers(bench) == chosen == bench.chosen.model_id
    assert bench.loader.snapshot.next_rung is None
    assert len(bench.source.fetches) == (2 if chosen == LOW else 3)


# What fails


def test_the_first_rung_cannot_be_downloaded(make: Make) -> None:
    bench = begin(make)
    bench.fetch().emit(FULL)
    bench.state(Failed)
    assert (named(bench), answers(bench)) == (LOW, "")
    bench.loader.retry()
    first_rung(bench).emit(QUICK)
    assert bench.fetch().model.id == HIGH


def test_the_top_cannot_be_downloaded(make: Make) -> None:
    bench, low = below_the_top(make)
    bench.fetch().emit(FULL)
    failed = bench.state(Failed)
    low.emit(QUICK)
    assert bench.settle().state == failed, "it does not begin again by itself"
    assert (answers(bench), low.stopped) == (LOW, False)
    bench.loader.retry()
    arrive(bench, HIGH)
    bench.load()
    assert answers(bench) == HIGH


def test_the_download_child_dies(make: Make) -> None:
    bench, _ = below_the_top(make)
    bench.fetch().emit(ChildExited(-9))
    bench.state(Failed)
    assert (named(bench), answers(bench)) == (HIGH, LOW)


def test_the_top_cannot_be_loaded(make: Make) -> None:
    bench, low, high = loading_the_top(make)
    high.emit(LoadFailed(EngineProblem.DAMAGED, "The file is damaged"))
    failed = bench.state(Failed)
    assert isinstance(failed, Failed) and "The file is damaged" in failed.reason
    bench.settle()
    assert (answers(bench), low.stopped) == (LOW, False)
    assert bench.starter.started.empty()


def test_a_top_that_crashes_twice_while_it_loads(make: Make) -> None:
    bench, low, high = loading_the_top(make)
    high.emit(ChildExited(-6))
    second = bench.engine()
    assert second.job.careful and answers(bench) == LOW
    second.emit(ChildExited(-6))
    bench.until(lambda each: isinstance(each.state, Failed) and not each.notice)
    bench.settle()
    assert (answers(bench), low.stopped) == (LOW, False)


def test_a_top_that_crashes_twice_while_it_replies(make: Make) -> None:
    bench, high = at_the_top(make)
    high.emit(ChildExited(-11))
    bench.until(lambda each: each.active is None and bool(each.notice))
    second = bench.load()
    assert answers(bench) == HIGH
    second.emit(ChildExited(-11))
    again = bench.engine()
    assert again.label == model(LOW).label, "the lower rung is loaded by itself"
    again.emit(LOADED)
    shown = bench.until(lambda each: each.active is not None and each.active.model.id == LOW)
    assert isinstance(shown.state, Failed) and shown.state.model == model(HIGH)
    again.emit(QUICK)
    bench.settle()
    assert len(bench.source.fetches) == 2, "the sentence stays, and nothing is fetched"
    assert isinstance(bench.loader.snapshot.state, Failed)
    bench.loader.retry()
    bench.load()
    assert answers(bench) == HIGH


def test_a_top_that_memory_kills_gives_way_to_what_ran(make: Make) -> None:
    bench, high = at_the_top(make)
    high.emit(ChildExited(-9))
    bench.load().emit(ChildExited(-9))
    again = bench.engine()
    assert again.label == model(LOW).label
    again.emit(LOADED)
    bench.until(lambda each: each.active is not None and each.active.model.id == LOW)
    assert len(bench.source.fetches) == 2, "no model between the two is fetched unasked"


def test_a_lower_rung_that_crashes_meanwhile_is_loaded_again_once(make: Make) -> None:
    bench, low = below_the_top(make)
    high = bench.fetch()
    low.emit(ChildExited(-11))
    second = bench.engine()
    high.emit(Progressed(1_000, 10_000))
    bench.until(
        lambda each: isinstance(each.state, Downloading) and each.state.progress.done_bytes == 1_000
    )
    second.emit(LOADED)
    bench.until(lambda each: each.active is not None)
    assert (named(bench), answers(bench)) == (HIGH, LOW), "the download goes on"
    high.emit(Progressed(2_000, 10_000))
    bench.until(
        lambda each: isinstance(each.state, Downloading) and each.state.progress.done_bytes == 2_000
    )
    second.emit(ChildExited(-11))
    bench.until(lambda each: each.active is None)
    bench.settle()
    assert bench.starter.started.empty()
    bench.source.found[HIGH] = HERE
    high.emit(Fetched((str(HERE),)))
    bench.load()
    assert answers(bench) == HIGH


def test_the_download_ends_while_the_lower_rung_is_loaded_again(make: Make) -> None:
    bench, low = below_the_top(make)
    high = bench.fetch()
    low.emit(ChildExited(-11))
    second = bench.engine()
    bench.source.found[HIGH] = HERE
    high.emit(Fetched((str(HERE),)))
    top = bench.engine()
    assert second.stopped
    top.emit(LOADED)
    bench.until(lambda each: isinstance(each.state, Ready))
    assert answers(bench) == HIGH


def test_a_lower_rung_that_was_deleted_is_nothing_to_fall_back_on(make: Make) -> None:
    bench, high = at_the_top(make)
    bench.loader.delete(model(LOW))
    high.emit(ChildExited(-11))
    bench.load().emit(ChildExited(-11))
    bench.until(lambda each: isinstance(each.state, Failed) and not each.notice)
    assert answers(bench) == "" and bench.settle().active is None


def test_the_starter_is_the_lowest_rung(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "starter.gguf"
    path.write_bytes(b"GGUF")
    files = (WeightsFile(path.name, 98_362_432),)
    starter = ModelSpec("starter", "Starter", local_path=str(path), files=files, is_starter=True)
    bench = begin(make, starter_model=starter)
    bench.engine().emit(LOADED)
    assert bench.fetch().model.id == LOW
    assert answers(bench) == "starter"
    bench.source.found[LOW] = HERE
    bench.source.fetches[-1].emit(Fetched((str(HERE),)))
    low = bench.load()
    assert answers(bench) == LOW
    low.emit(ChildExited(-11))
    bench.load().emit(ChildExited(-11))
    again = bench.engine()
    assert again.job.path == str(path)
    again.emit(LOADED)
    bench.until(lambda each: each.active is not None and each.active.model.is_starter)
    assert isinstance(bench.loader.snapshot.state, Failed)


def test_adapters_are_applied_to_what_is_fallen_back_on(make: Make) -> None:
    bench, high = at_the_top(make)
    lora = Lora("/style.gguf")
    bench.loader.set_loras((lora,))
    high.emit(LorasApplied((lora,)))
    high.emit(ChildExited(-11))
    second = bench.load()
    second.emit(LorasApplied((lora,)))
    second.emit(ChildExited(-11))
    again = bench.engine()
    assert again.job.loras == (lora,)
    again.emit(LOADED)
    bench.until(lambda each: each.active is not None and each.loras.pending)


# Where both do not fit


@dataclass
class Cramped(FixedProbe):
    """A machine on which the top fits only once the lower rung is gone."""

    engines: list[ScriptedEngine] = field(default_factory=list)

    def probe(self) -> Hardware:
        taken = 3 * sum(not engine.stopped for engine in self.engines)
        return replace(MACHINE, ram_free_bytes=(6 - taken) * GIB)


def cramped(make: Make) -> tuple[Bench, ScriptedEngine, ScriptedEngine]:
    probe = Cramped()
    bench = make(probe=probe, ladder=Ladder.AUTO, has_key=False)
    probe.engines = bench.starter.engines
    low = first_rung(bench)
    low.emit(QUICK)
    arrive(bench, HIGH)
    bench.until(lambda each: isinstance(each.state, Loading) and each.active is None)
    return bench, low, bench.engine()


def test_the_lower_rung_makes_room_and_comes_back_where_the_top_fails(make: Make) -> None:
    bench, low, high = cramped(make)
    assert low.stopped
    high.emit(LoadFailed(EngineProblem.DAMAGED, "The file is damaged"))
    again = bench.engine()
    assert again.label == model(LOW).label
    again.emit(LOADED)
    shown = bench.until(lambda each: each.active is not None)
    assert isinstance(shown.state, Failed) and "The file is damaged" in shown.state.reason


def test_the_lower_rung_comes_back_where_the_top_is_cancelled(make: Make) -> None:
    bench, _, high = cramped(make)
    bench.loader.cancel()
    again = bench.engine()
    assert high.stopped and again.label == model(LOW).label
    again.emit(LOADED)
    shown = bench.until(lambda each: each.active is not None)
    assert isinstance(shown.state, NotAvailable)
    bench.loader.retry()
    bench.until(lambda each: isinstance(each.state, Loading) and each.active is None)
    bench.load()
    assert answers(bench) == HIGH
