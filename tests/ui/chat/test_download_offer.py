"""What would be downloaded is said above the composer until it is answered, and blocks nothing."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from shammah_tui.core.local.generator import Downloading, NotAvailable, open_offer
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.settings.settings import Settings
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.download_offer import DownloadOffer
from shammah_tui.ui.panels.model_panel import ModelPanel
from tests.fakes import NotedAnswer, ScriptedSource
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE, claude
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import row_of, rows
from tests.ui.opened import footer
from tests.ui.steps import composer, questions, replies, write

DEFAULT = next(model for model in CATALOGUE if model.id == "qwen3.5-9b")
"""Of the stage's machine."""


def asked(path: Path, *, has_key: bool = True, said: str = "") -> Stage:
    """Return the stage of a first start, on which nothing is set up."""
    return Stage(
        claude=claude() if has_key else None,
        store_path=path / "s.db",
        answer=NotedAnswer(said),
        source=ScriptedSource(folder=str(Path.home() / ".cache/huggingface/hub")),
    )


def shown(app: ShammahApp) -> str:
    return " ".join(" ".join(rows(app)[2:-4]).split())


def is_offered(app: ShammahApp) -> bool:
    return bool(app.screen_stack[0].query(DownloadOffer))


async def offered(pilot: Pilot[None], app: ShammahApp) -> None:
    """Wait until the lines are there and have been seen."""
    await wait_until(pilot, lambda: composer(app).has_offer)
    assert is_offered(app)
    assert composer(app).has_focus


async def gone(pilot: Pilot[None], app: ShammahApp) -> None:
    await wait_until(pilot, lambda: not is_offered(app) and not composer(app).has_offer)


def fetched(stage: Stage) -> list[str]:
    return [fetch.model.id for fetch in stage.source.fetches]


async def test_the_lines_say_who_what_and_how(tmp_path: Path) -> None:
    stage = asked(tmp_path, has_key=False)
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot, app)
        said = shown(app)
        assert "Nobody can answer yet: no model is on this machine, no Claude key is set." in said
        assert f"{DEFAULT.label} (5.7 GB, Apache-2.0) would be downloaded" in said
        assert "to ~/.cache/huggingface/hub. The default for this machine: needs" in said
        assert "give a key with /key" in said
        assert "Enter downloads it · F2 another · n and Enter: not now" in said
        assert footer(app)[0] == "Download"
        assert "Not now" in footer(app)
        assert "F9 download" in rows(app)[0]
        assert stage.source.fetches == []


async def test_with_a_key_claude_answers_and_no_other_is_asked_for(tmp_path: Path) -> None:
    app = asked(tmp_path).app()
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot, app)
        assert "Claude answers now." in shown(app)
        assert "/key" not in shown(app)


async def test_enter_on_nothing_agrees(tmp_path: Path) -> None:
    stage = asked(tmp_path)
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot, app)
        await pilot.press("enter")
        await gone(pilot, app)
        await wait_until(pilot, lambda: fetched(stage) == [DEFAULT.id])
        assert stage.answer.said == "agreed"
        await wait_until(pilot, lambda: "Downloading" in rows(app)[0])
        assert footer(app)[0] == "Send"


@pytest.mark.parametrize("no", ["n", "N"])
async def test_n_and_enter_is_not_now(tmp_path: Path, no: str) -> None:
    stage = asked(tmp_path)
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot, app)
        await pilot.press(no, "enter")
        await gone(pilot, app)
        assert composer(app).text == ""
        assert questions(app) == []
        assert stage.answer.said == "not now"
        assert fetched(stage) == []
        assert "Download" in footer(app)
        assert "F9 download" in rows(app)[0]
        await pilot.press("f9")
        await wait_until(pilot, lambda: fetched(stage) == [DEFAULT.id])


async def test_the_footers_key_is_not_now(tmp_path: Path) -> None:
    stage = asked(tmp_path)
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot, app)
        await pilot.press("f8")
        await gone(pilot, app)
        assert stage.answer.said == "not now"
        assert "Not now" not in footer(app)


@pytest.mark.parametrize("name", ["/resume", "/cancel"])
async def test_what_the_keys_do_has_a_name(tmp_path: Path, name: str) -> None:
    stage = asked(tmp_path)
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot, app)
        await write(pilot, app, name)
        await gone(pilot, app)
        assert stage.answer.said == ("agreed" if name == "/resume" else "not now")


@pytest.mark.parametrize("text", ["no, what is a boat?", "n?", "now"])
async def test_a_question_is_asked_and_the_lines_stay(tmp_path: Path, text: str) -> None:
    stage = asked(tmp_path)
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot, app)
        await pilot.press(*text)
        assert footer(app)[0] == "Send"
        await pilot.press("enter")
        await wait_until(pilot, lambda: questions(app) == [text] and bool(replies(app)))
        assert is_offered(app)
        assert stage.answer.said == ""
        assert fetched(stage) == []
        await offered(pilot, app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: fetched(stage) == [DEFAULT.id])


async def test_an_enter_too_many_is_no_answer(tmp_path: Path) -> None:
    stage = asked(tmp_path)
    stage.claude = FakeBackend("Blue", CLAUDE_DONE)
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot, app)
        await pilot.press("h", "i", "enter", "enter")
        await wait_until(pilot, lambda: replies(app) == ["Blue"])
        assert stage.answer.said == ""


async def test_an_enter_before_it_could_be_read_is_no_answer(tmp_path: Path) -> None:
    stage = asked(tmp_path)
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: is_offered(app))
        if not composer(app).has_offer:
            await pilot.press("enter")
            assert stage.answer.said == ""


async def test_another_model_answers_it_too(tmp_path: Path) -> None:
    stage = asked(tmp_path)
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot, app)
        await pilot.press("f2")
        await wait_until(pilot, lambda: isinstance(app.screen, ModelPanel))
        assert {"Download", "Not now"} <= {
            binding.binding.description for binding in app.screen.active_bindings.values()
        }
        await pilot.press("escape")
        await write(pilot, app, "/model qwen3.5-0.8b")
        await wait_until(pilot, lambda: fetched(stage) == ["qwen3.5-0.8b"])
        await gone(pilot, app)
        assert stage.answer.said == ""


@pytest.mark.parametrize("said", ["agreed", "not now"])
async def test_whoever_answered_before_sees_no_lines(tmp_path: Path, said: str) -> None:
    stage = asked(tmp_path, said=said)
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        kind = Downloading if said == "agreed" else NotAvailable
        await wait_until(
            pilot,
            lambda: app._chat.is_following and isinstance(app._chat.snapshot.state, kind),
        )
        await pilot.pause(0.6)
        assert not is_offered(app)
        assert not composer(app).has_offer
        assert open_offer(app._chat.snapshot.state) is None
        assert footer(app)[0] == "Send"


async def test_in_a_private_conversation_claude_is_not_promised(tmp_path: Path) -> None:
    app = asked(tmp_path).app()
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot, app)
        await write(pilot, app, "/private")
        await wait_until(pilot, lambda: "Nobody can answer yet in a private" in shown(app))
        assert "Claude answers now" not in shown(app)
        await pilot.press("ctrl+n")
        await wait_until(pilot, lambda: "Claude answers now" in shown(app))


async def test_a_low_window_has_a_line_of_it(tmp_path: Path) -> None:
    app = asked(tmp_path, has_key=False).app()
    async with app.run_test(size=(59, 12)) as pilot:
        await offered(pilot, app)
        assert f"Download {DEFAULT.label} (5.7 GB)? Enter downloads it" in shown(app)
        assert "Nobody" not in shown(app)
        assert row_of(app, "Ask anything.") is not None
        await pilot.resize_terminal(80, 24)
        await wait_until(pilot, lambda: "Nobody can answer yet" in shown(app))
        await pilot.resize_terminal(59, 12)
        await wait_until(pilot, lambda: "Nobody" not in shown(app))


async def test_keys_of_ones_own_are_named(tmp_path: Path) -> None:
    stage = asked(tmp_path)
    stage.settings = Settings(keys={"send": "f5", "models": "f10"})
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot, app)
        assert "F5 downloads it · F10 another · n and F5: not now" in shown(app)
        await pilot.press("f5")
        await wait_until(pilot, lambda: fetched(stage) == [DEFAULT.id])
