"""The welcome says who answers now, whatever became of the local model, and how to begin."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from shammah_tui.core.protocol.fetch_messages import FetchFailed, FetchProblem
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_pane import ChatPane
from tests.services.turns import claude
from tests.ui.apps import Stage, wait_until
from tests.ui.local_model import be_ready
from tests.ui.looks import rows


async def says(pilot: Pilot[None], app: ShammahApp, text: str) -> None:
    """Wait until the screen says a text, wrapped as it may be."""
    await wait_until(pilot, lambda: text in " ".join(" ".join(rows(app)[2:-4]).split()))


async def fail(stage: Stage, pilot: Pilot[None]) -> None:
    await wait_until(pilot, lambda: bool(stage.source.fetches))
    failure = FetchFailed(FetchProblem.NO_SPACE, "The disk is full", True)
    stage.source.fetches[-1].emit(failure)


@pytest.mark.parametrize("has_key", [True, False])
async def test_the_ready_model_is_named(tmp_path: Path, has_key: bool) -> None:
    stage = Stage(claude=claude() if has_key else None, store_path=tmp_path / "s.db")
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await be_ready(stage, pilot, app)
        name = app._chat.snapshot.state.model.label  # type: ignore[union-attr]
        more = "Claude answers what is too long" if has_key else "ANTHROPIC_API_KEY"
        await says(pilot, app, f"{name} answers on this machine")
        await says(pilot, app, more)
        await pilot.press("ctrl+n")
        await pilot.pause(0.2)
        await says(pilot, app, f"{name} answers on this machine")


async def test_a_failed_model_is_not_waited_for(tmp_path: Path) -> None:
    stage = Stage(claude=claude(), store_path=tmp_path / "s.db")
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await says(pilot, app, "Claude answers until the local model is ready")
        await fail(stage, pilot)
        await says(pilot, app, "Claude answers: no model is ready on this machine. F2 lists")


async def test_without_key_and_model_it_says_that_nobody_can_answer(tmp_path: Path) -> None:
    stage = Stage(store_path=tmp_path / "s.db")
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await says(pilot, app, "answers once it is ready")
        await fail(stage, pilot)
        await says(pilot, app, "No model available: none is ready")


async def test_it_names_two_ways_to_begin(tmp_path: Path) -> None:
    stage = Stage(claude=claude(), store_path=tmp_path / "s.db")
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await says(pilot, app, "/ for commands, @claude to ask Claude")


async def test_in_a_private_one_claude_is_not_offered(tmp_path: Path) -> None:
    stage = Stage(claude=claude(), store_path=tmp_path / "s.db")
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await be_ready(stage, pilot, app)
        await pilot.press(*"/private", "enter")
        await says(pilot, app, "This conversation is private")
        assert "@claude" not in "\n".join(rows(app))


async def test_in_a_low_window_it_is_whole_without_scrolling(tmp_path: Path) -> None:
    stage = Stage(claude=claude(), store_path=tmp_path / "s.db")
    app = stage.app()
    async with app.run_test(size=(59, 12)) as pilot:
        await says(pilot, app, "Ask anything. Claude answers")
        assert not app.screen.query_one(ChatPane).max_scroll_y
        await pilot.resize_terminal(80, 24)
        await says(pilot, app, "/ for commands")
        await pilot.resize_terminal(59, 12)
        await wait_until(pilot, lambda: "for commands" not in "\n".join(rows(app)))
