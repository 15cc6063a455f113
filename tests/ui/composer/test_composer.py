import asyncio

import pytest
from textual.events import Key, Paste
from textual.pilot import Pilot

from shammah_tui.core.settings.settings import Settings
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.question import Question
from shammah_tui.ui.composer.composer import Composer
from tests.services.fakes import FakeBackend
from tests.services.turns import UNREACHABLE, claude
from tests.ui.apps import Stage, wait_until


def composer(app: ShammahApp) -> Composer:
    return app.screen.query_one(Composer)


def questions(app: ShammahApp) -> list[str]:
    return [question.text for question in app.screen.query(Question)]


async def ready(pilot: Pilot[None], app: ShammahApp) -> None:
    await wait_until(pilot, lambda: composer(app).has_focus)


async def test_enter_sends_and_empties() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await ready(pilot, app)
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: questions(app) == ["hi"])
        assert composer(app).text == ""


async def test_enter_with_nothing_to_send_does_nothing() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await ready(pilot, app)
        await pilot.press("enter", "space", "enter")
        await pilot.pause()
        assert questions(app) == []
        assert composer(app).text == " "


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter"])
async def test_a_new_line_is_no_send(key: str) -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await ready(pilot, app)
        await pilot.press("a", key, "b")
        await wait_until(pilot, lambda: composer(app).text == "a\nb")
        assert questions(app) == []


async def test_keys_around_enter_keep_their_order() -> None:
    """Priority bindings are decided by the app before the composer has had the keys before."""
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await ready(pilot, app)
        for key in ("h", "i", "enter", "m", "o", "ctrl+j", "e"):
            app.post_message(Key(key, key if len(key) == 1 else None))
        await wait_until(pilot, lambda: composer(app).text == "mo\ne")
        assert questions(app) == ["hi"]


async def test_a_paste_of_many_lines_never_sends() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await ready(pilot, app)
        app.post_message(Paste("one\ntwo\nthree\n"))
        await wait_until(pilot, lambda: composer(app).text == "one\ntwo\nthree\n")
        assert questions(app) == []


async def test_a_question_nobody_answered_comes_back_before_what_was_written_since() -> None:
    fails = asyncio.Event()
    app = Stage(claude=FakeBackend(fails, UNREACHABLE)).app()
    async with app.run_test() as pilot:
        await ready(pilot, app)
        await pilot.press(*"why", "enter", *"new")
        assert composer(app).text == "new"
        fails.set()
        await wait_until(pilot, lambda: composer(app).text == "why\nnew")


async def test_send_can_be_given_another_key() -> None:
    app = Stage(claude=claude(), settings=Settings(keys={"send": "ctrl+s"})).app()
    async with app.run_test() as pilot:
        await ready(pilot, app)
        await pilot.press("a", "enter", "b")
        await wait_until(pilot, lambda: composer(app).text == "a\nb")
        await pilot.press("ctrl+s")
        await wait_until(pilot, lambda: questions(app) == ["a\nb"])


async def test_it_grows_with_its_text_to_a_third_of_the_screen() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test(size=(80, 30)) as pilot:
        await ready(pilot, app)
        assert composer(app).size.height == 1
        composer(app).text = "\n".join("line" for _ in range(4))
        await wait_until(pilot, lambda: composer(app).size.height == 4)
        composer(app).text = "\n".join("line" for _ in range(40))
        await wait_until(pilot, lambda: composer(app).outer_size.height == 9)


async def test_up_and_down_go_through_the_questions_and_back_to_the_draft() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await ready(pilot, app)
        for question in ("one", "two"):
            await pilot.press(*question, "enter")
            await app.workers.wait_for_complete()
        await pilot.press(*"dr", "up")
        assert composer(app).text == "two"
        await pilot.press("up", "up")
        assert composer(app).text == "one"
        await pilot.press("down", "down", "down")
        assert composer(app).text == "dr"


async def test_up_moves_within_a_message_of_several_lines_first() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await ready(pilot, app)
        await pilot.press(*"one", "enter", "a", "ctrl+j", "b", "up")
        assert composer(app).text == "a\nb"
        await pilot.press("up")
        assert composer(app).text == "one"


async def test_a_large_paste_folds_and_expands_when_sent() -> None:
    pasted = "\n".join(f"line {number}" for number in range(200))
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await ready(pilot, app)
        app.post_message(Paste(pasted))
        await wait_until(pilot, lambda: composer(app).text == "[pasted 1: 200 lines]")
        await pilot.press("backspace")
        assert composer(app).text == ""
        app.post_message(Paste(pasted))
        await wait_until(pilot, lambda: "pasted" in composer(app).text)
        await pilot.press("x", "enter")
        await wait_until(pilot, lambda: questions(app) == [f"{pasted}x"])
