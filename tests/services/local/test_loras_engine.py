"""Adapters chosen from the disk, really applied: a loader with a real engine child."""

import os
import queue
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shammah_tui.adapters.engine.local_engine import LocalEngineStarter
from shammah_tui.adapters.files.lora_files import LoraFiles
from shammah_tui.adapters.files.lora_switches import LoraSwitchesFile
from shammah_tui.core.conversation.reply import TextDelta
from shammah_tui.core.local.generator import Ready, Snapshot
from shammah_tui.core.model.model_spec import DevicePreference, Lora, ModelSpec
from shammah_tui.core.model.sampling import Sampling
from shammah_tui.ports import ReplyOptions
from shammah_tui.services.local.bootstrap import BootstrapLoader
from shammah_tui.services.local.load_plan import LoadPlan
from shammah_tui.services.local.lora_list import LoraList
from shammah_tui.services.local.preferences import LocalPreferences
from tests.engine_child import user
from tests.fakes import FixedProbe, ScriptedSource
from tests.gguf_lora import build_lora
from tests.gguf_models import REPLY, build_model

TIMEOUT_S = 60.0
CHANGED = " machine — ready."
"""What is left of ``REPLY`` when it begins with the word that the adapter wants."""
OPTIONS = ReplyOptions(sampling=Sampling(temperature=0.0))


class Bench:
    """A loader with a real engine, and the list of its adapters."""

    def __init__(self, folder: Path, model: Path) -> None:
        self.snapshots: queue.SimpleQueue[Snapshot] = queue.SimpleQueue()
        switches = LoraSwitchesFile(folder / "adapters.json")
        self.list = LoraList((), switches, LoraFiles(folder, folder / "hub"))
        spec = ModelSpec("tiny", "Tiny", local_path=str(model))
        self.loader = BootstrapLoader(
            LoadPlan(spec, (spec,), DevicePreference.CPU, context_length=1024),
            ScriptedSource(found={spec.id: model}),
            LocalEngineStarter(folder / "engine.log", os.environ),
            FixedProbe(),
            self.snapshots.put,
            preferences=LocalPreferences(switches=switches),
        )
        self.loader.start()

    def until(self, wanted: Callable[[Snapshot], bool]) -> Snapshot:
        while not wanted(snapshot := self.snapshots.get(timeout=TIMEOUT_S)):
            pass
        return snapshot

    def set_loras(self, *loras: Lora) -> Snapshot:
        self.loader.set_loras(loras)
        self.until(lambda each: each.loras.wanted == loras and each.loras.pending)
        return self.until(lambda each: not each.loras.pending)

    async def reply(self) -> str:
        active = self.loader.active
        assert active is not None
        said = [event async for event in active.engine.reply(user("Who are you?"), OPTIONS)]
        return "".join(event.text for event in said if isinstance(event, TextDelta))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_model(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
def bench(tmp_path: Path, model: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path, model)
    yield bench
    bench.loader.close()


async def test_one_is_chosen_applied_and_removed_and_a_wrong_one_changes_nothing(
    bench: Bench, tmp_path: Path, model: Path
) -> None:
    ready = bench.until(lambda each: isinstance(each.state, Ready))
    assert ready.loras.wanted == ()
    assert await bench.reply() == REPLY
    active = bench.loader.active

    right = bench.list.add(str(build_lora(tmp_path / "right.gguf", model, "Ġmachine")))
    assert bench.set_loras(right).loras.applied == (right,)
    assert await bench.reply() == CHANGED

    wrong = bench.list.add(str(build_lora(tmp_path / "wrong.gguf", model, "Ġown", width=32)))
    told = bench.set_loras(right, wrong).loras
    assert told.applied == (right,)
    (refusal,) = told.refusals
    assert refusal.startswith("The LoRA adapter wrong.gguf was made for a model of another size: ")
    assert await bench.reply() == CHANGED

    bench.list.remove(wrong)
    bench.list.remove(right)
    assert bench.set_loras().loras.applied == ()
    assert await bench.reply() == REPLY
    assert bench.loader.active is active, "nothing was loaded again"


async def test_what_was_chosen_is_applied_at_the_next_start(
    tmp_path: Path, model: Path, bench: Bench
) -> None:
    bench.until(lambda each: isinstance(each.state, Ready))
    lora = bench.list.add(str(build_lora(tmp_path / "right.gguf", model, "Ġmachine")))
    bench.loader.close()
    again = Bench(tmp_path, model)
    try:
        settled = again.until(lambda each: isinstance(each.state, Ready) and not each.loras.pending)
        assert settled.loras.applied == (lora,)
        assert await again.reply() == CHANGED
    finally:
        again.loader.close()
