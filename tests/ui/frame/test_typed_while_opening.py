"""What is typed while a conversation is being opened is for that one, and none of it is lost."""

from pathlib import Path

import pytest

from shammah_tui.ui.panels.conversations import Conversations
from tests.services.turns import claude
from tests.ui.apps import Stage, wait_until
from tests.ui.kept import kept
from tests.ui.opened import said
from tests.ui.panels.test_conversation_list import opened, type_at_once
from tests.ui.steps import composer, questions


@pytest.fixture
async def two(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    await kept(path, [("Weekend trip to Lisbon", "Go by train")], [("Hills", "They are old")])
    return path


@pytest.mark.parametrize("rows_down", [1, 2], ids=["the same one", "another one"])
async def test_it_is_there_once_the_conversation_is(two: Path, rows_down: int) -> None:
    app = Stage(claude=claude(), store_path=two, continue_last=True).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: questions(app) == ["Hills"])
        await pilot.press(*"mine")
        await opened(pilot, app)
        type_at_once(app, *["down"] * rows_down, "enter", *"new")
        chosen = "Hills" if rows_down == 1 else "Weekend trip to Lisbon"
        await wait_until(pilot, lambda: questions(app) == [chosen])
        expected = "mine\nnew" if rows_down == 1 else "new"
        await wait_until(pilot, lambda: composer(app).text == expected)
        if rows_down == 2:
            await opened(pilot, app)
            type_at_once(app, "down", "enter")
            await wait_until(pilot, lambda: questions(app) == ["Hills"])
            await wait_until(pilot, lambda: composer(app).text == "mine")


async def test_it_is_asked_in_the_conversation_that_was_chosen(two: Path) -> None:
    app = Stage(claude=claude(), store_path=two, continue_last=True).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: questions(app) == ["Hills"])
        await opened(pilot, app)
        type_at_once(app, "down", "down", "enter", *"asked", "enter")
        await wait_until(pilot, lambda: questions(app) == ["Weekend trip to Lisbon", "asked"])


async def test_where_it_cannot_be_opened_the_draft_stays(two: Path) -> None:
    stage = Stage(claude=claude(), store_path=two, continue_last=True)
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: questions(app) == ["Hills"])
        await pilot.press(*"mine")
        await app._chat.open_conversation(12345)
        await wait_until(pilot, lambda: any("No conversation" in each for each in said(app)))
        assert composer(app).text == "mine"
        assert not isinstance(app.screen, Conversations)
