"""The local model on its way to readiness, played by the stand-ins."""

from pathlib import Path

from textual.pilot import Pilot

from shammah_tui.core.local.generator import Ready
from shammah_tui.core.protocol.fetch_messages import Fetched
from shammah_tui.ui.app import ShammahApp
from tests.fakes import LOADED, ScriptedEngine
from tests.ui.apps import Stage, wait_for_state, wait_until


async def load(stage: Stage, pilot: Pilot[None]) -> ScriptedEngine:
    """Have the weights here, fetched where they were not; return the engine that loads them."""
    source, starter = stage.source, stage.starter
    await wait_until(pilot, lambda: bool(source.fetches or starter.engines))
    if not starter.engines:
        source.fetches[-1].emit(Fetched((str(Path(__file__)),)))
        await wait_until(pilot, lambda: bool(starter.engines))
    return starter.engines[-1]


async def loaded(pilot: Pilot[None], app: ShammahApp, engine: ScriptedEngine) -> None:
    """Have the engine be ready, and wait until the screen shows it."""
    engine.emit(LOADED)
    await wait_for_state(pilot, app, Ready)


async def be_ready(stage: Stage, pilot: Pilot[None], app: ShammahApp) -> ScriptedEngine:
    """Have the local model be there, from its weights to its readiness."""
    engine = await load(stage, pilot)
    await loaded(pilot, app, engine)
    return engine
