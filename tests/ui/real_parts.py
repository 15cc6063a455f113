"""The whole app over real parts: an engine child or a server, and Claude's SDK on loopback."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from shammah_tui.adapters.claude.claude import Claude
from shammah_tui.adapters.claude.key_holder import KeyHolder
from shammah_tui.adapters.engine.local_engine import LocalEngine, LocalEngineStarter
from shammah_tui.adapters.files.remembered_name import RememberedName
from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.local.generator import Snapshot
from shammah_tui.core.model.model_spec import DevicePreference, ModelSpec, WeightsFile
from shammah_tui.core.protocol.engine_messages import EngineEvent, LoadModel
from shammah_tui.core.settings.settings import Settings
from shammah_tui.ports import ChildExited, EngineStarter, HardwareProbe, ModelSource
from shammah_tui.services.local.load_plan import LoadPlan
from shammah_tui.services.local.preferences import LocalPreferences
from shammah_tui.services.services import Services
from shammah_tui.ui.app import ShammahApp
from shammah_tui.wiring import Adapters, services_for
from tests.fakes import FixedProbe, ScriptedSource

KEY = "sk-ant-real-parts-0123456789"


class NotedStarter:
    """Starts real engines.

    Args:
        folder: Where their log goes.
        hang_s: Longest silence of one that has something to do.

    Attributes:
        engines: Those that were started, in order.
        alive: For each, how many of those before it were still there when it was started.
        suspends: Whether the next ones are suspended as soon as they are there.
    """

    def __init__(self, folder: Path, hang_s: float = 30.0) -> None:
        self._starter = LocalEngineStarter(folder / "engine.log", os.environ, hang_s=hang_s)
        self.engines: list[LocalEngine] = []
        self.alive: list[int] = []
        self.suspends = False

    def start(
        self,
        job: LoadModel,
        on_event: Callable[[EngineEvent | ChildExited], None],
        label: str = "",
    ) -> LocalEngine:
        self.alive.append(sum(psutil.pid_exists(engine.pid) for engine in self.engines))
        engine = self._starter.start(job, on_event, label)
        self.engines.append(engine)
        if self.suspends:
            os.kill(engine.pid, signal.SIGSTOP)
        return engine


@dataclass
class RealStage:
    """What the app stands on.

    Attributes:
        folder: Where everything is kept.
        starter: Makes engines.
        models: Those that are offered; the first is wanted.
        api_url: Where the Messages API is.
        source: Where weights lie.
        probe: Looks at the machine.
    """

    folder: Path
    starter: EngineStarter
    models: tuple[ModelSpec, ...]
    api_url: str
    source: ModelSource | None = None
    probe: HardwareProbe = field(default_factory=FixedProbe)

    @property
    def chosen(self) -> RememberedName:
        """What is remembered for the next start."""
        return RememberedName(self.folder / "model.json", "model")

    def app(self) -> ShammahApp:
        return ShammahApp(self._services, claude_available=True, theme="shammah-dark")

    def _services(
        self, on_change: Callable[[Snapshot], None], on_notice: Callable[[str], None]
    ) -> Services:
        here = {model.id: Path(str(model.local_path)) for model in self.models}
        environment = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": self.api_url}
        key = KeyHolder(environment)
        claude = Claude("claude-sonnet-5-5", 1024, environment, key)
        adapters = Adapters(
            key=key,
            check_key=claude.check,
            claude=claude.side,
            source=self.source or ScriptedSource(found=here),
            starter=self.starter,
            probe=self.probe,
            store=SqliteStore(self.folder / "store.db", on_notice),
            preferences=LocalPreferences(chosen=self.chosen),
            warm_up=claude.warm_up,
        )
        plan = LoadPlan(self.models[0], self.models, DevicePreference.CPU, context_length=4096)
        return services_for(Settings(), plan, adapters, on_change)


def spec_of(path: Path) -> ModelSpec:
    """Return a model of this machine."""
    files = (WeightsFile(path.name, path.stat().st_size),)
    return ModelSpec(path.stem, path.stem, local_path=str(path), files=files, family="tiny")
