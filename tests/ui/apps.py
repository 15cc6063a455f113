"""The whole app over stand-ins for the ports, for Pilot tests and snapshots."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from textual.pilot import Pilot

from shammah_tui.adapters.claude.key_holder import KeyHolder
from shammah_tui.adapters.files.lora_files import LoraFiles
from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.errors import BackendError, BackendProblem
from shammah_tui.core.local.generator import GeneratorState, Snapshot
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.model_ref import LocalFiles, parse_model
from shammah_tui.core.model.model_spec import Lora, ModelSpec
from shammah_tui.core.settings.settings import Settings
from shammah_tui.ports import Backend, Clipboard
from shammah_tui.services.local.load_plan import LoadPlan
from shammah_tui.services.local.preferences import LocalPreferences
from shammah_tui.services.services import CheckKey, Services
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.frame.theme import ThemeMemory
from shammah_tui.wiring import Adapters, services_for
from tests.fakes import (
    FixedProbe,
    ListedSpeeds,
    NotedAnswer,
    NotedChoice,
    NotedSwitches,
    ScriptedSource,
    ScriptedStarter,
)

NO_KEY = BackendError(BackendProblem.NO_KEY, "There is no key for Claude: set ANTHROPIC_API_KEY")
LOCAL_FILES = LocalFiles(lambda path: Path(path).is_file(), lambda path: path)


async def _take_any(_: str) -> None:
    """Have nothing against a key."""


@dataclass
class Stage:
    """An app and the stand-ins behind it."""

    claude: Backend | None = None
    wanted: ModelSpec | None = None
    settings: Settings = field(default_factory=Settings)
    offline: bool = False
    problems: tuple[str, ...] = ()
    source: ScriptedSource = field(default_factory=ScriptedSource)
    on_disk: tuple[ModelSpec, ...] = ()
    starter: ScriptedStarter = field(default_factory=ScriptedStarter)
    probe: FixedProbe = field(default_factory=FixedProbe)
    speeds: ListedSpeeds = field(default_factory=ListedSpeeds)
    chosen: NotedChoice = field(default_factory=NotedChoice)
    answer: NotedAnswer = field(default_factory=NotedAnswer)
    loras: tuple[Lora, ...] | None = ()
    """None where they are a server's."""
    switches: NotedSwitches = field(default_factory=NotedSwitches)
    loras_folder: Path = Path("/adapters")
    store_path: Path | None = None
    continue_last: bool = False
    clipboard: Clipboard | None = None
    themes: ThemeMemory | None = None
    key: KeyHolder | None = None
    """None is one whose key is set if there is a Claude."""
    check_key: CheckKey = _take_any

    def app(self) -> ShammahApp:
        plan = LoadPlan(self.wanted, CATALOGUE, offline=self.offline, loras=self.loras or ())
        files = LoraFiles(self.loras_folder, self.loras_folder / "no cache")

        is_set = {} if self.claude is None else {"ANTHROPIC_API_KEY": "sk-ant-of-the-stage"}
        key = self.key or KeyHolder(is_set)

        def make_services(
            on_change: Callable[[Snapshot], None], on_notice: Callable[[str], None]
        ) -> Services:
            adapters = Adapters(
                key=key,
                check_key=self.check_key,
                claude=lambda: NO_KEY if self.claude is None else self.claude,
                source=self.source,
                starter=self.starter,
                probe=self.probe,
                store=SqliteStore(self.store_path, on_notice),
                private_store=lambda: SqliteStore(None, on_notice),
                preferences=LocalPreferences(self.speeds, self.chosen, self.switches, self.answer),
                lora_files=None if self.loras is None else files,
                on_disk=lambda: self.on_disk,
                parse=lambda name: parse_model(name, plan.offered, LOCAL_FILES),
                clipboard=self.clipboard,
            )
            return services_for(self.settings, plan, adapters, on_change, problems=self.problems)

        settings = self.settings
        return ShammahApp(
            make_services,
            claude_available=self.claude is not None,
            continue_last=self.continue_last,
            theme=settings.theme,
            plain=settings.plain,
            keys=settings.keys,
            theme_memory=self.themes,
        )


async def wait_until(pilot: Pilot[None], predicate: Callable[[], bool], turns: int = 500) -> None:
    """Let the app work until ``predicate`` holds; at most ``turns`` times 10 ms."""
    for _ in range(turns):
        if predicate():
            await pilot.pause()
            return
        await pilot.pause(0.01)
    raise AssertionError("It did not come to that")


async def wait_for_state(pilot: Pilot[None], app: ShammahApp, kind: type[GeneratorState]) -> None:
    """Wait until the screen shows a state of ``kind``."""
    # Before somebody stands behind the screen there is no snapshot.
    await wait_until(
        pilot,
        lambda: isinstance(getattr(app.screen_stack[0].snapshot, "state", None), kind),  # type: ignore[attr-defined]
    )
