"""The panel's speeds, its choice that is remembered, and the adapters behind it."""

from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import DataTable

from shammah_tui.core.local.speed import SpeedRecord, speed_key
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.model_spec import Lora
from shammah_tui.core.protocol.engine_messages import LorasApplied, SpeedMeasured
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_screen import ChatScreen
from shammah_tui.ui.panels.lora_panel import LoraPanel
from shammah_tui.ui.panels.model_panel import COLUMNS, ModelPanel
from tests.fakes import GIB, MACHINE, FixedProbe
from tests.ui.apps import Stage, wait_until
from tests.ui.local_model import be_ready, loaded
from tests.ui.panels.test_model_panel import move_to, opened, rows, stage_with

SPEED = COLUMNS.index("Speed")
NINE = next(model for model in CATALOGUE if model.id == "qwen3.5-9b")
STYLE, TERSE = Lora("/loras/style.gguf"), Lora("/loras/[b]terse.gguf", 0.5)


def shown(app: ShammahApp) -> str:
    return app.export_screenshot(simplify=True).replace("&#160;", " ")


async def test_measured_and_estimated_speeds() -> None:
    stage = stage_with("qwen3.5-9b")
    app = stage.app()
    async with app.run_test(size=(110, 30)) as pilot:
        await be_ready(stage, pilot, app)
        await opened(pilot, app)
        assert {row[SPEED] for row in rows(app).values()} == {""}, "nothing was measured yet"
        stage.starter.engines[0].emit(SpeedMeasured(12.4, 80.0))
        await wait_until(pilot, lambda: rows(app)["qwen3.5-9b"][SPEED] == "12 tok/s")
        assert rows(app)["qwen3.5-4b"][SPEED] == "~26 tok/s"
        assert rows(app)["qwen3.8-27b"][SPEED] == "~4 tok/s"
        assert rows(app)["qwen3.6-35b-a3b"][SPEED] == "~38 tok/s"
        await move_to(pilot, app, "qwen3.5-4b")
        await wait_until(pilot, lambda: "speed is an estimate" in shown(app))


async def test_every_column_is_seen_at_eighty_cells_whatever_the_figures() -> None:
    stage = stage_with("qwen3.5-9b")
    stage.source.kept["qwen3.5-4b"] = 1_250_000_000
    size = NINE.size_bytes
    assert size is not None
    stage.speeds.add(SpeedRecord(speed_key(NINE), "CPU", size, 123.4))
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await be_ready(stage, pilot, app)
        await opened(pilot, app)
        table = app.screen.query_one(DataTable)
        assert rows(app)["qwen3.5-4b"][COLUMNS.index("Status")] == "45 %"
        assert rows(app)["qwen2.5-0.5b"][SPEED].startswith("~1")
        assert table.virtual_size.width <= table.size.width
        for column in COLUMNS:
            assert column in shown(app)


async def test_the_choice_is_remembered() -> None:
    stage = stage_with("qwen3.5-9b", "qwen3.5-4b")
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await be_ready(stage, pilot, app)
        await opened(pilot, app)
        await move_to(pilot, app, "qwen3.5-4b")
        await pilot.press("enter")
        await wait_until(pilot, lambda: stage.chosen.model_id == "qwen3.5-4b")


async def loras_opened(stage: Stage, pilot: Pilot[None], app: ShammahApp) -> None:
    await be_ready(stage, pilot, app)
    await opened(pilot, app)
    await pilot.press("l")
    await wait_until(pilot, lambda: isinstance(app.screen, LoraPanel))


async def test_adapters_are_switched_and_what_came_of_it_is_said() -> None:
    stage = stage_with("qwen3.5-9b")
    stage.loras = (STYLE, TERSE)
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await loras_opened(stage, pilot, app)
        engine = stage.starter.engines[0]
        assert engine.job.loras == (STYLE, TERSE)
        assert "[x] style.gguf" in shown(app) and "[x] [b]terse.gguf × 0.5" in shown(app)
        assert "Applying…" in shown(app)
        engine.emit(LorasApplied((STYLE,), ("The LoRA adapter [b]terse.gguf is damaged.",)))
        await wait_until(pilot, lambda: "[b]terse.gguf is damaged." in shown(app))
        await pilot.press("down", "space")
        await wait_until(pilot, lambda: engine.loras == [(STYLE,)])
        engine.emit(LorasApplied((STYLE,)))
        await wait_until(pilot, lambda: "Applied: style.gguf" in shown(app))
        await pilot.press("up", "enter")
        await wait_until(pilot, lambda: engine.loras[-1] == ())
        engine.emit(LorasApplied(()))
        await wait_until(pilot, lambda: "No LoRA adapter is on" in shown(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ModelPanel))
        await pilot.press("l")
        await wait_until(pilot, lambda: isinstance(app.screen, LoraPanel))
        assert "[ ] style.gguf" in shown(app) and "[ ] [b]terse.gguf" in shown(app)
    assert len(stage.starter.engines) == 1, "nothing was loaded again"


async def test_a_refusal_is_told_outside_the_panel_as_well() -> None:
    stage = stage_with("qwen3.5-9b")
    stage.loras = (STYLE,)
    app = stage.app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await be_ready(stage, pilot, app)
        refusal = "The LoRA adapter style.gguf was made for a model of another size."
        stage.starter.engines[0].emit(LorasApplied((), (refusal,)))
        await wait_until(pilot, lambda: "style.gguf" in shown(app))


async def test_where_a_server_replies_the_key_does_nothing() -> None:
    stage = stage_with("qwen3.5-9b")
    stage.loras = None
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await be_ready(stage, pilot, app)
        await opened(pilot, app)
        await pilot.press("l")
        await pilot.pause()
        assert isinstance(app.screen, ModelPanel)
        assert "LoRAs" not in shown(app)


async def test_before_a_model_is_there_they_are_noted() -> None:
    stage = stage_with()
    stage.loras = (STYLE,)
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: bool(stage.source.fetches))
        await opened(pilot, app)
        await pilot.press("l")
        await wait_until(pilot, lambda: isinstance(app.screen, LoraPanel))
        assert "once a model is loaded" in shown(app)
        await pilot.press("space")
        await wait_until(pilot, lambda: app.loader.snapshot.loras.wanted == ())
        assert Path(STYLE.path).name in shown(app)


async def test_where_both_do_not_fit_claude_answers_while_the_machine_changes_over() -> None:
    stage = stage_with("qwen3.5-9b", "qwen3.5-4b")
    stage.probe = FixedProbe(replace(MACHINE, ram_free_bytes=3 * GIB))
    stage.wanted = next(model for model in CATALOGUE if model.id == "qwen3.5-4b")
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await be_ready(stage, pilot, app)
        first = stage.starter.engines[0]
        await opened(pilot, app)
        await move_to(pilot, app, "qwen3.5-9b")
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(stage.starter.engines) == 2 and first.stopped)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen))
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: "· model loading" in shown(app))
        await loaded(pilot, app, stage.starter.engines[1])
