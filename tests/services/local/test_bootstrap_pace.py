"""What is recommended follows what was measured."""

from dataclasses import replace

from shammah_tui.core.local.generator import Downloading
from shammah_tui.core.model.hardware import Hardware
from shammah_tui.core.model.memory import GIB
from shammah_tui.core.protocol.engine_messages import SpeedMeasured
from tests.fakes import FixedProbe
from tests.services.bench import Make

SLOW = Hardware(16 * GIB, 14 * GIB, 4, memory_bytes_per_s=40e9)


def test_the_memory_is_timed_until_a_model_was(make: Make) -> None:
    bench = make(probe=FixedProbe(SLOW))
    state = bench.state(Downloading)
    assert isinstance(state, Downloading) and state.model.id == "qwen3.5-2b"
    recommended = bench.loader.snapshot.recommended
    assert recommended is not None
    assert recommended.reason.startswith("The largest that writes at reading pace here: about ")


def test_the_recommendation_moves_once_the_model_was_measured(make: Make) -> None:
    bench = make("qwen3.5-2b", probe=FixedProbe(SLOW))
    engine = bench.load()
    engine.emit(SpeedMeasured(60.0, 400.0))
    moved = bench.until(
        lambda each: each.recommended is not None and each.recommended.model.id == "qwen3.5-9b"
    )
    assert moved.active is not None and moved.active.model.id == "qwen3.5-2b", "nothing is fetched"


def test_a_machine_that_cannot_be_timed_is_chosen_for_by_memory(make: Make) -> None:
    untimed = replace(SLOW, memory_bytes_per_s=None)
    bench = make(probe=FixedProbe(untimed))
    state = bench.state(Downloading)
    assert isinstance(state, Downloading) and state.model.id == "qwen3.5-9b"
