"""What becomes of the local side when its engine was ended because it hung."""

from shammah_tui.core.local.generator import Failed
from shammah_tui.core.wording.engine import end_by_hang
from shammah_tui.ports import ChildExited
from tests.services.bench import SMALL, Make

HUNG = ChildExited(-9, 30.0)
WHY = end_by_hang(30.0)


def test_it_is_started_again_once_and_memory_is_not_blamed(make: Make) -> None:
    bench = make(SMALL, "qwen3.5-2b", wanted=SMALL)
    bench.load().emit(HUNG)
    told = bench.until(lambda snapshot: bool(snapshot.notice))
    assert WHY.cause.endswith("and was stopped")
    assert told.notice == f"{WHY.cause}. Loading Qwen3.5 4B."
    # The same model, not the next smaller one, though the signal is that of a want of memory.
    again = bench.load()
    again.emit(HUNG)
    failed = bench.state(Failed)
    while not bench.snapshots.empty():
        failed = bench.snapshots.get().state
    assert isinstance(failed, Failed)
    assert failed.reason == WHY.sentence
    assert failed.model is not None and failed.model.id == SMALL
    assert failed.retryable
