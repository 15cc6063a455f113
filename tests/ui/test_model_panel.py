from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import DataTable

from shammah_tui.core.fetch_messages import Progressed
from shammah_tui.core.generator import Downloading, NotAvailable, Ready
from shammah_tui.core.model_spec import ModelSpec
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.screens.chat import ChatScreen
from shammah_tui.ui.screens.confirm import Confirm
from shammah_tui.ui.screens.model_panel import COLUMNS, ModelPanel
from tests.fakes import LOADED, FixedProbe, ScriptedSource
from tests.services.turns import claude
from tests.ui.apps import Stage, wait_for_state, wait_until

HERE = Path(__file__)
HERE_COLUMN = COLUMNS.index("Here")


def rows(app: ShammahApp) -> dict[str, list[str]]:
    table = app.screen.query_one(DataTable)
    return {str(key.value): [str(cell) for cell in table.get_row(key)] for key in table.rows}


async def opened(pilot: Pilot[None], app: ShammahApp) -> None:
    await pilot.press("f2")
    await wait_until(pilot, lambda: isinstance(app.screen, ModelPanel) and bool(rows(app)))


async def ready(stage: Stage, pilot: Pilot[None], app: ShammahApp) -> None:
    await wait_until(pilot, lambda: bool(stage.starter.engines))
    stage.starter.engines[-1].emit(LOADED)
    await wait_for_state(pilot, app, Ready)


def stage_with(*here: str) -> Stage:
    return Stage(
        claude=claude(),
        source=ScriptedSource(
            found=dict.fromkeys(here, HERE), kept=dict.fromkeys(here, 2_740_937_888)
        ),
    )


def highlighted(app: ShammahApp) -> str:
    panel = app.screen
    assert isinstance(panel, ModelPanel)
    table = panel.query_one(DataTable)
    return str(table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value)


async def move_to(pilot: Pilot[None], app: ShammahApp, model: str) -> None:
    table = app.screen.query_one(DataTable)
    table.move_cursor(row=list(rows(app)).index(model))
    await pilot.pause()
    assert highlighted(app) == model


async def test_it_shows_size_need_licence_and_what_is_here() -> None:
    stage = stage_with("qwen3.5-9b")
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(stage, pilot, app)
        await opened(pilot, app)
        assert rows(app)["qwen3.5-9b"] == [
            "● Qwen3.5 9B",
            "5.7 GB",
            "7.6 GB",
            "",
            "Apache-2.0",
            "replying",
        ]
        assert rows(app)["qwen3.5-4b"][HERE_COLUMN] == "no"
        assert highlighted(app) == "qwen3.5-9b"


async def test_every_cell_is_seen_at_eighty_columns() -> None:
    stage = stage_with("qwen3.5-9b")
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(stage, pilot, app)
        await opened(pilot, app)
        table = app.screen.query_one(DataTable)
        assert table.virtual_size.width <= table.size.width


async def test_choosing_switches_while_the_present_model_goes_on_replying() -> None:
    stage = stage_with("qwen3.5-9b")
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(stage, pilot, app)
        await opened(pilot, app)
        await move_to(pilot, app, "qwen3.5-4b")
        await pilot.press("enter")
        await wait_for_state(pilot, app, Downloading)
        stage.source.fetches[-1].emit(Progressed(1_000_000_000, 2_740_937_888, 9e6, 1, 1))
        await wait_until(pilot, lambda: rows(app)["qwen3.5-4b"][HERE_COLUMN] == "36 %")
        assert rows(app)["qwen3.5-9b"][HERE_COLUMN] == "replying"
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen))
        await pilot.press(*"hi", "enter")
        first = stage.starter.engines[0]
        await wait_until(
            pilot,
            lambda: (
                "From this machine." in app.export_screenshot(simplify=True).replace("&#160;", " ")
            ),
        )
        stage.source.found["qwen3.5-4b"] = HERE
        from shammah_tui.core.fetch_messages import Fetched

        stage.source.fetches[-1].emit(Fetched("c", (str(HERE),)))
        await wait_until(pilot, lambda: len(stage.starter.engines) == 2)
        assert not first.stopped
        stage.starter.engines[1].emit(LOADED)
        await wait_for_state(pilot, app, Ready)
        await wait_until(pilot, lambda: first.stopped)


async def test_cancel_works_in_the_panel() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: bool(stage.source.fetches))
        await opened(pilot, app)
        await pilot.press("f8")
        await wait_for_state(pilot, app, NotAvailable)
        assert stage.source.fetches[0].stopped


async def test_deleting_asks_first() -> None:
    stage = stage_with("qwen3.5-9b", "qwen3.5-4b")
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(stage, pilot, app)
        await opened(pilot, app)
        await move_to(pilot, app, "qwen3.5-4b")
        await pilot.press("d")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ModelPanel))
        assert "qwen3.5-4b" in stage.source.found
        await pilot.press("d")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: "qwen3.5-4b" not in stage.source.found)
        await wait_until(
            pilot,
            lambda: (
                isinstance(app.screen, ModelPanel) and rows(app)["qwen3.5-4b"][HERE_COLUMN] == "no"
            ),
        )


async def test_what_replies_now_cannot_be_deleted() -> None:
    stage = stage_with("qwen3.5-9b")
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(stage, pilot, app)
        await opened(pilot, app)
        await pilot.press("d")
        await pilot.pause()
        assert isinstance(app.screen, ModelPanel)


async def test_a_model_of_the_users_own_is_offered() -> None:
    own = ModelSpec("mine", "[red]Mine[/red]", repo="a/b", quant="Q4_K_M")
    stage = Stage(claude=claude(), wanted=own, probe=FixedProbe())
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        assert rows(app)["mine"][:5] == ["  [red]Mine[/red]", "?", "?", "", "unknown"]
