"""A loader with stand-ins around it, and every snapshot that it published."""

from collections.abc import Callable
from pathlib import Path
from queue import Queue

from shammah_tui.core.local.generator import GeneratorState, Ready, Snapshot
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.services.local.bootstrap import BootstrapLoader
from shammah_tui.services.local.load_plan import LoadPlan
from shammah_tui.services.local.preferences import LocalPreferences
from tests.fakes import (
    LOADED,
    FixedProbe,
    ListedSpeeds,
    NotedAnswer,
    NotedChoice,
    NotedSwitches,
    ScriptedEngine,
    ScriptedFetch,
    ScriptedSource,
    ScriptedStarter,
)

HERE = Path(__file__)
SMALL, BIG = "qwen3.5-4b", "qwen3.5-9b"
BIG_BYTES = 5_680_522_464


def model(name: str) -> ModelSpec:
    return next(each for each in CATALOGUE if each.id == name)


class Bench:
    """A loader with stand-ins, and every snapshot it published."""

    def __init__(
        self,
        plan: LoadPlan,
        source: ScriptedSource,
        probe: FixedProbe,
        switches: NotedSwitches | None = None,
        answer: NotedAnswer | None = None,
        *,
        has_key: bool = True,
    ) -> None:
        self.source = source
        self.starter = ScriptedStarter()
        self.snapshots: Queue[Snapshot] = Queue()
        self.now_s = 0.0
        self.has_key = has_key
        self.later: Queue[Callable[[], None]] = Queue()
        self.speeds = ListedSpeeds()
        self.chosen = NotedChoice()
        self.switches = switches or NotedSwitches()
        self.answer = answer or NotedAnswer()
        self.loader = BootstrapLoader(
            plan,
            source,
            self.starter,
            probe,
            self.snapshots.put,
            lambda: self.now_s,
            LocalPreferences(self.speeds, self.chosen, self.switches, self.answer),
            has_key=lambda: self.has_key,
            later=lambda _delay_s, call: self.later.put(call),
        )

    def until(self, wanted: Callable[[Snapshot], bool]) -> Snapshot:
        while True:
            snapshot = self.snapshots.get(timeout=10)
            if wanted(snapshot):
                return snapshot

    def state(self, kind: type[GeneratorState]) -> GeneratorState:
        return self.until(lambda snapshot: isinstance(snapshot.state, kind)).state

    def settle(self) -> Snapshot:
        """Return the snapshot after everything that was asked so far, and what that led to."""
        # A step may put in another one: an engine that makes room ends in a step of its own.
        for _ in range(3):
            done: Queue[str] = Queue()
            self.loader.delete(ModelSpec("none", "None"), done.put)
            done.get(timeout=10)
        while not self.snapshots.empty():
            self.snapshots.get()
        return self.loader.snapshot

    def fetch(self) -> ScriptedFetch:
        """Wait for the next fetch to be started."""
        return self.source.started.get(timeout=10)

    def engine(self) -> ScriptedEngine:
        """Wait for the next engine to be started."""
        return self.starter.started.get(timeout=10)

    def load(self) -> ScriptedEngine:
        """Bring the model that is wanted to Ready."""
        engine = self.engine()
        engine.emit(LOADED)
        self.state(Ready)
        return engine


Make = Callable[..., Bench]
