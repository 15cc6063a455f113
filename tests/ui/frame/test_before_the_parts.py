"""The screen takes keys before anybody stands behind it: what they ask for is done later."""

import threading
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.local.generator import Snapshot
from shammah_tui.services.services import Services
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.panels.help import HelpPanel
from shammah_tui.ui.panels.model_panel import ModelPanel
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until


class LateApp:
    """An app whose parts are made only once ``come`` is set."""

    def __init__(self, stage: Stage) -> None:
        self.come = threading.Event()
        made = stage.app()._make_services

        def make_services(
            on_change: Callable[[Snapshot], None], on_notice: Callable[[str], None]
        ) -> Services:
            assert self.come.wait(30)
            return made(on_change, on_notice)

        self.app = ShammahApp(make_services, claude_available=True)


def composer(app: ShammahApp) -> str:
    return app.screen_stack[0].query_one(Composer).text


async def typed(pilot: Pilot[None], app: ShammahApp, text: str) -> None:
    await pilot.press(*text)
    await wait_until(pilot, lambda: composer(app) == text)


async def test_a_question_is_sent_once_there_is_somebody_to_ask() -> None:
    claude = FakeBackend("It runs.", CLAUDE_DONE)
    late = LateApp(Stage(claude=claude))
    async with late.app.run_test() as pilot:
        await typed(pilot, late.app, "why?")
        await pilot.press("enter")
        await typed(pilot, late.app, "next")
        assert not claude.asked
        late.come.set()
        await wait_until(pilot, lambda: len(claude.asked) == 1)
        assert claude.asked[0][-1].text == "why?"
        assert composer(late.app) == "next"


async def test_keys_that_need_the_parts_wait_and_those_after_them_keep_their_order() -> None:
    late = LateApp(Stage(claude=FakeBackend(CLAUDE_DONE)))
    async with late.app.run_test() as pilot:
        await typed(pilot, late.app, "draft")
        await pilot.press("f2", "escape", "!")
        assert not isinstance(late.app.screen, ModelPanel)
        assert composer(late.app) == "draft"
        late.come.set()
        await wait_until(pilot, lambda: composer(late.app) == "draft!")
        assert len(late.app.screen_stack) == 1


async def test_a_command_that_needs_the_parts_waits() -> None:
    late = LateApp(Stage(claude=FakeBackend(CLAUDE_DONE)))
    async with late.app.run_test() as pilot:
        await typed(pilot, late.app, "/model")
        await pilot.press("enter")
        assert len(late.app.screen_stack) == 1
        late.come.set()
        await wait_until(pilot, lambda: isinstance(late.app.screen, ModelPanel))


async def test_help_needs_nobody() -> None:
    late = LateApp(Stage(claude=FakeBackend(CLAUDE_DONE)))
    async with late.app.run_test() as pilot:
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(late.app.screen, HelpPanel))
        late.come.set()


async def test_what_was_written_is_kept_by_who_leaves_at_once(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    late = LateApp(Stage(claude=FakeBackend(CLAUDE_DONE), store_path=path))
    async with late.app.run_test() as pilot:
        await typed(pilot, late.app, "sent")
        await pilot.press("enter")
        await typed(pilot, late.app, "half")
        late.come.set()
        late.app.exit()
    store = SqliteStore(path, lambda _: None)
    assert await store.draft(None) in ("sent\nhalf", "half")
    await store.close()
