"""The local side breaks off in the middle of its text: what the screen shows of Claude's answer."""

import asyncio

from textual.pilot import Pilot

from shammah_tui.core.conversation.reply import ThinkingDelta
from shammah_tui.core.wording.ending import after_colon
from shammah_tui.ui.app import ShammahApp
from tests.services.fakes import FakeBackend, Step
from tests.services.turns import CLAUDE_DONE, GONE, UNREACHABLE
from tests.ui.apps import Stage, wait_until
from tests.ui.chat.test_chat_screen import labels, notes, replies
from tests.ui.local_model import load, loaded
from tests.ui.opened import pane, texts
from tests.ui.reply.test_thoughts import CUT, folds, footer
from tests.ui.steps import composer

NOTE = f"Interrupted: {after_colon(str(GONE))} F7 continues."

LOCAL = "Local · Qwen3.5 9B"
ASKING = f"{LOCAL} · interrupted · asking Claude"


async def breaks_off(stage: Stage, app: ShammahApp, pilot: Pilot[None]) -> None:
    """Ask a question of a local model that breaks off in its text, after a thought."""
    engine = await load(stage, pilot)
    broken = FakeBackend(ThinkingDelta("Hm."), "Half a\n\n```sh\nls", GONE)
    engine.reply = broken.reply  # type: ignore[method-assign]
    await loaded(pilot, app, engine)
    await pilot.press(*"hi", "enter")


def stage_with(*steps: Step) -> tuple[Stage, FakeBackend]:
    claude = FakeBackend(*steps)
    return Stage(claude=claude), claude


async def test_what_came_stays_until_the_first_word_and_is_a_version_then() -> None:
    first, more = asyncio.Event(), asyncio.Event()
    stage, claude = stage_with(first, "From ", more, "there", CLAUDE_DONE)
    app = stage.app()
    async with app.run_test(size=(120, 30)) as pilot:
        await breaks_off(stage, app, pilot)
        await wait_until(pilot, lambda: labels(app) == [ASKING])
        await wait_until(pilot, lambda: texts(app) == ["hi", "Half a\n\n```sh\nls"])
        assert len(folds(app)) == 1
        first.set()
        await wait_until(pilot, lambda: replies(app) == ["From "])
        assert labels(app) == ["Claude · local engine stopped"]
        assert (folds(app), notes(app)) == ([], [])
        assert not app.screen.query("OpenFence")
        more.set()
        await wait_until(pilot, lambda: pane(app).boxes[1].border_title == "2/2")
        assert (texts(app), notes(app)) == (["hi", "From there"], [])
        assert not app.screen.query(".waiting")
        # The version that broke off is one key away, with what happened to it.
        pane(app).focus_box(pane(app).boxes[1])
        await pilot.press("left")
        await wait_until(pilot, lambda: texts(app) == ["hi", "Half a\n\n```sh\nls"])
        assert pane(app).boxes[1].border_title == "1/2"
        assert labels(app) == [LOCAL]
        assert notes(app) == [NOTE]
        assert len(claude.asked) == 1


async def test_where_claude_says_nothing_it_is_shown_as_broken_off() -> None:
    stage, claude = stage_with(ThinkingDelta("Well"), UNREACHABLE)
    app = stage.app()
    async with app.run_test() as pilot:
        await breaks_off(stage, app, pilot)
        await wait_until(pilot, lambda: notes(app) == [NOTE])
        assert texts(app) == ["hi", "Half a\n\n```sh\nls"]
        assert labels(app) == [LOCAL]
        assert len(folds(app)) == len(claude.asked) == 1
        assert not pane(app).boxes[1].border_title
        assert composer(app).text == ""


async def test_stopped_while_claude_is_asked_it_is_shown_as_broken_off() -> None:
    stage, _ = stage_with(asyncio.Event())
    app = stage.app()
    async with app.run_test() as pilot:
        await breaks_off(stage, app, pilot)
        await wait_until(pilot, lambda: labels(app) == [ASKING])
        await pilot.press("escape")
        await wait_until(pilot, lambda: notes(app) == [NOTE])
        assert labels(app) == [LOCAL]
        assert texts(app) == ["hi", "Half a\n\n```sh\nls"]


async def test_a_rest_that_breaks_off_gives_way_to_claude_as_well() -> None:
    stage, claude = stage_with("From there", CLAUDE_DONE)
    app = stage.app()
    async with app.run_test(size=(120, 30)) as pilot:
        engine = await load(stage, pilot)
        here = FakeBackend("One ", CUT)
        engine.reply = here.reply  # type: ignore[method-assign]
        await loaded(pilot, app, engine)
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: "Continue" in footer(app))
        here.steps = ("two", GONE)
        await pilot.press("f7")
        await wait_until(pilot, lambda: pane(app).boxes[1].border_title == "3/3")
        assert (texts(app), notes(app)) == (["hi", "From there"], [])
        assert labels(app) == ["Claude Sonnet 5.5 · local engine stopped"]
        assert len(claude.asked) == 1
        pane(app).focus_box(pane(app).boxes[1])
        await pilot.press("left")
        await wait_until(pilot, lambda: texts(app) == ["hi", "One two"])
        assert notes(app) == [NOTE]
