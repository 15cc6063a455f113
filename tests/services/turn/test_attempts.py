"""Events belong to the attempt whose child sent them; an event of another attempt is none."""

import logging
import random
from dataclasses import dataclass, field, replace

import pytest

from shammah_tui.core.local.generator import Failed, Loading, Ready
from shammah_tui.core.model.hardware import Hardware
from shammah_tui.core.model.model_spec import WeightsFile
from shammah_tui.core.protocol.engine_messages import EngineProblem, LoadFailed, LoadProgressed
from shammah_tui.core.protocol.fetch_messages import (
    Fetched,
    FetchFailed,
    FetchProblem,
    Progressed,
    Resolved,
)
from shammah_tui.ports import ChildExited, EngineLost
from tests.fakes import GIB, LOADED, MACHINE, FixedProbe, ScriptedEngine, ScriptedFetch
from tests.services.bench import BIG, BIG_BYTES, HERE, SMALL, Make, model


@dataclass
class Occupied(FixedProbe):
    """A machine on which no two models fit beside each other."""

    engines: list[ScriptedEngine] = field(default_factory=list)

    def probe(self) -> Hardware:
        taken = 9 * sum(not engine.stopped for engine in self.engines)
        return replace(MACHINE, ram_free_bytes=max(1, 12 - taken) * GIB)


def test_what_was_fetched_to_replace_what_must_go_first_is_loaded(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    probe = Occupied()
    bench = make(BIG, wanted=BIG, probe=probe)
    probe.engines = bench.starter.engines
    first = bench.load()
    bench.loader.switch(model(SMALL))
    fetch = bench.fetch()
    fetch.emit(Fetched((str(HERE),)))
    # The child is done, and says so while the old model still makes room.
    fetch.emit(ChildExited(0))
    bench.until(lambda each: isinstance(each.state, Loading) and each.active is None)
    bench.load()
    assert first.stopped
    snapshot = bench.settle()
    assert snapshot.active is not None
    assert snapshot.active.model.id == SMALL
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


def test_a_download_that_failed_is_told_once(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    bench = make(wanted=SMALL)
    fetch = bench.fetch()
    fetch.emit(FetchFailed(FetchProblem.GATED, "Accept it.", True))
    fetch.emit(ChildExited(1))
    bench.state(Failed)
    assert bench.settle().state == Failed(model(SMALL), "Accept it.", True)
    assert caplog.records == []


def test_a_load_that_failed_is_told_once(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    bench = make(SMALL, wanted=SMALL)
    engine = bench.engine()
    engine.emit(LoadFailed(EngineProblem.DAMAGED, "No."))
    engine.emit(ChildExited(1))
    bench.state(Failed)
    assert bench.settle().state == Failed(model(SMALL), "No.", True)
    assert caplog.records == []


def test_an_engine_that_is_lost_and_then_exits_is_one_loss(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    bench = make(SMALL, wanted=SMALL)
    engine = bench.load()
    engine.emit(EngineLost("It is gone."))
    engine.emit(ChildExited(-9))
    bench.state(Failed)
    assert bench.settle().state == Failed(model(SMALL), "It is gone.", True)
    assert caplog.records == []


@pytest.mark.parametrize("seed", range(150))
def test_in_whatever_order_events_come_the_last_wish_is_fulfilled(
    make: Make, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    dice = random.Random(seed)
    probe = Occupied()
    bench = make(BIG, wanted=BIG, probe=probe)
    probe.engines = bench.starter.engines
    for _ in range(dice.randrange(5, 40)):
        match dice.randrange(8):
            case 0:
                bench.loader.switch(model(dice.choice((SMALL, BIG, "qwen3.5-2b"))))
            case 1:
                bench.loader.cancel()
            case 2:
                bench.loader.retry()
            case 3 | 4 if bench.source.fetches:
                # Of any attempt, also of one that ended long ago.
                say_something(dice, dice.choice(bench.source.fetches))
            case _ if bench.starter.engines:
                dice.choice(bench.starter.engines).emit(
                    dice.choice(
                        (
                            LoadProgressed(1.0),
                            LOADED,
                            LoadFailed(EngineProblem.DAMAGED, "No."),
                            EngineLost("It hung."),
                            ChildExited(dice.choice((0, 1, -6))),
                        )
                    )
                )
        if dice.random() < 0.5:
            bench.settle()
    wish = dice.choice((SMALL, BIG))
    bench.settle()
    bench.loader.switch(model(wish))
    bench.settle()
    if not isinstance(bench.loader.snapshot.state, Ready):
        if not bench.source.find(model(wish)):
            fetch = bench.source.fetches[-1]
            fetch.emit(Fetched((str(HERE),)))
            fetch.emit(ChildExited(0))
        # The old engines say their last words while the new one comes.
        for engine in bench.starter.engines[:-1]:
            engine.emit(ChildExited(0))
        bench.settle()
        bench.starter.engines[-1].emit(LOADED)
    for fetch in bench.source.fetches:
        fetch.emit(ChildExited(0))
    snapshot = bench.settle()
    assert isinstance(snapshot.state, Ready)
    assert snapshot.active is not None
    assert snapshot.active.model.id == wish
    said = {each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR}
    # Children that ended without a word; nothing that could not happen.
    ends = ("The fetch child exited with ", "The engine exited with ")
    assert {each for each in said if not each.startswith(ends)} == set()


def say_something(dice: random.Random, fetch: ScriptedFetch) -> None:
    total = fetch.model.size_bytes or BIG_BYTES
    for event in (
        Resolved(fetch.model.files or (WeightsFile("x.gguf", BIG_BYTES, "0" * 64),)),
        Progressed(dice.randrange(total), total, 5.0, 1, 1),
        dice.choice(
            (
                Fetched((str(HERE),)),
                FetchFailed(FetchProblem.GAVE_UP, "Gave up.", True),
                ChildExited(0),
            )
        ),
        ChildExited(0),
    )[: dice.randrange(1, 5)]:
        fetch.emit(event)
