"""One hangs, one makes room for another, a server dies: the screen over real parts."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from shammah_tui.adapters.endpoint.engine import EndpointSource, EndpointStarter
from shammah_tui.core.local.generator import Failed, Ready
from shammah_tui.core.model.served_model import served_model
from shammah_tui.core.settings.settings import EndpointSettings
from shammah_tui.ui.app import ShammahApp
from tests.fakes import GIB, MACHINE, FixedProbe
from tests.gguf_models import Shape, build_model
from tests.llama_server import LlamaServer
from tests.loopback.messages_api import LoopbackMessagesAPI
from tests.ui.apps import wait_for_state, wait_until
from tests.ui.chat.test_chat_screen import labels
from tests.ui.looks import rows
from tests.ui.opened import pane, said, texts
from tests.ui.panels.test_model_panel import move_to, opened
from tests.ui.real_parts import KEY, NotedStarter, RealStage, spec_of

HANG_S = 2.0
"""More than a second, in which a busy child says nothing."""
SLOW = Shape(layers=4, embedding=512, heads=8)
"""Does not fill the screen before something happens to it."""
FAR = "This comes from the far side."
TURNS = 3000
"""Times 10 ms, for what takes seconds on a busy machine."""


@pytest.fixture
def api() -> Iterator[LoopbackMessagesAPI]:
    with LoopbackMessagesAPI(key=KEY) as api:
        api.reply_with(FAR)
        yield api


def header(app: ShammahApp) -> str:
    return rows(app)[0]


async def asked(pilot: Pilot[None], app: ShammahApp, engine_says: str) -> str:
    """Ask, and return what has come once the local model is in the middle of its text."""
    await pilot.press(*"hi", "enter")
    await wait_until(pilot, lambda: engine_says in texts(app)[-1], TURNS)
    return texts(app)[-1]


async def claude_answered(
    pilot: Pilot[None], app: ShammahApp, api: LoopbackMessagesAPI, came: str, label: str
) -> None:
    """Wait for Claude's reply; what came before it is its other version."""
    await wait_until(pilot, lambda: texts(app)[-1] == FAR, TURNS)
    await wait_until(pilot, lambda: pane(app).boxes[-1].border_title == "2/2")
    assert labels(app) == [label]
    assert len(api.calls) == 1
    pane(app).focus_box(pane(app).boxes[-1])
    await pilot.press("left")
    await wait_until(pilot, lambda: texts(app)[-1].startswith(came))
    assert pane(app).boxes[-1].border_title == "1/2"


async def test_one_that_hangs_is_told_replaced_and_claude_answers_once(
    tmp_path: Path, api: LoopbackMessagesAPI
) -> None:
    model = build_model(
        tmp_path / "Endless.gguf", reply="again and again", endless=True, shape=SLOW
    )
    starter = NotedStarter(tmp_path, HANG_S)
    app = RealStage(tmp_path, starter, (spec_of(model),), api.url).app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await wait_for_state(pilot, app, Ready)
        came = await asked(pilot, app, "again and")
        os.kill(starter.engines[0].pid, signal.SIGSTOP)
        hung = "The local model hung (no sign of life for 2 s) and was stopped."
        await wait_until(pilot, lambda: any(each.startswith(hung) for each in said(app)), TURNS)
        assert said(app) == [f"{hung} Loading Endless."]
        await claude_answered(pilot, app, api, came, "Claude Sonnet 5.5 · local engine stopped")
        await wait_until(pilot, lambda: "✓ Endless ready" in header(app), TURNS)
        assert len(starter.engines) == 2
        assert app.loader.active is not None
        assert app.loader.active.engine is starter.engines[1]


async def test_where_both_do_not_fit_the_old_one_goes_first_and_claude_answers_meanwhile(
    tmp_path: Path, api: LoopbackMessagesAPI
) -> None:
    first = spec_of(build_model(tmp_path / "First.gguf", reply="The first one."))
    second = spec_of(build_model(tmp_path / "Second.gguf", reply="The second one."))
    starter = NotedStarter(tmp_path)
    little = FixedProbe(replace(MACHINE, ram_free_bytes=GIB // 16))
    stage = RealStage(tmp_path, starter, (first, second), api.url, probe=little)
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_for_state(pilot, app, Ready)
        starter.suspends = True
        await opened(pilot, app)
        await move_to(pilot, app, "Second")
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(starter.engines) == 2, TURNS)
        assert starter.alive == [0, 0], "the old one was gone before the new one came"
        await pilot.press("escape")
        await wait_until(pilot, lambda: "Loading Second" in header(app))
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: texts(app)[-1:] == [FAR], TURNS)
        assert labels(app) == ["Claude Sonnet 5.5 · model loading"]
        os.kill(starter.engines[1].pid, signal.SIGCONT)
        await wait_until(pilot, lambda: "✓ Second ready" in header(app), TURNS)
        await pilot.press(*"ho", "enter")
        await wait_until(pilot, lambda: texts(app)[-1] == "The second one.", TURNS)
        await wait_until(pilot, lambda: labels(app)[-1].startswith("Local · Second"))
        assert len(api.calls) == 1
    assert stage.chosen.recall() == "Second"


async def test_a_server_that_is_killed_in_its_text_leaves_it_and_claude_answers_once(
    tmp_path: Path, api: LoopbackMessagesAPI
) -> None:
    model = build_model(tmp_path / "Box.gguf", reply="round and about", endless=True, shape=SLOW)
    with LlamaServer(model, tmp_path / "server.log", "box", context_length=4096) as server:
        starter = EndpointStarter(EndpointSettings(server.url), {})
        served = served_model("127.0.0.1", "")
        app = RealStage(tmp_path, starter, (served,), api.url, EndpointSource()).app()
        async with app.run_test(size=(100, 30)) as pilot:
            await wait_for_state(pilot, app, Ready)
            came = await asked(pilot, app, "round and")
            assert labels(app) == ["Local · box at 127.0.0.1"]
            server.kill()
            await claude_answered(
                pilot, app, api, came, "Claude Sonnet 5.5 · local engine unreachable"
            )
            await wait_for_state(pilot, app, Failed)
            await wait_until(pilot, lambda: "127.0.0.1 cannot be reached" in header(app))
