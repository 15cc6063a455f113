import re
from contextlib import aclosing
from dataclasses import replace

import pytest

from shammah_tui.core.local.generator import (
    DownloadCancelled,
    Downloading,
    Failed,
    LoadCancelled,
    Loading,
    NoEngine,
    NotAvailable,
    Offline,
    Ready,
    TooLittleMemory,
)
from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.protocol.engine_messages import EngineProblem, LoadFailed, LoadProgressed
from shammah_tui.core.protocol.fetch_messages import (
    Checked,
    Fetched,
    FetchFailed,
    FetchProblem,
    Progressed,
    Resolved,
    RetryNow,
    Waiting,
)
from shammah_tui.ports import ChildExited, ReplyOptions
from tests.fakes import GIB, LOADED, MACHINE, FixedProbe
from tests.services.bench import BIG, BIG_BYTES, HERE, SMALL, Make, model


def test_what_is_here_is_loaded_without_a_fetch(make: Make) -> None:
    bench = make(BIG)
    bench.load()
    assert bench.source.fetches == []
    job = bench.starter.engines[0].job
    assert (job.path, job.context_length) == (str(HERE), 32_768)
    assert bench.loader.active is not None


def test_what_is_missing_is_fetched_then_loaded(make: Make) -> None:
    bench = make()
    started = bench.state(Downloading)
    assert isinstance(started, Downloading)
    assert started.model.id == BIG, "memory decides: 16 GiB"
    fetch = bench.fetch()
    fetch.emit(Resolved(fetch.model.files))
    fetch.emit(Progressed(10, BIG_BYTES, 5.0, 1, 1))
    moved = bench.until(
        lambda s: isinstance(s.state, Downloading) and s.state.progress.done_bytes == 10
    )
    assert moved.state == Downloading(started.model, Progressed(10, BIG_BYTES, 5.0, 1, 1))
    fetch.emit(Fetched((str(HERE),)))
    bench.state(Loading)
    engine = bench.engine()
    engine.emit(LoadProgressed(0.5))
    bench.until(lambda s: s.state == Loading(model(BIG), 0.5))
    bench.starter.engines[0].emit(LOADED)
    bench.state(Ready)
    assert fetch.stopped


def test_kept_bytes_are_shown_from_the_start(make: Make) -> None:
    source_kept = 1_000_000_000
    bench = make(wanted=SMALL)
    bench.state(Downloading)
    bench.loader.cancel()
    bench.state(NotAvailable)
    bench.source.kept[SMALL] = source_kept
    bench.loader.retry()
    again = bench.state(Downloading)
    assert isinstance(again, Downloading)
    assert again.progress.done_bytes == source_kept


def test_told_offline_without_weights_it_is_not_available(make: Make) -> None:
    bench = make(offline=True)
    state = bench.state(NotAvailable)
    assert state == NotAvailable(Offline())
    assert bench.source.fetches == []


def test_told_offline_with_weights_it_loads(make: Make) -> None:
    make(BIG, offline=True).load()


def test_cancelling_a_download_keeps_its_figures(make: Make) -> None:
    bench = make(wanted=SMALL)
    bench.state(Downloading)
    fetch = bench.fetch()
    fetch.emit(Progressed(1_000, 2_740_937_888, 5.0, 1, 1))
    bench.until(lambda s: isinstance(s.state, Downloading) and s.state.progress.done_bytes == 1_000)
    bench.loader.cancel()
    state = bench.state(NotAvailable)
    assert state == NotAvailable(DownloadCancelled(model(SMALL), 1_000, 2_740_937_888))
    assert fetch.stopped
    fetch.emit(Progressed(2_000, 2_740_937_888, 5.0, 1, 1))
    assert bench.settle().state == state, "nothing that a stopped fetch still says counts"


def test_cancelling_a_load_stops_the_engine(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL)
    engine = bench.engine()
    bench.loader.cancel()
    assert bench.state(NotAvailable) == NotAvailable(LoadCancelled(model(SMALL)))
    assert engine.stopped
    bench.loader.retry()
    bench.load()


def test_cancel_and_retry_do_nothing_where_there_is_nothing_to_do(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL)
    bench.load()
    bench.loader.cancel()
    bench.loader.retry()
    assert isinstance(bench.settle().state, Ready)
    assert len(bench.starter.engines) == 1


def test_retry_while_waiting_goes_to_the_child(make: Make) -> None:
    bench = make(wanted=SMALL)
    bench.state(Downloading)
    fetch = bench.fetch()
    fetch.emit(Waiting("the network", 8.0, Progressed(0, 2_740_937_888)))
    bench.until(lambda s: isinstance(s.state, Downloading) and s.state.pause is not None)
    bench.loader.retry()
    bench.settle()
    assert fetch.sent == [RetryNow()]


def test_figures_may_go_back_when_bytes_were_bad(make: Make) -> None:
    bench = make(wanted=SMALL)
    bench.state(Downloading)
    fetch = bench.fetch()
    fetch.emit(Progressed(9_000, 2_740_937_888, 5.0, 1, 1))
    fetch.emit(Checked(10, 9_000))
    fetch.emit(Progressed(100, 2_740_937_888, 5.0, 1, 1))
    bench.until(lambda s: isinstance(s.state, Downloading) and s.state.progress.done_bytes == 100)


def test_a_file_replaced_upstream_begins_anew(make: Make) -> None:
    bench = make(wanted=SMALL)
    bench.state(Downloading)
    fetch = bench.fetch()
    fetch.emit(Progressed(9_000, 2_740_937_888, 5.0, 1, 1))
    fetch.emit(Progressed(5, 777, 5.0, 1, 1))
    bench.until(lambda s: isinstance(s.state, Downloading) and s.state.progress.total_bytes == 777)


def test_a_quantization_learns_its_size_from_the_hub(make: Make) -> None:
    bench = make(wanted=ModelSpec("q", "Q", repo="a/b", quant="Q4_K_M"))
    bench.state(Downloading)
    fetch = bench.fetch()
    fetch.emit(Resolved((WeightsFile("x.gguf", 1_000, "00"),)))
    fetch.emit(Progressed(500, 1_000, None, 1, 1))
    bench.until(
        lambda s: isinstance(s.state, Downloading) and s.state.progress.total_bytes == 1_000
    )


@pytest.mark.parametrize("retryable", [True, False])
def test_a_failed_fetch_says_why(make: Make, retryable: bool) -> None:
    bench = make(wanted=SMALL)
    bench.state(Downloading)
    bench.fetch().emit(FetchFailed(FetchProblem.GATED, "Accept it.", retryable))
    assert bench.state(Failed) == Failed(model(SMALL), "Accept it.", retryable)


def test_a_fetch_child_that_ends_without_a_word_fails(make: Make) -> None:
    bench = make(wanted=SMALL)
    bench.state(Downloading)
    bench.fetch().emit(ChildExited(-9))
    failed = bench.state(Failed)
    assert isinstance(failed, Failed)
    assert failed.retryable


@pytest.mark.parametrize(
    ("problem", "retryable"),
    [(EngineProblem.DAMAGED, True), (EngineProblem.UNSUPPORTED, False)],
)
def test_a_failed_load_says_why(make: Make, problem: EngineProblem, retryable: bool) -> None:
    bench = make(SMALL, wanted=SMALL)
    bench.state(Loading)
    engine = bench.engine()
    engine.emit(LoadFailed(problem, "No."))
    assert bench.state(Failed) == Failed(model(SMALL), "No.", retryable)


def test_without_the_library_there_is_no_engine(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL)
    bench.state(Loading)
    engine = bench.engine()
    engine.emit(LoadFailed(EngineProblem.NO_LIBRARY, "Install it."))
    assert bench.state(NotAvailable) == NotAvailable(NoEngine())


def test_an_engine_that_ends_while_ready_is_started_again_once(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL)
    bench.load().emit(ChildExited(-6))
    loading = bench.until(lambda s: isinstance(s.state, Loading) and s.active is None)
    assert "crashed" in loading.notice
    bench.load().emit(ChildExited(-6))
    assert bench.loader.snapshot.notice == ""
    failed = bench.state(Failed)
    assert isinstance(failed, Failed)
    assert "crashed" in failed.reason
    assert bench.loader.active is None
    bench.loader.retry()
    bench.load()


def test_where_memory_was_the_cause_the_next_smaller_one_comes(make: Make) -> None:
    bench = make(SMALL, "qwen3.5-2b", "qwen3.5-0.8b", wanted=SMALL)
    bench.load().emit(ChildExited(-9))
    bench.load().emit(ChildExited(-9))
    smaller = bench.until(lambda s: isinstance(s.state, Loading) and s.state.model.id != SMALL)
    assert smaller.state.model.id == "qwen3.5-2b"  # type: ignore[union-attr]
    bench.load().emit(ChildExited(-9))
    failed = bench.state(Failed)
    assert isinstance(failed, Failed), "and no further by itself"


def test_too_little_memory_is_told_in_figures(make: Make) -> None:
    tight = FixedProbe(replace(MACHINE, ram_free_bytes=3 * GIB))
    bench = make(SMALL, wanted=SMALL, probe=tight)
    bench.engine().emit(LoadFailed(EngineProblem.NO_MEMORY, "No."))
    notice = bench.until(lambda s: bool(s.notice)).notice
    assert re.match(r"The model needs \d\.\d GB of memory, 3\.2 GB was free", notice)


def test_an_engine_that_ran_long_has_its_chance_again(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL)
    bench.load().emit(ChildExited(-6))
    engine = bench.load()
    bench.now_s += 3600
    engine.emit(ChildExited(-6))
    bench.load()


def test_nothing_fits_says_what_is_needed(make: Make) -> None:
    probe = FixedProbe(replace(MACHINE, ram_total_bytes=2 * GIB, ram_free_bytes=GIB // 2))
    state = make(probe=probe).state(NotAvailable)
    assert isinstance(state, NotAvailable)
    assert isinstance(state.reason, TooLittleMemory)


def test_a_model_bigger_than_the_machine_is_refused(make: Make) -> None:
    bench = make("qwen3.6-35b-a3b", wanted="qwen3.6-35b-a3b")
    failed = bench.state(Failed)
    assert isinstance(failed, Failed)
    assert "choose a smaller model" in failed.reason
    assert bench.starter.engines == []


def test_switching_keeps_the_present_model_until_the_new_one_is_ready(make: Make) -> None:
    bench = make(SMALL, "qwen3.5-2b", wanted=SMALL)
    bench.load()
    first = bench.starter.engines[0]
    bench.loader.switch(model("qwen3.5-2b"))
    loading = bench.until(lambda s: isinstance(s.state, Loading))
    assert loading.active is not None
    assert loading.active.model.id == SMALL
    second = bench.engine()
    assert not first.stopped
    second.emit(LOADED)
    ready = bench.until(lambda s: isinstance(s.state, Ready))
    assert ready.active is not None
    assert ready.active.model.id == "qwen3.5-2b"
    bench.settle()
    assert first.stopped


async def test_a_reply_under_way_is_finished_by_the_old_engine(make: Make) -> None:
    bench = make(SMALL, "qwen3.5-2b", wanted=SMALL)
    bench.load()
    first = bench.starter.engines[0]
    active = bench.loader.active
    assert active is not None
    async with active.lease, aclosing(active.engine.reply((), ReplyOptions())) as stream:
        await anext(stream)
        bench.loader.switch(model("qwen3.5-2b"))
        bench.load()
        bench.settle()
        assert not first.stopped
        async for _ in stream:
            pass
    bench.settle()
    assert first.stopped


def test_the_old_engine_that_ends_during_a_switch_stops_being_active(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL)
    bench.load()
    bench.loader.switch(model("qwen3.5-2b"))
    bench.state(Downloading)
    bench.starter.engines[0].emit(ChildExited(-6))
    snapshot = bench.until(lambda s: s.active is None)
    assert isinstance(snapshot.state, Downloading), "the download goes on"


def test_both_models_at_once_only_where_both_fit(make: Make) -> None:
    tight = FixedProbe(replace(MACHINE, ram_free_bytes=3 * GIB))
    bench = make(SMALL, BIG, wanted=SMALL, probe=tight)
    bench.load()
    bench.loader.switch(model(BIG))
    bench.until(lambda s: isinstance(s.state, Loading) and s.active is None)
    bench.settle()
    assert bench.starter.engines[0].stopped


def test_switching_back_gives_up_the_switch(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL)
    bench.load()
    bench.loader.switch(model(BIG))
    bench.state(Downloading)
    bench.loader.switch(model(SMALL))
    back = bench.until(lambda s: isinstance(s.state, Ready))
    assert back.state.model.id == SMALL  # type: ignore[union-attr]
    assert bench.source.fetches[0].stopped
    assert not bench.starter.engines[0].stopped


def test_the_active_model_is_not_deleted(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL)
    bench.load()
    bench.loader.delete(model(SMALL))
    bench.settle()
    assert SMALL in bench.source.found


def test_closing_stops_everything(make: Make) -> None:
    bench = make(SMALL, "qwen3.5-2b", wanted=SMALL)
    bench.load()
    bench.loader.switch(model("qwen3.5-2b"))
    bench.state(Loading)
    bench.engine()
    bench.loader.close()
    assert all(engine.stopped for engine in bench.starter.engines)


def test_an_error_inside_is_one_sentence_and_the_thread_lives(make: Make) -> None:
    bench = make(SMALL, wanted=SMALL)

    def broken(*_: object) -> None:
        raise OSError("secret path")

    bench.load()
    bench.source.find = broken  # type: ignore[method-assign, assignment]
    bench.loader.switch(model(BIG))
    failed = bench.state(Failed)
    assert isinstance(failed, Failed)
    assert "secret" not in failed.reason
    del bench.source.find
    bench.loader.retry()
    bench.state(Downloading)
