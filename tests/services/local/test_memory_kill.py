"""Engines that the system ends for want of memory: real children, and a machine that has little."""

import os
import queue
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shammah_tui.adapters.engine.local_engine import LocalEngine, LocalEngineStarter
from shammah_tui.core.local.generator import Failed, Ready, Snapshot
from shammah_tui.core.model.model_spec import DevicePreference, ModelSpec, WeightsFile
from shammah_tui.services.local.bootstrap import BootstrapLoader
from shammah_tui.services.local.load_plan import LoadPlan
from tests.fakes import GIB, MACHINE, FixedProbe, ScriptedSource
from tests.gguf_models import Shape, build_model

TIMEOUT_S = 60.0
TOLD = "The model needs 202 MB of memory, 67 MB was free. Loading big."


class Bench:
    """A loader with real engines on a machine with 64 MiB of 16 GiB free."""

    def __init__(self, folder: Path) -> None:
        self.snapshots: queue.SimpleQueue[Snapshot] = queue.SimpleQueue()
        big = _spec(build_model(folder / "big.gguf", shape=Shape(layers=6)))
        small = _spec(build_model(folder / "small.gguf"))
        found = {each.id: Path(str(each.local_path)) for each in (big, small)}
        self.loader = BootstrapLoader(
            LoadPlan(big, (big, small), DevicePreference.CPU, context_length=4096),
            ScriptedSource(found=found),
            LocalEngineStarter(folder / "engine.log", os.environ),
            FixedProbe(replace(MACHINE, ram_free_bytes=GIB // 16)),
            self.snapshots.put,
        )
        self.loader.start()

    def until(self, wanted: Callable[[Snapshot], bool]) -> Snapshot:
        while not wanted(snapshot := self.snapshots.get(timeout=TIMEOUT_S)):
            pass
        return snapshot

    def until_ready(self, name: str) -> int:
        """Return the engine's process once this model can reply."""
        self.until(lambda each: isinstance(each.state, Ready) and each.state.model.id == name)
        active = self.loader.active
        assert active is not None and isinstance(active.engine, LocalEngine)
        return active.engine.pid


def _spec(path: Path) -> ModelSpec:
    files = (WeightsFile(path.name, path.stat().st_size),)
    return ModelSpec(path.stem, path.stem, local_path=str(path), files=files, family="tiny")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.loader.close()


def _told(snapshot: Snapshot) -> str:
    assert isinstance(snapshot.state, Failed)
    return snapshot.state.reason


def test_the_same_again_then_one_size_smaller_then_nothing(bench: Bench) -> None:
    # The system's answer to a want of memory is this signal, and nothing else is told.
    for name in ("big", "big", "small"):
        os.kill(bench.until_ready(name), signal.SIGKILL)
        failed = bench.until(lambda each: isinstance(each.state, Failed))
        assert "67 MB was free" in _told(failed), name
    # What is done without asking is done before this, which is told as it is the last.
    bench.loader.delete(ModelSpec("none", "None"))
    after = bench.snapshots.get(timeout=TIMEOUT_S)
    assert isinstance(after.state, Failed) and not after.notice
    assert bench.loader.active is None


def test_the_first_of_them_tells_what_was_needed(bench: Bench) -> None:
    os.kill(bench.until_ready("big"), signal.SIGKILL)
    again = bench.until(lambda each: bool(each.notice))
    assert again.notice == TOLD
