"""The header while the conversation is read ahead, and how full the context is after that."""

import asyncio

from textual.pilot import Pilot

from shammah_tui.core.conversation.reply import Warming
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.composer.composer import Composer
from tests.fakes import LOADED
from tests.services.turns import claude
from tests.ui.apps import Stage, wait_until
from tests.ui.chat.test_chat_screen import labels, replies
from tests.ui.local_model import be_ready, load, loaded
from tests.ui.panels.test_model_keys import header


async def ask(app: ShammahApp, pilot: Pilot[None], text: str) -> None:
    before = len(replies(app))
    app.screen.query_one(Composer).text = text
    await pilot.press("enter")
    await wait_until(pilot, lambda: len(replies(app)) > before)


async def test_after_a_change_over_the_conversation_is_read_ahead() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test(size=(120, 30)) as pilot:
        engine = await load(stage, pilot)
        await ask(app, pilot, "first")
        gate = asyncio.Event()
        engine.warming = (Warming(0, 1229), gate, Warming(1229, 1229))
        await loaded(pilot, app, engine)
        await wait_until(pilot, lambda: "reading ahead (1.2k tokens)" in header(app))
        gate.set()
        await wait_until(pilot, lambda: header(app).endswith("1.2k of 8k tokens"))
        assert [message.text for message in engine.warmed[0]] == ["first", "Hello from Claude"]


async def test_a_question_ends_it_and_is_answered() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test(size=(120, 30)) as pilot:
        engine = await load(stage, pilot)
        await ask(app, pilot, "first")
        engine.warming = (Warming(0, 1229), asyncio.Event())
        engine.emit(LOADED)
        await wait_until(pilot, lambda: "reading ahead" in header(app))
        engine.warming = ()
        await ask(app, pilot, "second")
        assert engine.warmings_ended >= 1
        assert labels(app)[1].startswith("Local")
        await wait_until(pilot, lambda: "reading ahead" not in header(app))
        # After its own reply, too: what the template writes differently is then read.
        await wait_until(pilot, lambda: len(engine.warmed) == 2)
        assert len(engine.warmed[1]) == 4


async def test_after_a_reply_of_claudes_the_local_model_is_kept_warm() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test(size=(120, 30)) as pilot:
        engine = await be_ready(stage, pilot, app)
        assert engine.warmed == []
        await ask(app, pilot, "@claude first")
        await wait_until(pilot, lambda: len(engine.warmed) == 1)
        assert [message.text for message in engine.warmed[0]] == ["first", "Hello from Claude"]


async def test_the_engines_count_is_shown_after_a_reply_of_its_own() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test(size=(120, 30)) as pilot:
        await be_ready(stage, pilot, app)
        assert "tokens" not in header(app)
        await ask(app, pilot, "first")
        await wait_until(pilot, lambda: header(app).endswith("14 of 8k tokens"))


async def test_a_new_conversation_ends_it() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test(size=(120, 30)) as pilot:
        engine = await load(stage, pilot)
        await ask(app, pilot, "first")
        engine.warming = (Warming(0, 1229), asyncio.Event())
        engine.emit(LOADED)
        await wait_until(pilot, lambda: "reading ahead" in header(app))
        await pilot.press("ctrl+n")
        await wait_until(pilot, lambda: engine.warmings_ended == 1)
        await wait_until(pilot, lambda: "tokens" not in header(app))
