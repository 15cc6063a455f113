"""Any model by its name: in the panel's field, after ``/model``, and from this disk."""

from pathlib import Path

import pytest
from textual.events import Paste
from textual.widgets import DataTable, Input

from shammah_tui.core.local.generator import Downloading, NotAvailable, Ready
from shammah_tui.core.model.model_ref import from_hub_file
from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.protocol.fetch_messages import (
    Fetched,
    FetchFailed,
    FetchProblem,
    Offered,
    Progressed,
    Resolved,
)
from shammah_tui.ui.chat.chat_screen import ChatScreen
from shammah_tui.ui.panels.confirm import Confirm
from shammah_tui.ui.panels.model_panel import COLUMNS, ModelPanel
from tests.fakes import ScriptedSource
from tests.services.turns import claude
from tests.ui.apps import Stage, wait_for_state, wait_until
from tests.ui.composer.test_slash_commands import chosen
from tests.ui.local_model import be_ready, loaded
from tests.ui.panels.test_model_extras import shown
from tests.ui.panels.test_model_panel import detail, footer, highlighted, move_to, opened, rows
from tests.ui.steps import notices, write

HERE = Path(__file__)
STATUS, SIZE = COLUMNS.index("Status"), COLUMNS.index("Size")
ELSEWHERE = from_hub_file("other/made-GGUF", "made-Q8_0.gguf")
PART = ModelSpec("acme/big@b716", "part of an unknown file", repo="acme/big")


def ready_stage(**more: object) -> Stage:
    source = ScriptedSource(
        found={"qwen3.5-9b": HERE, ELSEWHERE.id: HERE.with_name("test_model_keys.py")},
        kept={"qwen3.5-9b": 5_680_522_464, ELSEWHERE.id: 1_000_000, PART.id: 37_000_000},
    )
    return Stage(claude=claude(), source=source, on_disk=(ELSEWHERE, PART))


async def test_everything_on_this_disk_is_listed_whoever_fetched_it() -> None:
    stage = ready_stage()
    app = stage.app()
    async with app.run_test(size=(110, 34)) as pilot:
        await be_ready(stage, pilot, app)
        await opened(pilot, app)
        assert rows(app)[ELSEWHERE.id][SIZE] == "1.0 MB"
        assert rows(app)[ELSEWHERE.id][STATUS] == "on disk"
        assert rows(app)[PART.id][STATUS] == "in part"
        assert highlighted(app) == "qwen3.5-9b", "the one in use"
        await move_to(pilot, app, PART.id)
        assert "37 MB here · F9 resume · d delete" in detail(app)
        await wait_until(pilot, lambda: footer(app).get("F9") == "Resume")
        await pilot.press("d")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: PART.id not in stage.source.kept)
        await move_to(pilot, app, ELSEWHERE.id)
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(stage.starter.engines) == 2)
        assert stage.starter.engines[1].job.path == str(HERE.with_name("test_model_keys.py"))


async def test_a_file_of_the_users_own_is_not_deleted() -> None:
    own = ModelSpec("/m/own.gguf", "own", local_path="/m/own.gguf")
    stage = ready_stage()
    stage.on_disk = (own,)
    stage.source.found[own.id] = Path("/m/own.gguf")
    stage.source.kept[own.id] = 1000
    app = stage.app()
    async with app.run_test(size=(110, 34)) as pilot:
        await be_ready(stage, pilot, app)
        await opened(pilot, app)
        await move_to(pilot, app, own.id)
        assert "del" not in footer(app)


@pytest.mark.parametrize(
    ("written", "model_id"),
    [
        (
            "https://huggingface.co/me/tiny-GGUF/blob/main/tiny-Q8_0.gguf",
            "me/tiny-GGUF/tiny-Q8_0.gguf",
        ),
        ("me/tiny-GGUF:q8_0", "me/tiny-GGUF:Q8_0"),
        (" me/tiny-GGUF/ ", "me/tiny-GGUF"),
    ],
)
async def test_the_field_takes_any_name(written: str, model_id: str) -> None:
    stage = ready_stage()
    app = stage.app()
    async with app.run_test(size=(110, 34)) as pilot:
        await be_ready(stage, pilot, app)
        await opened(pilot, app)
        await pilot.press("o")
        field = app.screen.query_one(Input)
        await wait_until(pilot, lambda: field.has_focus)
        field.value = written
        await pilot.press("enter")
        await wait_until(pilot, lambda: bool(stage.source.fetches))
        assert stage.source.fetches[-1].model.id == model_id
        await wait_until(pilot, lambda: model_id in rows(app) and highlighted(app) == model_id)
        assert field.value == ""
        assert app.screen.query_one(DataTable).has_focus


async def test_what_means_no_model_is_told_and_stays_to_be_corrected() -> None:
    stage = ready_stage()
    app = stage.app()
    async with app.run_test(size=(110, 34)) as pilot:
        await be_ready(stage, pilot, app)
        await opened(pilot, app)
        await pilot.press("o")
        field = app.screen.query_one(Input)
        await wait_until(pilot, lambda: field.has_focus)
        # Letters are for the field here, whatever they do in the table.
        await pilot.press(*"dl")
        assert field.value == "dl"
        field.value = "hf.co/datasets/me/talk"
        await pilot.press("enter")
        await wait_until(pilot, lambda: "is a data set, not a model" in notices(app))
        assert field.value == "hf.co/datasets/me/talk"
        assert not stage.source.fetches
        await pilot.press("escape")
        assert isinstance(app.screen, ModelPanel)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen))


async def test_the_size_is_known_while_it_is_downloaded() -> None:
    own = ModelSpec("a/b", "b", repo="a/b")
    stage = Stage(claude=claude(), wanted=own)
    app = stage.app()
    async with app.run_test(size=(110, 34)) as pilot:
        await wait_until(pilot, lambda: bool(stage.source.fetches))
        stage.source.fetches[0].emit(
            Resolved((WeightsFile("b-Q8_0.gguf", 2_000_000_000, "d" * 64),), "A/b")
        )
        stage.source.fetches[0].emit(Progressed(500_000_000, 2_000_000_000, 9e6, 1, 1))
        await opened(pilot, app)
        await wait_until(pilot, lambda: rows(app)["a/b"][SIZE] == "2.0 GB")
        assert rows(app)["a/b"][0].strip() == "b Q8_0"
        assert rows(app)["a/b"][STATUS] == "25 %"
        assert highlighted(app) == "a/b", "mine, not the recommended one"


@pytest.mark.parametrize(
    ("written", "model_id"),
    [
        ("me/tiny-GGUF:Q8_0", "me/tiny-GGUF:Q8_0"),
        ("https://hf.co/me/tiny-GGUF/tree/main", "me/tiny-GGUF"),
        ("me/tiny-GGUF/tiny-Q8_0.gguf", "me/tiny-GGUF/tiny-Q8_0.gguf"),
    ],
)
async def test_the_slash_command_takes_any_name(written: str, model_id: str) -> None:
    stage = ready_stage()
    app = stage.app()
    async with app.run_test() as pilot:
        await be_ready(stage, pilot, app)
        await write(pilot, app, f"/model {written}")
        await wait_until(pilot, lambda: bool(stage.source.fetches))
        assert stage.source.fetches[-1].model.id == model_id


async def test_the_slash_command_says_what_is_wrong_with_a_name() -> None:
    stage = ready_stage()
    app = stage.app()
    async with app.run_test() as pilot:
        await be_ready(stage, pilot, app)
        await write(pilot, app, "/model nope")
        await wait_until(pilot, lambda: "No model called “nope”. /model opens" in notices(app))
        await write(pilot, app, "/model /nowhere/x.gguf")
        await wait_until(pilot, lambda: "There is no file /nowhere/x.gguf" in notices(app))


THREE = tuple(
    Offered(f"a/three:{quant}", (WeightsFile(f"m-{quant}.gguf", size, quant * 8),))
    for quant, size in (("BF16", 90 * 10**9), ("Q3_K_S", 3 * 10**9), ("Q4_K_M", 4 * 10**9))
)


async def test_of_several_models_one_is_chosen_on_the_screen() -> None:
    stage = ready_stage()
    app = stage.app()
    async with app.run_test(size=(110, 34)) as pilot:
        await be_ready(stage, pilot, app)
        await write(pilot, app, "/model a/three")
        await wait_until(pilot, lambda: bool(stage.source.fetches))
        stage.source.fetches[-1].emit(
            FetchFailed(FetchProblem.SEVERAL, "Choose one.", False, THREE)
        )
        await wait_until(
            pilot,
            lambda: (
                isinstance(app.screen, ModelPanel)
                and "a/three:BF16" in rows(app)
                and highlighted(app) == "a/three:Q4_K_M"
            ),
        )
        first = list(rows(app).items())[:4]
        names = ["a/three:Q3_K_S", "a/three:Q4_K_M", "a/three:BF16", ELSEWHERE.id]
        assert [name for name, _ in first] == names, "by size, without the name itself"
        assert [row[SIZE] for _, row in first[:3]] == ["3.0 GB", "4.0 GB", "90.0 GB"]
        assert "Choose a model: 3 in a/three" in shown(app)
        panel = app.screen
        assert isinstance(panel, ModelPanel)
        assert panel.check_action("retry_model", ()) is False, "it would only ask again"
        await move_to(pilot, app, "a/three:Q3_K_S")
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(stage.source.fetches) == 2)
        assert stage.source.fetches[0].model.asks
        chosen = stage.source.fetches[-1]
        assert not chosen.model.asks and chosen.model.files == THREE[1].files
        assert stage.chosen.model_id == "a/three:Q3_K_S"
        chosen.emit(Fetched((str(HERE),)))
        await wait_until(pilot, lambda: len(stage.starter.engines) == 2)
        await loaded(pilot, app, stage.starter.engines[1])
        await wait_for_state(pilot, app, Ready)


async def test_at_the_start_a_name_of_several_opens_the_panel() -> None:
    stage = Stage(claude=claude(), wanted=ModelSpec("a/three", "three", repo="a/three"))
    app = stage.app()
    async with app.run_test(size=(110, 34)) as pilot:
        await wait_for_state(pilot, app, Downloading)
        stage.source.fetches[-1].emit(
            FetchFailed(FetchProblem.SEVERAL, "Choose one.", False, THREE)
        )
        await wait_for_state(pilot, app, NotAvailable)
        await wait_until(pilot, lambda: isinstance(app.screen, ModelPanel))


async def test_names_on_this_disk_are_completed() -> None:
    stage = ready_stage()
    app = stage.app()
    async with app.run_test() as pilot:
        await be_ready(stage, pilot, app)
        await opened(pilot, app)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen))
        await pilot.press("slash", *"model oth")
        await wait_until(pilot, lambda: chosen(app).startswith(f"model {ELSEWHERE.id}"))


async def test_what_is_pasted_over_the_list_is_a_models_name() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        app.post_message(Paste("test/tiny-GGUF\n"))
        await wait_until(pilot, lambda: app.screen.query_one(Input).value == "test/tiny-GGUF")
        assert app.focused is app.screen.query_one(Input)
