import asyncio
from pathlib import Path

import pytest
from textual.pilot import Pilot

from shammah_tui.core.local.generator import Downloading, Failed, Loading, NotAvailable
from shammah_tui.core.protocol.fetch_messages import Fetched, Progressed, Waiting
from shammah_tui.core.settings.settings import Settings
from shammah_tui.ports import ChildExited
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.generator_header import GeneratorHeader
from shammah_tui.ui.frame.key_line import KeyLine
from shammah_tui.ui.frame.keys import KEY_COMMANDS, KEY_IDS, BindingOwner
from tests.services.fakes import FakeBackend
from tests.services.turns import claude
from tests.ui.apps import Stage, wait_for_state, wait_until
from tests.ui.local_model import loaded


def footer(app: ShammahApp) -> dict[str, str]:
    return {key.key_display: key.description for key in app.screen.query_one(KeyLine).offered}


def header(app: ShammahApp) -> str:
    status = app.screen.query_one(GeneratorHeader).query_one(".status")
    return str(status.render())


def toasts(app: ShammahApp) -> str:
    return " ".join(notification.message for notification in app._notifications)


async def downloading(stage: Stage, app: ShammahApp, pilot: Pilot[None]) -> None:
    await wait_until(pilot, lambda: bool(stage.source.fetches))
    stage.source.fetches[-1].emit(Progressed(1_200_000_000, 5_680_522_464, 18e6, 1, 1))
    await wait_until(pilot, lambda: "18 MB/s" in header(app))


async def test_the_footer_shows_what_can_be_pressed_now() -> None:
    stage = Stage(claude=FakeBackend("x", asyncio.Event()))
    app = stage.app()
    async with app.run_test() as pilot:
        await downloading(stage, app, pilot)
        await wait_until(pilot, lambda: "F8" in footer(app))
        assert "F9" not in footer(app)
        assert "esc" not in footer(app)
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: footer(app).get("esc") == "Stop")
        await pilot.press("escape")
        await wait_until(pilot, lambda: "esc" not in footer(app))
        await pilot.press("f8")
        await wait_until(pilot, lambda: "F9" in footer(app) and "F8" not in footer(app))


async def test_cancel_keeps_and_retry_goes_on() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test() as pilot:
        await downloading(stage, app, pilot)
        await pilot.press("f8")
        await wait_for_state(pilot, app, NotAvailable)
        assert stage.source.fetches[0].stopped
        assert header(app) == "Cancelled · 1.2 of 5.7 GB kept · F9 resume"
        stage.source.kept[stage.source.fetches[0].model.id] = 1_200_000_000
        await pilot.press("f9")
        await wait_for_state(pilot, app, Downloading)
        assert "21 %" in header(app)
        assert len(stage.source.fetches) == 2


async def test_retry_while_it_waits_tries_at_once() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test() as pilot:
        await downloading(stage, app, pilot)
        stage.source.fetches[0].emit(
            Waiting("the network", 8.0, Progressed(1_200_000_000, 5_680_522_464))
        )
        await wait_until(pilot, lambda: "next try in 8 s" in header(app))
        await wait_until(pilot, lambda: "F9" in footer(app))
        await pilot.press("f9")
        await wait_until(pilot, lambda: bool(stage.source.fetches[0].sent))
        assert len(stage.source.fetches) == 1


async def test_cancel_while_loading_ends_the_engine() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test() as pilot:
        await downloading(stage, app, pilot)
        stage.source.fetches[0].emit(Fetched((str(Path(__file__)),)))
        await wait_for_state(pilot, app, Loading)
        await pilot.press("f8")
        await wait_for_state(pilot, app, NotAvailable)
        assert stage.starter.engines[0].stopped


async def test_an_engine_that_ends_is_said_and_can_be_loaded_again() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test() as pilot:
        await downloading(stage, app, pilot)
        stage.source.found[stage.source.fetches[0].model.id] = Path(__file__)
        stage.source.fetches[0].emit(Fetched((str(Path(__file__)),)))
        await wait_until(pilot, lambda: bool(stage.starter.engines))
        await loaded(pilot, app, stage.starter.engines[0])
        stage.starter.engines[0].emit(ChildExited(-6))
        await wait_until(pilot, lambda: len(stage.starter.engines) == 2)
        await wait_until(pilot, lambda: "Loading " in toasts(app))
        stage.starter.engines[1].emit(ChildExited(-6))
        await wait_for_state(pilot, app, Failed)
        assert header(app).startswith("✗ Failed: The local model crashed")
        await pilot.press("f9")
        await wait_for_state(pilot, app, Loading)


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
async def test_the_header_never_wraps(width: int) -> None:
    stage = Stage()
    app = stage.app()
    async with app.run_test(size=(width, 24)) as pilot:
        await wait_until(pilot, lambda: bool(stage.source.fetches))
        stage.source.fetches[-1].emit(Progressed(1_200_000_000, 5_680_522_464, 18e6, 1, 1))
        await wait_until(pilot, lambda: "21" in header(app) or width < 60)
        assert len(header(app)) <= width - 2 - len("Shammah") - 2
        assert app.screen.query_one(GeneratorHeader).size.height == 2


async def test_keys_can_be_given_to_other_commands() -> None:
    stage = Stage(claude=claude(), settings=Settings(keys={"cancel": "f3", "retry": "f4"}))
    app = stage.app()
    async with app.run_test() as pilot:
        await downloading(stage, app, pilot)
        await wait_until(pilot, lambda: footer(app).get("F3") == "Cancel")
        await pilot.press("f8")
        await pilot.press("f3")
        await wait_for_state(pilot, app, NotAvailable)
        assert header(app).endswith("F4 resume")


async def test_everything_that_has_a_key_is_in_the_palette() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await pilot.pause()
        titles = [command.title for command in app.get_system_commands(app.screen)]
        # Those of messages and of what is written wait until there is one.
        waiting = {"clear", "give_up_edit", "last_message"}
        expected = [
            command.title
            for command in KEY_COMMANDS
            if command.owner is not BindingOwner.MESSAGE and command.id not in waiting
        ]
        assert expected == titles[: len(expected)]


async def test_a_command_from_the_palette_does_what_its_key_does() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test() as pilot:
        await downloading(stage, app, pilot)
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.press(*"cancel the dow")
        await pilot.pause(0.5)
        await pilot.press("enter")
        await wait_for_state(pilot, app, NotAvailable)


def test_ids_of_keys_are_unique() -> None:
    assert len(set(KEY_IDS)) == len(KEY_IDS)
