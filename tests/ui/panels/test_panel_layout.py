"""Panels are whole in a window of 80 columns: no cut word, no empty box, no lost column."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.frame.key_line import PanelKeys
from shammah_tui.ui.panels.confirm import Confirm
from shammah_tui.ui.panels.model_panel import ModelPanel
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
    await wait_until(pilot, lambda: bool({"Delete", "…"} & set(keys_row(app).split())))


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_a_panels_keys_are_whole_words_and_name_the_way_out(width: int) -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test(size=(width, 24)) as pilot:
        await on_a_model_of_the_disk(stage, app, pilot)
        shown = keys_row(app)
        assert shown.rstrip(" …").endswith("esc Close")
        assert ("…" in shown) is (width < 80)
        words = {"Use", "this", "model", "Cancel", "Delete", "name", "LoRAs", "Close"}
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


@pytest.mark.parametrize("width", [60, 80, 120])
async def test_ages_stand_at_the_right_edge_of_the_list(width: int, tmp_path: Path) -> None:
    stage = Stage(claude=claude(), store_path=tmp_path / "s.db")
    app = stage.app()
    async with app.run_test(size=(width, 24)) as pilot:
        await Scene(stage, app, pilot).download()
        await app.services.session.store.import_records(RECORDS)
        await pilot.press("f3")
        await wait_until(pilot, lambda: row_of(app, "Names for a boat") is not None)
        panel = app.screen.query_one("Vertical").region
        edges = {
            len(row[panel.x : panel.right - 1].rstrip())
            for row in rows(app)
            if "Local" in row or "Last used" in row
        }
        assert edges == {panel.width - 4}, rows(app)
        await pilot.press("p", "e")
        await wait_until(pilot, lambda: row_of(app, "Petrel") is not None)
        hit = next(row for row in rows(app) if "Names for a boat" in row)
        assert len(hit[panel.x : panel.right - 1].rstrip()) == panel.width - 4


@pytest.mark.parametrize(
    ("words", "said"),
    [("", "No conversations yet"), ("submarine", "Nothing was found"), ("in:bin", "The bin is")],
)
async def test_an_empty_list_says_so_where_the_list_would_be(
    tmp_path: Path, words: str, said: str
) -> None:
    stage = Stage(claude=claude(), store_path=tmp_path / "s.db")
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Composer).has_focus)
        await pilot.press("f3", *words)
        await wait_until(pilot, lambda: row_of(app, said) is not None)
        assert row_of(app, said) == 3
        assert row_of(app, "Answered by") is None


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_the_usage_panel_is_as_high_as_what_it_says(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    stage = Stage(claude=claude(), store_path=tmp_path / "s.db")
    app = stage.app()
    async with app.run_test(size=size) as pilot:
        await Scene(stage, app, pilot).download()
        await app.services.session.store.import_records(RECORDS)
        await pilot.press(*"/usage", "enter")
        await wait_until(pilot, lambda: row_of(app, "total") is not None)
        panel = app.screen.query_one("Vertical").region
        inside = [row[panel.x + 1 : panel.right - 1].strip() for row in rows(app)]
        shown = inside[panel.y + 1 : panel.bottom - 1]
        assert shown[-1].startswith("tab") and not shown[-2] and shown[-3], shown


async def test_the_status_of_a_model_is_seen_in_sixty_columns() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test(size=(60, 24)) as pilot:
        await on_a_model_of_the_disk(stage, app, pilot)
        assert row_of(app, "on disk") is not None
        assert row_of(app, "44 %") is not None


async def test_enter_in_the_empty_field_for_a_model_goes_back_to_the_list() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await on_a_model_of_the_disk(stage, app, pilot)
        await pilot.press("slash", "enter")
        await wait_until(pilot, lambda: app.screen.query_one("DataTable").has_focus)
        assert not app._notifications


async def test_a_notice_of_a_long_title_stays_one_row(tmp_path: Path) -> None:
    stage = Stage(claude=claude(), store_path=tmp_path / "s.db")
    app = stage.app()
    async with app.run_test(size=(100, 24), notifications=True) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Composer).has_focus)
        await app.services.session.store.import_records(RECORDS[3:4])
        await pilot.press("f3")
        await wait_until(pilot, lambda: row_of(app, "Which of the") is not None)
        await pilot.press("down", "delete")
        await wait_until(pilot, lambda: row_of(app, "Deleted “Which") is not None)
        row = rows(app)[row_of(app, "Deleted “Which") or 0]
        assert "…” · Ctrl+Z" in row
