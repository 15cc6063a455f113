"""Deleting turns: nothing by accident, everything named, and everything brought back."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from shammah_tui.ui.app import ShammahApp
from tests.ui.apps import Stage, wait_until
from tests.ui.opened import Opened, focused, pane, said, texts
from tests.ui.steps import composer, write

TURNS = [("one", "1"), ("two", "2"), ("three", "3")]


@pytest.fixture
def long_talk(tmp_path: Path) -> Opened:
    return Opened(tmp_path / "store.db", TURNS)


async def deleted(pilot: Pilot[None], app: ShammahApp, text: str) -> None:
    """Delete a turn and wait until it has gone."""
    await pilot.press("d")
    await wait_until(pilot, lambda: text not in texts(app))


async def test_one_more_d_deletes_nothing_before_the_user_goes_to_a_message(
    long_talk: Opened,
) -> None:
    app = await long_talk.app()
    async with app.run_test() as pilot:
        await long_talk.at(pilot, app, "1")
        await deleted(pilot, app, "one")
        await wait_until(pilot, lambda: focused(app) == "two")
        await pilot.press("d", "d", "d")
        await wait_until(pilot, lambda: "Choose a message" in said(app)[-1])
        await pilot.pause(0.1)
        assert texts(app) == ["two", "2", "three", "3"]
        await pilot.press("down")
        await deleted(pilot, app, "two")
        assert texts(app) == ["three", "3"]


async def test_a_message_to_which_tab_led_is_not_deleted(long_talk: Opened) -> None:
    app = await long_talk.app()
    async with app.run_test() as pilot:
        await long_talk.ready(pilot, app)
        app.screen.set_focus(pane(app).boxes[0])
        await pilot.press("d")
        await wait_until(pilot, lambda: bool(said(app)))
        assert texts(app) == [each for turn in TURNS for each in turn]
        # The first message has none before it: to press the key is enough.
        await pilot.press("up")
        await deleted(pilot, app, "one")


async def test_a_notice_names_what_was_deleted_and_what_came_back(long_talk: Opened) -> None:
    app = await long_talk.app()
    async with app.run_test() as pilot:
        await long_talk.at(pilot, app, "1")
        await deleted(pilot, app, "one")
        assert said(app) == ["Deleted “one” and its reply · u undoes"]
        await pilot.press("u")
        await wait_until(pilot, lambda: texts(app)[0] == "one")
        await wait_until(pilot, lambda: said(app) == ["Restored “one”"])


async def test_what_was_deleted_comes_back_after_a_restart(long_talk: Opened) -> None:
    app = await long_talk.app()
    async with app.run_test() as pilot:
        await long_talk.at(pilot, app, "1")
        await deleted(pilot, app, "one")
    again = Stage(claude=long_talk.claude, store_path=long_talk.path, continue_last=True).app()
    async with again.run_test() as pilot:
        await wait_until(pilot, lambda: texts(again) == ["two", "2", "three", "3"])
        await write(pilot, again, "/undo")
        await wait_until(pilot, lambda: texts(again) == [each for turn in TURNS for each in turn])


async def test_a_fork_on_a_question_puts_it_into_the_composer(long_talk: Opened) -> None:
    app = await long_talk.app()
    async with app.run_test() as pilot:
        await long_talk.at(pilot, app, "two")
        await pilot.press("f")
        await wait_until(pilot, lambda: texts(app) == ["one", "1"])
        await wait_until(pilot, lambda: composer(app).text == "two")
        assert app.focused is composer(app)
        assert said(app) == ["Forked. The original is under F3."]
        await pilot.press("!", "enter")
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "two!", "anew"])


async def test_a_fork_on_the_first_question_begins_with_it(long_talk: Opened) -> None:
    app = await long_talk.app()
    async with app.run_test() as pilot:
        await long_talk.at(pilot, app, "one")
        await pilot.press("f")
        await wait_until(pilot, lambda: composer(app).text == "one")
        assert texts(app) == []
        await pilot.press("enter")
        await wait_until(pilot, lambda: texts(app) == ["one", "anew"])


async def test_an_edit_in_the_middle_says_where_the_later_turns_are(long_talk: Opened) -> None:
    app = await long_talk.app()

    def line() -> list[str]:
        return [str(each.content) for each in app.screen.query(".later-turns")]  # type: ignore[attr-defined]

    async with app.run_test(size=(100, 40)) as pilot:
        await long_talk.at(pilot, app, "one")
        await pilot.press("e")
        await wait_until(pilot, lambda: composer(app).text == "one")
        await pilot.press("!", "enter")
        await wait_until(pilot, lambda: texts(app) == ["one!", "anew"])
        await wait_until(pilot, lambda: line() == ["2 later turns are on version 1 · [ shows them"])
        # The key works where the focus comes first: on the reply, too.
        await pilot.press("ctrl+up", "[")
        await wait_until(pilot, lambda: len(texts(app)) == 6)
        assert line() == []
        await long_talk.at(pilot, app, "one") if focused(app) != "one" else None
        await pilot.press("]")
        await wait_until(pilot, lambda: texts(app) == ["one!", "anew"])
        await wait_until(pilot, lambda: len(line()) == 1)
        await pilot.press("escape", *"so", "enter")
        await wait_until(pilot, lambda: len(texts(app)) == 4)
        assert line() == []
