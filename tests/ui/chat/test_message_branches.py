"""Replies asked for again, questions edited, forks and what is deleted, by the keyboard alone."""

import asyncio
from pathlib import Path

from textual.pilot import Pilot

from shammah_tui.ui.app import ShammahApp
from tests.services.turns import CLAUDE_DONE, UNREACHABLE
from tests.ui.apps import wait_until
from tests.ui.opened import Opened, focused, pane, said, texts
from tests.ui.steps import composer


async def test_again_shows_the_versions_and_left_and_right_switch(talk: Opened) -> None:
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.at(pilot, app, "1")
        await pilot.press("r")
        await wait_until(pilot, lambda: texts(app) == ["one", "anew"])
        await wait_until(pilot, lambda: pane(app).boxes[1].border_title == "2/2")
        assert [message.text for message in talk.claude.asked[-1]] == ["one"]
        assert focused(app) == "anew"
        await pilot.press("left")
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "two", "2"])
        await wait_until(pilot, lambda: focused(app) == "1")
        assert pane(app).boxes[1].border_title == "1/2"
        await pilot.press("]")
        await wait_until(pilot, lambda: focused(app) == "anew")


async def test_the_other_side_is_asked_and_says_why_it_cannot(talk: Opened) -> None:
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.at(pilot, app, "1")
        await pilot.press("o")
        await wait_until(pilot, lambda: bool(said(app)))
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "two", "2"])
        assert talk.claude.asked == []
        await wait_until(pilot, lambda: focused(app) == "one")


async def test_a_new_reply_can_be_stopped_and_the_old_one_comes_back(talk: Opened) -> None:
    talk.claude.steps = (asyncio.Event(),)
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.at(pilot, app, "2")
        await pilot.press("r")
        await asyncio.wait_for(talk.claude.waiting.wait(), 10)
        await pilot.press("escape")
        await wait_until(pilot, lambda: talk.claude.ended == 1)
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "two", "2"])


async def test_a_question_is_edited_and_the_draft_waits(talk: Opened) -> None:
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.ready(pilot, app)
        await pilot.press(*"draft")
        await talk.at(pilot, app, "one")
        await pilot.press("e")
        await wait_until(pilot, lambda: composer(app).text == "one")
        assert composer(app).border_title == "Editing an earlier question · Esc cancels"
        await pilot.press("escape")
        await wait_until(pilot, lambda: composer(app).text == "draft")
        assert composer(app).border_title is None
        await talk.at(pilot, app, "one")
        await pilot.press("e")
        await wait_until(pilot, lambda: composer(app).text == "one")
        await pilot.press("!", "enter")
        await wait_until(pilot, lambda: texts(app) == ["one!", "anew"])
        await wait_until(pilot, lambda: pane(app).boxes[0].border_title == "2/2")
        assert composer(app).text == "draft"
        assert composer(app).edited_id is None
        await talk_to(pilot, app, "one!")
        await pilot.press("left")
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "two", "2"])


async def talk_to(pilot: Pilot[None], app: ShammahApp, text: str) -> None:
    await pilot.press("ctrl+up")
    while focused(app) != text:
        await pilot.press("up")


async def test_an_edit_that_nobody_answers_comes_back_to_be_sent_again(talk: Opened) -> None:
    talk.claude.steps = (UNREACHABLE,)
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.at(pilot, app, "two")
        await pilot.press("e")
        await wait_until(pilot, lambda: composer(app).text == "two")
        await pilot.press("!", "enter")
        await wait_until(pilot, lambda: bool(said(app)))
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "two", "2"])
        assert composer(app).text == "two!"
        assert composer(app).edited_id is not None
        talk.claude.steps = ("anew", CLAUDE_DONE)
        await pilot.press("enter")
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "two!", "anew"])


async def test_a_fork_is_a_conversation_of_its_own(talk: Opened) -> None:
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.at(pilot, app, "1")
        await pilot.press("f")
        await wait_until(pilot, lambda: texts(app) == ["one", "1"])
        await wait_until(pilot, lambda: app.focused is composer(app))
        await pilot.press(*"three", "enter")
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "three", "anew"])


async def test_a_turn_is_deleted_and_comes_back(talk: Opened) -> None:
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.at(pilot, app, "1")
        await pilot.press("d")
        await wait_until(pilot, lambda: texts(app) == ["two", "2"])
        await wait_until(pilot, lambda: focused(app) == "two")
        await pilot.press("u")
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "two", "2"])
        await wait_until(pilot, lambda: focused(app) == "one")


async def test_with_the_last_message_gone_undo_is_still_at_hand(tmp_path: Path) -> None:
    talk = Opened(tmp_path / "store.db", [("one", "1")])
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.at(pilot, app, "1")
        await pilot.press("d")
        await wait_until(pilot, lambda: texts(app) == [])
        await wait_until(pilot, lambda: app.focused is composer(app))
        await pilot.press(*"/undo", "enter")
        await wait_until(pilot, lambda: texts(app) == ["one", "1"])
