"""Small stand-ins for the ports, driven by the tests; nothing in them sleeps or guesses."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue

from shammah_tui.core.conversation.conversation import Conversation
from shammah_tui.core.conversation.reply import (
    ReplyDone,
    ReplyEvent,
    StopReason,
    TextDelta,
    ThinkingDelta,
    Usage,
    Warming,
)
from shammah_tui.core.errors import BackendError, ShammahError
from shammah_tui.core.local.speed import SpeedRecord
from shammah_tui.core.model.hardware import Hardware
from shammah_tui.core.model.model_spec import Lora, ModelSpec
from shammah_tui.core.protocol.engine_messages import EngineEvent, LoadModel, ModelLoaded
from shammah_tui.core.protocol.fetch_messages import FetchCommand, FetchEvent
from shammah_tui.ports import ChildExited, EngineLost, ReplyOptions

GIB = 2**30
MACHINE = Hardware(ram_total_bytes=16 * GIB, ram_free_bytes=12 * GIB, physical_cores=4)
LOADED = ModelLoaded("CPU", 0, 25, 8192, "Fake")


@dataclass
class FixedProbe:
    """Always sees the same machine."""

    hardware: Hardware = MACHINE

    def probe(self) -> Hardware:
        return self.hardware

    def memory_bytes_per_s(self) -> float | None:
        return self.hardware.memory_bytes_per_s


@dataclass
class ScriptedFetch:
    """One transfer; the test says what happens."""

    model: ModelSpec
    emit: Callable[[FetchEvent | ChildExited], None]
    sent: list[FetchCommand] = field(default_factory=list)
    stopped: bool = False

    def send(self, command: FetchCommand) -> bool:
        self.sent.append(command)
        return not self.stopped

    def stop(self) -> None:
        self.stopped = True


@dataclass
class ScriptedSource:
    """Weights that are where the test says."""

    found: dict[str, Path] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    fetches: list[ScriptedFetch] = field(default_factory=list)
    started: Queue[ScriptedFetch] = field(default_factory=Queue)
    refuses: ShammahError | None = None
    folder: str = "/cache"

    def find(self, model: ModelSpec) -> Path | None:
        return self.found.get(model.id)

    def kept_bytes(self, model: ModelSpec) -> int:
        return self.kept.get(model.id, 0)

    def delete(self, model: ModelSpec) -> int:
        if self.refuses is not None:
            raise self.refuses
        self.found.pop(model.id, None)
        return self.kept.pop(model.id, 0)

    def start_fetch(
        self, model: ModelSpec, on_event: Callable[[FetchEvent | ChildExited], None]
    ) -> ScriptedFetch:
        self.fetches.append(ScriptedFetch(model, on_event))
        self.started.put(self.fetches[-1])
        return self.fetches[-1]


@dataclass(eq=False)
class ScriptedEngine:
    """One engine; replies with ``text``."""

    job: LoadModel
    emit: Callable[[EngineEvent | ChildExited | EngineLost], None]
    text: str = "From this machine."
    stopped: bool = False
    loras: list[tuple[Lora, ...]] = field(default_factory=list)
    thought: str = ""
    trouble: BackendError | None = None
    warming: tuple[Warming | asyncio.Event, ...] = ()
    warmed: list[Conversation] = field(default_factory=list)
    warmings_ended: int = 0
    label: str = ""

    async def reply(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[ReplyEvent, None]:
        if self.thought:
            yield ThinkingDelta(self.thought)
        if self.trouble is not None:
            raise BackendError(self.trouble.problem, str(self.trouble))
        for word in self.text.split(" "):
            yield TextDelta(word + " ")
        yield ReplyDone(StopReason.END_TURN, Usage(10, 4, 31.0, 0.2), "fake")

    async def warm(
        self, conversation: Conversation, options: ReplyOptions
    ) -> AsyncGenerator[Warming, None]:
        self.warmed.append(conversation)
        try:
            for step in self.warming:
                if isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    yield step
        finally:
            self.warmings_ended += 1

    def set_loras(self, loras: Sequence[Lora]) -> None:
        self.loras.append(tuple(loras))

    def stop(self) -> None:
        self.stopped = True


@dataclass
class ListedSpeeds:
    """Records in a list."""

    records: list[SpeedRecord] = field(default_factory=list)

    def all(self) -> tuple[SpeedRecord, ...]:
        return tuple(self.records)

    def add(self, record: SpeedRecord) -> None:
        self.records.append(record)


@dataclass
class NotedChoice:
    """A choice in memory."""

    model_id: str = ""

    def choose(self, model_id: str) -> None:
        self.model_id = model_id

    def forget(self, model_id: str) -> None:
        if self.model_id == model_id:
            self.model_id = ""


@dataclass
class NotedAnswer:
    """An answer in memory; at first that of somebody who was asked before, and agreed."""

    said: str = "agreed"

    def recall(self) -> str:
        return self.said

    def choose(self, name: str) -> None:
        self.said = name


@dataclass
class NotedSwitches:
    """Switches in memory."""

    off: frozenset[str] = frozenset()
    chosen: tuple[str, ...] = ()

    def recall(self) -> frozenset[str]:
        return self.off

    def switch(self, off: Iterable[str]) -> None:
        self.off = frozenset(off)

    def added(self) -> tuple[str, ...]:
        return self.chosen

    def add(self, path: str) -> None:
        self.chosen = (*(each for each in self.chosen if each != path), path)

    def remove(self, path: str) -> None:
        self.chosen = tuple(each for each in self.chosen if each != path)


@dataclass
class ScriptedStarter:
    """Makes engines that load when the test says so."""

    engines: list[ScriptedEngine] = field(default_factory=list)
    started: Queue[ScriptedEngine] = field(default_factory=Queue)

    def start(
        self,
        job: LoadModel,
        on_event: Callable[[EngineEvent | ChildExited | EngineLost], None],
        label: str = "",
    ) -> ScriptedEngine:
        self.engines.append(ScriptedEngine(job, on_event, label=label))
        self.started.put(self.engines[-1])
        return self.engines[-1]
