"""Adapters that are chosen in the panel, from real files."""

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from shammah_tui.core.model.model_spec import Lora
from shammah_tui.core.protocol.engine_messages import LorasApplied
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.panels.lora_panel import ChooseLora, LoraPanel
from shammah_tui.ui.panels.path_input import PathInput, completed
from tests.gguf_lora import build_lora
from tests.gguf_models import build_model
from tests.ui.apps import Stage, wait_until
from tests.ui.panels.test_model_extras import loras_opened, shown
from tests.ui.panels.test_model_panel import stage_with

NAMED = Lora("/loras/named.gguf", 0.5)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_model(tmp_path_factory.mktemp("panel") / "model.gguf")


@pytest.fixture
def stage(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A model is here, an adapter in the folder for them, and two files beside that."""
    monkeypatch.setenv("HOME", str(tmp_path))
    stage = stage_with("qwen3.5-9b")
    stage.loras_folder = tmp_path / "adapters"
    stage.loras_folder.mkdir()
    build_lora(stage.loras_folder / "found.gguf", model, "Ġmachine")
    build_lora(tmp_path / "style.gguf", model, "Ġmachine")
    (tmp_path / "model.gguf").symlink_to(model)
    return stage


def lines(app: ShammahApp) -> list[str]:
    listed = app.screen_stack[-1].query_one(OptionList)
    return [str(option.prompt) for option in listed.options]


async def test_one_is_chosen_by_its_path_applied_remembered_and_removed(
    stage: Stage, tmp_path: Path
) -> None:
    style = Lora(str(tmp_path / "style.gguf"))
    stage.loras = (NAMED,)
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loras_opened(stage, pilot, app)
        engine = stage.starter.engines[0]
        engine.emit(LorasApplied((NAMED,)))
        await wait_until(pilot, lambda: "Applied: named.gguf" in shown(app))
        await pilot.press("d")
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(app.screen, ChooseLora))
        await type_path(pilot, app, "~/mo", "~/model.gguf")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "but not a LoRA adapter" in shown(app))
        assert isinstance(app.screen, ChooseLora)
        assert engine.loras == [], "the model replies as before"
        app.screen.query_one(PathInput).value = ""
        await wait_until(pilot, lambda: "Tab completes" in shown(app))
        await type_path(pilot, app, "~/st", "~/style.gguf")
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, LoraPanel))
        await wait_until(pilot, lambda: engine.loras == [(NAMED, style)])
        assert lines(app)[:2] == ["[x] named.gguf × 0.5", "[x] style.gguf"]
        assert stage.switches.chosen == (style.path,)
        engine.emit(LorasApplied((NAMED,), ("The LoRA adapter style.gguf was made for another.",)))
        await wait_until(pilot, lambda: "made for another" in shown(app))
        await pilot.press("space")
        await wait_until(pilot, lambda: engine.loras[-1] == (NAMED,))
        assert stage.switches.off == {style.path}
        await pilot.press("space", "d")
        await wait_until(pilot, lambda: engine.loras[-2:] == [(NAMED, style), (NAMED,)])
        assert [line for line in lines(app) if "style" in line] == []
        assert remembered(stage) == [[], []]
    assert len(stage.starter.engines) == 1, "nothing was loaded again"
    assert (tmp_path / "style.gguf").exists()


def remembered(stage: Stage) -> list[list[str]]:
    return [list(stage.switches.chosen), sorted(stage.switches.off)]


async def type_path(pilot: Pilot[None], app: ShammahApp, begun: str, whole: str) -> None:
    """Type the beginning, and have it completed."""
    path = app.screen.query_one(PathInput)
    await pilot.press(*(key if key.isalpha() else _KEYS[key] for key in begun))
    await wait_until(pilot, lambda: path._suggestion == whole)
    await pilot.press("tab")
    await wait_until(pilot, lambda: path.value == whole)
    assert path.has_focus


_KEYS = {"~": "tilde", "/": "slash"}


async def test_what_lies_in_the_folder_is_offered_and_is_on_at_the_next_start(
    stage: Stage,
) -> None:
    found = Lora(str(stage.loras_folder / "found.gguf"))
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loras_opened(stage, pilot, app)
        await wait_until(pilot, lambda: lines(app) == ["[+] found.gguf  ~/adapters"])
        assert "No LoRA adapters yet" in shown(app) and "~/adapters" in shown(app)
        await pilot.press("space")
        engine = stage.starter.engines[0]
        await wait_until(pilot, lambda: engine.loras == [(found,)])
        assert lines(app) == ["[x] found.gguf"]
        assert stage.switches.chosen == (found.path,)
    again = Stage(wanted=stage.wanted, source=stage.source, switches=stage.switches)
    again.loras_folder = stage.loras_folder
    app = again.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loras_opened(again, pilot, app)
        assert again.starter.engines[0].job.loras == (found,)
        assert lines(app) == ["[x] found.gguf"]
        await pilot.press("d")
        await wait_until(pilot, lambda: lines(app) == ["[+] found.gguf  ~/adapters"])
        await wait_until(pilot, lambda: again.starter.engines[0].loras == [()])


async def test_without_any_it_says_what_to_do(stage: Stage) -> None:
    (stage.loras_folder / "found.gguf").unlink()
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await loras_opened(stage, pilot, app)
        assert "Press a to add one" in shown(app)
        await pilot.press("space", "d", "a")
        await wait_until(pilot, lambda: isinstance(app.screen, ChooseLora))
        await pilot.press("enter", "escape")
        await wait_until(pilot, lambda: isinstance(app.screen, LoraPanel))
        assert stage.starter.engines[0].loras == []


async def test_one_that_went_meanwhile_is_refused(stage: Stage) -> None:
    app = stage.app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await loras_opened(stage, pilot, app)
        await wait_until(pilot, lambda: lines(app) == ["[+] found.gguf  ~/adapters"])
        (stage.loras_folder / "found.gguf").unlink()
        await pilot.press("enter")
        await wait_until(pilot, lambda: "There is no file" in shown(app))
        assert stage.switches.chosen == ()


def test_paths_are_completed_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("b.gguf", "a.txt", "B.GGUF", ".hidden.gguf", "c\n.gguf"):
        (tmp_path / name).touch()
    (tmp_path / "deep").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = str(tmp_path)
    for typed, whole in (
        (f"{folder}/", f"{folder}/B.GGUF"),
        (f"{folder}/b", f"{folder}/b.gguf"),
        (f"{folder}/d", f"{folder}/deep/"),
        (f"{folder}/.", f"{folder}/.hidden.gguf"),
        (f"{folder}/a", None),
        (f"{folder}/c", None),
        (f"{folder}/none/x", None),
        ("~", "~/"),
        ("~/b", "~/b.gguf"),
        ("~nobody-by-this-name/", None),
        ("nul\0/", None),
    ):
        assert completed(typed, ".gguf") == whole
    monkeypatch.chdir(tmp_path)
    assert completed("de", ".gguf") == "deep/"
