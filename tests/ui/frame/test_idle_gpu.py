"""A card that the build cannot use is named where a person looks for the reason."""

from dataclasses import replace
from pathlib import Path

from textual.widgets import Static

from shammah_tui.core.model.hardware import Gpu
from shammah_tui.ui.panels.model_panel import ModelPanel
from tests.fakes import GIB, MACHINE, FixedProbe, ScriptedSource
from tests.services.turns import claude
from tests.ui.apps import Stage, wait_until
from tests.ui.local_model import be_ready

RTX = Gpu("NVIDIA GeForce RTX 4090", "CUDA", 24 * GIB, 20 * GIB)


def stage_with(*idle: Gpu) -> Stage:
    model = "qwen3.5-9b"
    source = ScriptedSource(found={model: Path(__file__)}, kept={model: 5_680_522_464})
    return Stage(claude=claude(), source=source, probe=FixedProbe(replace(MACHINE, idle_gpus=idle)))


async def test_the_header_names_it_beside_the_processor() -> None:
    stage = stage_with(RTX)
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await be_ready(stage, pilot, app)
        status = app.screen.query_one("GeneratorHeader .status", Static)
        said = "✓ Qwen3.5 9B ready · CPU · RTX 4090 idle: see shammah doctor"
        await wait_until(pilot, lambda: str(status.content) == said)


async def test_the_panel_gives_the_command() -> None:
    app = stage_with(RTX).app()
    async with app.run_test(size=(110, 30)) as pilot:
        await pilot.press("f2")
        await wait_until(pilot, lambda: isinstance(app.screen, ModelPanel))
        detail = app.screen.query_one(".detail", Static)
        await wait_until(pilot, lambda: "RTX 4090 is idle" in str(detail.content))
        assert "CMAKE_ARGS=-DGGML_CUDA=on pip install" in str(detail.content)


async def test_without_one_nothing_is_said() -> None:
    stage = stage_with()
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await be_ready(stage, pilot, app)
        status = app.screen.query_one("GeneratorHeader .status", Static)
        await wait_until(pilot, lambda: str(status.content) == "✓ Qwen3.5 9B ready · CPU")
