from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import DataTable, Static

from shammah_tui.core.errors import ShammahError
from shammah_tui.core.local.generator import Downloading, NotAvailable, Ready
from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.protocol.fetch_messages import Progressed, Resolved
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_screen import ChatScreen
from shammah_tui.ui.frame.key_line import KeyLine
from shammah_tui.ui.panels.confirm import Confirm
from shammah_tui.ui.panels.model_panel import COLUMNS, ModelPanel
from tests.fakes import FixedProbe, ScriptedSource
from tests.services.turns import claude
from tests.ui.apps import Stage, wait_for_state, wait_until
from tests.ui.local_model import be_ready, loaded

HERE = Path(__file__)
STATUS = COLUMNS.index("Status")


def rows(app: ShammahApp) -> dict[str, list[str]]:
    table = app.screen.query_one(DataTable)
    return {str(key.value): [str(cell) for cell in table.get_row(key)] for key in table.rows}


async def opened(pilot: Pilot[None], app: ShammahApp) -> None:
    await pilot.press("f2")
    await wait_until(pilot, lambda: isinstance(app.screen, ModelPanel) and bool(rows(app)))


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
        await be_ready(stage, pilot, app)
        await opened(pilot, app)
        assert rows(app)["qwen3.5-9b"] == [
            "● Qwen3.5 9B",
            "5.7 GB",
            "7.6 GB",
            "",
            "in use",
            "Apache-2.0",
        ]
        assert rows(app)["qwen3.5-4b"][STATUS] == "not here"
        assert highlighted(app) == "qwen3.5-9b"


async def test_every_cell_is_seen_at_eighty_columns() -> None:
    stage = stage_with("qwen3.5-9b")
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await be_ready(stage, pilot, app)
        await opened(pilot, app)
        table = app.screen.query_one(DataTable)
        assert table.virtual_size.width <= table.size.width


async def test_choosing_switches_while_the_present_model_goes_on_replying() -> None:
    stage = stage_with("qwen3.5-9b")
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await be_ready(stage, pilot, app)
        await opened(pilot, app)
        await move_to(pilot, app, "qwen3.5-4b")
        await pilot.press("enter")
        await wait_for_state(pilot, app, Downloading)
        stage.source.fetches[-1].emit(Progressed(1_000_000_000, 2_740_937_888, 9e6, 1, 1))
        await wait_until(pilot, lambda: rows(app)["qwen3.5-4b"][STATUS] == "36 %")
        assert rows(app)["qwen3.5-9b"][STATUS] == "in use"
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
        from shammah_tui.core.protocol.fetch_messages import Fetched

        stage.source.fetches[-1].emit(Fetched((str(HERE),)))
        await wait_until(pilot, lambda: len(stage.starter.engines) == 2)
        assert not first.stopped
        await loaded(pilot, app, stage.starter.engines[1])
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
        await be_ready(stage, pilot, app)
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
                isinstance(app.screen, ModelPanel) and rows(app)["qwen3.5-4b"][STATUS] == "not here"
            ),
        )


async def test_what_replies_now_cannot_be_deleted() -> None:
    stage = stage_with("qwen3.5-9b")
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await be_ready(stage, pilot, app)
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
        named = rows(app)["mine"]
        assert [*named[:4], named[-1]] == ["  [red]Mine[/red]", "?", "?", "", "unknown"]


async def in_part(stage: Stage, pilot: Pilot[None], app: ShammahApp) -> None:
    """Open the panel at a model of which 1.2 of 2.7 GB are here, while another replies."""
    stage.source.kept["qwen3.5-4b"] = 1_200_000_000
    await be_ready(stage, pilot, app)
    await opened(pilot, app)
    await move_to(pilot, app, "qwen3.5-4b")


def detail(app: ShammahApp) -> str:
    return str(app.screen.query_one(".detail", Static).render())


def footer(app: ShammahApp) -> dict[str, str]:
    offered = app.screen.query_one(KeyLine).offered
    return {key.key_display: key.description for key in offered}


async def test_a_part_is_shown_and_goes_on_with_one_key() -> None:
    stage = stage_with("qwen3.5-9b")
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await in_part(stage, pilot, app)
        assert rows(app)["qwen3.5-4b"][STATUS] == "43 %"
        assert "1.2/2.7 GB here · F9 resume · d delete" in detail(app)
        await wait_until(pilot, lambda: footer(app).get("del") == "Delete")
        assert footer(app)["F9"] == "Resume"
        await pilot.press("f9")
        await wait_for_state(pilot, app, Downloading)
        assert stage.source.fetches[-1].model.id == "qwen3.5-4b"
        await wait_until(pilot, lambda: "d delete" not in detail(app))


async def test_a_part_is_deleted_after_asking() -> None:
    stage = stage_with("qwen3.5-9b")
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await in_part(stage, pilot, app)
        await pilot.press("d")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        asked = str(app.screen.query_one(Static).render())
        assert asked == "Delete the partial download of Qwen3.5 4B from this disk? It frees 1.2 GB."
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ModelPanel))
        assert "qwen3.5-4b" in stage.source.kept
        await pilot.press("delete")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: "qwen3.5-4b" not in stage.source.kept)
        await wait_until(
            pilot,
            lambda: (
                isinstance(app.screen, ModelPanel) and rows(app)["qwen3.5-4b"][STATUS] == "not here"
            ),
        )
        assert "del" not in footer(app)
        assert "F9" not in footer(app)


async def test_what_was_cancelled_can_be_deleted_in_the_panel() -> None:
    own = ModelSpec("mine", "Mine", repo="a/b", quant="Q4_K_M")
    stage = Stage(claude=claude(), wanted=own)
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: bool(stage.source.fetches))
        await opened(pilot, app)
        fetch = stage.source.fetches[0]
        # From here on its files are known: the loader's model is no longer the very same value.
        fetch.emit(Resolved((WeightsFile("b-Q4_K_M.gguf", 2_700_000_000, "d" * 64),)))
        fetch.emit(Progressed(1_200_000_000, 2_700_000_000, 9e6, 1, 1))
        stage.source.kept["mine"] = 1_200_000_000
        await wait_until(pilot, lambda: rows(app)["mine"][STATUS] == "44 %")
        await move_to(pilot, app, "mine")
        await pilot.press("f8")
        await wait_for_state(pilot, app, NotAvailable)
        await wait_until(pilot, lambda: footer(app).get("del") == "Delete")
        await pilot.press("d")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: "mine" not in stage.source.kept)
        status = app.screen_stack[1].query_one(".status", Static)
        await wait_until(pilot, lambda: "nothing kept" in str(status.render()))
        await wait_until(
            pilot,
            lambda: isinstance(app.screen, ModelPanel) and rows(app)["mine"][STATUS] == "not here",
        )


async def test_what_is_on_its_way_is_not_deleted() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: bool(stage.source.fetches))
        model = stage.source.fetches[0].model.id
        stage.source.kept[model] = 1_000_000
        await opened(pilot, app)
        await move_to(pilot, app, model)
        await pilot.press("d")
        await wait_until(
            pilot, lambda: any("F8 cancels it first" in n.message for n in app._notifications)
        )
        assert isinstance(app.screen, ModelPanel)
        assert model in stage.source.kept


async def test_why_it_cannot_be_deleted_is_said() -> None:
    stage = stage_with("qwen3.5-9b", "qwen3.5-4b")
    stage.source.refuses = ShammahError("a.gguf is being fetched by another program now")
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await be_ready(stage, pilot, app)
        await opened(pilot, app)
        await move_to(pilot, app, "qwen3.5-4b")
        await pilot.press("d")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(
            pilot, lambda: any("by another program" in n.message for n in app._notifications)
        )
        # The model that replies goes on.
        assert isinstance(app.screen_stack[0].snapshot.state, Ready)  # type: ignore[attr-defined]


async def test_without_a_key_the_panel_does_not_say_that_claude_answers() -> None:
    app = Stage(offline=True).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_for_state(pilot, app, NotAvailable)
        await opened(pilot, app)
        said = str(app.screen.query_one(".status", Static).render())
        assert "no Claude key is set" in said and "Claude answers" not in said
