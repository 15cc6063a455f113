"""Nothing large that nobody named is downloaded before the user has agreed to it."""

from dataclasses import replace
from pathlib import Path

import pytest

from shammah_tui.core.local.generator import (
    DownloadCancelled,
    Downloading,
    NotAgreed,
    NotAvailable,
    Ready,
    open_offer,
)
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.hardware import Hardware
from shammah_tui.core.model.model_spec import Ladder, ModelSpec, WeightsFile
from shammah_tui.core.protocol.engine_messages import SpeedMeasured
from shammah_tui.core.protocol.fetch_messages import Fetched, Progressed
from shammah_tui.services.local.bootstrap import MOST_UNASKED_BYTES
from tests.fakes import GIB, LOADED, FixedProbe, NotedAnswer
from tests.services.bench import BIG, BIG_BYTES, HERE, SMALL, Bench, Make, model

OFFERED = NotAvailable(NotAgreed(model(BIG), "/cache"))
DECLINED = NotAvailable(NotAgreed(model(BIG), "/cache", is_declined=True))


def offered(make: Make, *here: str, said: str = "", **fields: object) -> Bench:
    """Return a bench whose user was asked nothing before, or said something."""
    return make(*here, answer=NotedAnswer(said), **fields)


def test_it_waits_to_be_agreed_to_and_is_downloaded_then(make: Make) -> None:
    bench = offered(make)
    assert bench.state(NotAvailable) == OFFERED
    recommended = bench.settle().recommended
    assert recommended is not None
    assert recommended.model.id == BIG
    assert bench.source.fetches == []
    assert bench.answer.said == "", "not asked is not answered"
    bench.loader.agree()
    bench.state(Downloading)
    assert bench.fetch().model.id == BIG
    assert bench.answer.said == "agreed"


def test_whoever_agreed_before_is_not_asked_again(make: Make) -> None:
    bench = offered(make, said="agreed")
    bench.state(Downloading)
    assert bench.fetch().model.id == BIG


def test_not_now_downloads_nothing_until_the_retry_key(make: Make) -> None:
    bench = offered(make)
    bench.state(NotAvailable)
    bench.loader.decline()
    assert bench.settle().state == DECLINED
    assert bench.answer.said == "not now"
    assert open_offer(DECLINED) is None
    assert bench.source.fetches == []
    bench.loader.retry()
    assert bench.fetch().model.id == BIG
    assert bench.answer.said == "agreed"


def test_at_the_next_start_not_now_is_remembered(make: Make) -> None:
    bench = offered(make, said="not now")
    assert bench.state(NotAvailable) == DECLINED
    assert bench.source.fetches == []
    bench.loader.agree()
    assert bench.fetch().model.id == BIG


def test_the_key_that_cancels_declines(make: Make) -> None:
    bench = offered(make)
    bench.state(NotAvailable)
    bench.loader.cancel()
    assert bench.settle().state == DECLINED


def test_another_model_that_is_chosen_needs_no_other_answer(make: Make) -> None:
    bench = offered(make)
    bench.state(NotAvailable)
    bench.loader.switch(model(SMALL))
    assert bench.fetch().model.id == SMALL
    assert bench.answer.said == "", "the default was not agreed to"
    assert bench.chosen.model_id == SMALL, "and at the next start it is the one that is wanted"


@pytest.mark.parametrize("name", [SMALL, BIG])
def test_a_model_that_is_named_is_downloaded_at_once(make: Make, name: str) -> None:
    bench = offered(make, wanted=name, said="not now")
    assert bench.fetch().model.id == name


def test_a_part_of_it_was_agreed_to_once(make: Make) -> None:
    bench = offered(make, kept={BIG: 1_000})
    assert bench.fetch().model.id == BIG
    state = bench.state(Downloading)
    assert state == Downloading(model(BIG), Progressed(1_000, BIG_BYTES, parts=1))


@pytest.mark.parametrize(
    ("size_bytes", "asks"), [(MOST_UNASKED_BYTES, False), (MOST_UNASKED_BYTES + 1, True)]
)
def test_a_small_one_is_downloaded_unasked(make: Make, size_bytes: int, asks: bool) -> None:
    small = tuple(replace(each, files=(WeightsFile("x.gguf", size_bytes),)) for each in CATALOGUE)
    bench = offered(make, catalogue=small)
    if asks:
        assert isinstance(bench.state(NotAvailable), NotAvailable)
        assert bench.source.fetches == []
    else:
        assert bench.fetch().model.size_bytes == size_bytes


@pytest.mark.parametrize("said", ["", "not now"])
def test_a_model_that_is_here_is_loaded_rather_than_asked_for_a_better_one(
    make: Make, said: str
) -> None:
    bench = offered(make, SMALL, said=said)
    engine = bench.load()
    assert engine.label == model(SMALL).label
    snapshot = bench.settle()
    assert isinstance(snapshot.state, Ready)
    assert snapshot.recommended is not None
    assert snapshot.recommended.model.id == BIG, "F2 still says what suits this machine"
    assert bench.source.fetches == []


def test_with_nothing_to_download_nothing_is_answered(make: Make) -> None:
    bench = offered(make, BIG)
    bench.load()
    bench.loader.agree()
    bench.loader.decline()
    bench.loader.cancel()
    assert isinstance(bench.settle().state, Ready)
    assert bench.answer.said == ""


def test_offline_nothing_is_offered(make: Make) -> None:
    bench = offered(make, offline=True)
    state = bench.state(NotAvailable)
    assert open_offer(state) is None


def test_after_a_cancelled_download_the_retry_key_asks_nothing(make: Make) -> None:
    bench = offered(make)
    bench.state(NotAvailable)
    bench.loader.agree()
    bench.fetch().emit(Progressed(10, BIG_BYTES, 5.0, 1, 1))
    bench.until(lambda s: isinstance(s.state, Downloading) and s.state.progress.done_bytes == 10)
    bench.loader.cancel()
    state = bench.settle().state
    assert isinstance(state, NotAvailable)
    assert isinstance(state.reason, DownloadCancelled)
    bench.loader.retry()
    fetch = bench.fetch()
    fetch.emit(Fetched((str(HERE),)))
    bench.engine().emit(LOADED)
    bench.state(Ready)


def test_an_answer_counts_although_the_disk_does_not_keep_it(make: Make) -> None:
    class Forgetful(NotedAnswer):
        def choose(self, name: str) -> None:
            """Keep nothing, as a disk that is full."""

    bench = make(answer=Forgetful(""))
    bench.state(NotAvailable)
    bench.loader.agree()
    bench.state(Downloading)
    bench.loader.cancel()
    bench.state(NotAvailable)
    bench.loader.retry()
    bench.state(Downloading)


def test_what_another_file_says_is_no_answer(make: Make) -> None:
    assert offered(make, said="maybe").state(NotAvailable) == OFFERED


def test_the_starter_answers_while_it_is_offered_and_downloaded(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "starter.gguf"
    path.write_bytes(b"GGUF")
    files = (WeightsFile(path.name, 98_362_432),)
    starter = ModelSpec("starter", "Starter", local_path=str(path), files=files, is_starter=True)
    bench = offered(make, starter_model=starter)
    bench.engine().emit(LOADED)
    assert bench.state(NotAvailable) == OFFERED
    bench.loader.decline()
    snapshot = bench.settle()
    assert snapshot.state == DECLINED
    assert snapshot.active is not None and snapshot.active.model.is_starter
    bench.loader.agree()
    fetch = bench.fetch()
    snapshot = bench.settle()
    assert snapshot.active is not None and snapshot.active.model.is_starter
    fetch.emit(Fetched((str(HERE),)))
    bench.engine().emit(LOADED)
    bench.state(Ready)
    active = bench.settle().active
    assert active is not None and active.model.id == BIG


# On the ladder

LOW, HIGH = "qwen3.5-0.8b", "qwen3.5-4b"
QUICK = SpeedMeasured(100.0, 800.0)


def climbing(make: Make, *here: str, said: str = "") -> Bench:
    """Return a bench without a key, where the small model comes before the large one."""
    machine = Hardware(8 * GIB, 7 * GIB, 8, memory_bytes_per_s=60e9)
    return offered(
        make, *here, said=said, ladder=Ladder.AUTO, has_key=False, probe=FixedProbe(machine)
    )


def test_one_consent_is_for_the_whole_climb(make: Make) -> None:
    bench = climbing(make)
    assert bench.state(NotAvailable) == NotAvailable(
        NotAgreed(model(LOW), "/cache", goal=model(HIGH))
    )
    bench.loader.agree()
    fetch = bench.fetch()
    assert fetch.model.id == LOW
    bench.source.found[LOW] = HERE
    fetch.emit(Fetched((str(HERE),)))
    bench.load().emit(QUICK)
    assert bench.fetch().model.id == HIGH


def test_not_now_and_the_retry_key_later_climbs_too(make: Make) -> None:
    bench = climbing(make, said="not now")
    state = bench.state(NotAvailable)
    assert open_offer(state) is None
    bench.loader.retry()
    fetch = bench.fetch()
    bench.source.found[LOW] = HERE
    fetch.emit(Fetched((str(HERE),)))
    bench.load().emit(QUICK)
    assert bench.fetch().model.id == HIGH


def test_from_a_rung_that_was_here_the_next_one_is_asked_for(make: Make) -> None:
    bench = climbing(make, LOW)
    bench.load().emit(QUICK)
    assert bench.state(NotAvailable) == NotAvailable(NotAgreed(model(HIGH), "/cache"))
    active = bench.settle().active
    assert active is not None
    assert active.model.id == LOW, "it answers meanwhile"
    bench.loader.decline()
    snapshot = bench.settle()
    assert isinstance(snapshot.state, Ready)
    assert snapshot.state.model.id == LOW
    assert snapshot.next_rung is None
    assert bench.source.fetches == []
    assert bench.answer.said == "not now"


def test_whoever_said_not_now_is_left_with_what_is_here(make: Make) -> None:
    bench = climbing(make, LOW, said="not now")
    bench.load().emit(QUICK)
    snapshot = bench.settle()
    assert isinstance(snapshot.state, Ready)
    assert snapshot.next_rung is None
    assert bench.source.fetches == []


def test_agreed_to_from_a_rung_that_was_here_it_climbs(make: Make) -> None:
    bench = climbing(make, LOW)
    bench.load().emit(QUICK)
    bench.state(NotAvailable)
    bench.loader.agree()
    fetch = bench.fetch()
    assert fetch.model.id == HIGH
    active = bench.settle().active
    assert active is not None and active.model.id == LOW
    fetch.emit(Fetched((str(HERE),)))
    bench.load()
    active = bench.settle().active
    assert active is not None and active.model.id == HIGH
