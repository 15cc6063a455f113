"""The states of the screen that are kept as pictures, each reached as a person would reach it."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from shammah_tui.core.local.generator import Failed, NotAvailable
from shammah_tui.core.model.model_spec import Lora
from shammah_tui.core.protocol.fetch_messages import FetchFailed, FetchProblem, Progressed, Waiting
from shammah_tui.core.settings.settings import Settings
from shammah_tui.core.wording.unanswered import HELP_LINE
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.panels.confirm import Confirm
from shammah_tui.ui.panels.help import HelpPanel
from shammah_tui.ui.panels.model_panel import ModelPanel
from tests.fakes import NotedAnswer, ScriptedSource
from tests.services.fakes import FakeBackend
from tests.snapshots.kept_scenes import KEPT_SCENES, left_out
from tests.snapshots.scene import DONE, REPLY, SIZE_BYTES, WIDE, Scene
from tests.ui.apps import Stage, wait_for_state, wait_until


async def empty(scene: Scene) -> None:
    await wait_until(scene.pilot, lambda: bool(scene.stage.source.fetches))


async def offered(scene: Scene) -> None:
    await wait_until(scene.pilot, lambda: scene.app.screen.query_one(Composer).has_offer)


async def downloading(scene: Scene) -> None:
    await scene.download()
    await scene.ask("How do I use Rust lifetimes?")


async def cancelled(scene: Scene) -> None:
    await scene.download()
    await scene.pilot.press("f8")
    await wait_for_state(scene.pilot, scene.app, NotAvailable)


async def waiting(scene: Scene) -> None:
    await scene.download()
    kept = int(SIZE_BYTES * 0.45)
    scene.stage.source.fetches[-1].emit(Waiting("the network", 8.0, Progressed(kept, SIZE_BYTES)))
    await wait_until(scene.pilot, lambda: "network" in scene.app.export_screenshot())


async def loading(scene: Scene) -> None:
    await scene.download()
    await scene.load()


async def ready(scene: Scene) -> None:
    await scene.download()
    await scene.ask("How do I use Rust lifetimes?")
    await scene.load()
    await scene.ready()
    await scene.ask("And what is ownership?\nBriefly, please.")


async def failed(scene: Scene) -> None:
    await scene.download()
    sentence = "The disk is full: 3.1 GB more are needed. Free some space, then retry"
    failure = FetchFailed(FetchProblem.NO_SPACE, sentence, True)
    scene.stage.source.fetches[-1].emit(failure)
    await wait_for_state(scene.pilot, scene.app, Failed)


async def nobody(scene: Scene) -> None:
    await wait_for_state(scene.pilot, scene.app, NotAvailable)
    scene.app.screen.query_one(Composer).text = "Is anybody there?"
    await scene.pilot.press("enter")
    await wait_until(scene.pilot, lambda: "ANTHROPIC" in scene.app.export_screenshot())
    await scene.pilot.pause(0.2)


async def crisis(scene: Scene) -> None:
    await scene.download()
    await scene.ask("I want to end my life")
    assert HELP_LINE[:10] in scene.app.export_screenshot().replace("&#160;", " ")


async def panel(scene: Scene) -> None:
    await scene.download()
    await scene.ask("How do I use Rust lifetimes?")
    await scene.pilot.press("f2")
    await wait_until(scene.pilot, lambda: isinstance(scene.app.screen, ModelPanel))
    await wait_until(scene.pilot, lambda: "Recommended" in scene.app.export_screenshot())


async def deleting(scene: Scene) -> None:
    scene.stage.source.found["qwen3.5-4b"] = Path(__file__)
    scene.stage.source.kept["qwen3.5-4b"] = 2_740_937_888
    await panel(scene)
    await scene.pilot.press("down", "d")
    await wait_until(scene.pilot, lambda: isinstance(scene.app.screen, Confirm))


async def palette(scene: Scene) -> None:
    await scene.download()
    await scene.pilot.press("ctrl+p")
    await scene.pilot.pause(0.3)


async def help_page(scene: Scene) -> None:
    await scene.download()
    await scene.ask("How do I use Rust lifetimes?")
    await scene.pilot.press("f1")
    await wait_until(scene.pilot, lambda: isinstance(scene.app.screen, HelpPanel))


async def completions(scene: Scene) -> None:
    await scene.download()
    await scene.ask("How do I use Rust lifetimes?")
    await scene.pilot.press("slash", "c", "down")
    await wait_until(scene.pilot, lambda: "/continue" in scene.app.export_screenshot())


async def wide(scene: Scene) -> None:
    await scene.download()
    await scene.ask(WIDE)
    scene.app.screen.query_one(Composer).text = WIDE.splitlines()[0]


SCENES: dict[str, Callable[[Scene], Awaitable[None]]] = {
    scene.__name__: scene
    for scene in (
        *KEPT_SCENES,
        empty,
        offered,
        downloading,
        cancelled,
        waiting,
        loading,
        ready,
        failed,
        nobody,
        crisis,
        panel,
        deleting,
        palette,
        help_page,
        completions,
        wide,
    )
}

SMALL_SCENES: dict[str, Callable[[Scene], Awaitable[None]]] = {left_out.__name__: left_out}
"""Those kept at 80x24 only."""


def stage_for(name: str, theme: str, *, plain: bool = False) -> Stage:
    """Return the stand-ins that a scene begins with."""
    settings = Settings(theme=theme, plain=plain)
    if name == "wide":
        reply = f"{WIDE}\n\n| 名 | שם |\n|---|---|\n| 👩\u200d💻 | e\u0301 |\n"
        return Stage(claude=FakeBackend(reply, DONE), settings=settings)
    if name == "offered":
        source = ScriptedSource(folder="/home/anna/.cache/huggingface/hub")
        return Stage(settings=settings, answer=NotedAnswer(""), source=source)
    if name == "nobody":
        problem = "config.toml: claude.modle is not known; did you mean model?"
        return Stage(settings=settings, offline=True, problems=(problem,))
    loras = (
        (Lora("/models/style.gguf"), Lora("/models/terse.gguf", 0.5)) if name == "adapters" else ()
    )
    return Stage(claude=FakeBackend(REPLY, DONE), settings=settings, loras=loras)


def play(name: str, stage: Stage, app: ShammahApp) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Return what brings ``app`` to the scene, with everything still that moves by itself."""

    async def run(pilot: Pilot[None]) -> None:
        await pilot.pause()
        composer = app.screen.query_one(Composer)
        composer.cursor_blink = False
        await {**SCENES, **SMALL_SCENES}[name](Scene(stage, app, pilot))
        for field in app.screen.query(Input):
            field.cursor_blink = False
            # It may be hidden just now.
            field._pause_blink(visible=True)
        await pilot.pause(0.2)

    return run
