"""Panels are whole in a window of 80 columns: no cut word, no empty box, no lost column."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.screens.confirm import Confirm
from shammah_tui.ui.screens.model_panel import ModelPanel
from shammah_tui.ui.widgets.composer import Composer
from shammah_tui.ui.widgets.panel_keys import PanelKeys
from tests.services.turns import claude
from tests.snapshots.kept_scenes import RECORDS
from tests.snapshots.scene import Scene
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import row_of, rows


def keys_row(app: ShammahApp) -> str:
    line = app.screen.query_one(PanelKeys).region
    return rows(app)[line.y][line.x : line.right].strip()


async def on_a_model_of_the_disk(stage: Stage, app: ShammahApp, pilot: Pilot[None]) -> None:
    stage.source.found["qwen3.5-4b"] = Path(__file__)
    stage.source.kept["qwen3.5-4b"] = 2_740_937_888
    await Scene(stage, app, pilot).download()
    await pilot.press("f2")
    await wait_until(pilot, lambda: isinstance(app.screen, ModelPanel))
    await wait_until(pilot, lambda: row_of(app, "Recommended") is not None)
    await pilot.press("down")
    await wait_until(pilot, lambda: "Delete" in keys_row(app))


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_a_panels_keys_are_whole_words_and_name_the_way_out(width: int) -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test(size=(width, 24)) as pilot:
        await on_a_model_of_the_disk(stage, app, pilot)
        shown = keys_row(app)
        assert shown.rstrip(" …").endswith("esc Close")
        assert ("…" in shown) is (width < 120)
        words = {"Use", "this", "model", "Cancel", "Delete", "Other", "Adapters", "Close"}
        assert {word for word in shown.split() if len(word) > 3} <= words


async def test_a_panels_keys_stay_under_a_dialog_and_after_it() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test(size=(120, 24)) as pilot:
        await on_a_model_of_the_disk(stage, app, pilot)
        before = keys_row(app)
        await pilot.press("d")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.pause(0.1)
        assert any("esc Close" in row for row in rows(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ModelPanel))
        assert keys_row(app) == before
