"""Where the terminal has no colours (NO_COLOR), one still sees where one is."""

from pathlib import Path

import pytest
from rich.segment import Segment
from textual.widgets import Input, RadioSet

from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.panels.conversations import Conversations
from shammah_tui.ui.panels.export import ExportPanel
from tests.services.turns import claude
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import segments


def marked(app: ShammahApp) -> list[str]:
    """Return the texts that are reversed or underlined."""

    def is_marked(each: Segment) -> bool:
        return bool(each.style and (each.style.reverse or each.style.underline))

    return [each.text for each in segments(app) if is_marked(each)]


async def test_the_cursor_of_a_field_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Stage(claude=claude(), store_path=tmp_path / "s.db").app()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Composer).has_focus)
        await pilot.press("f3")
        await wait_until(pilot, lambda: isinstance(app.screen, Conversations))
        app.screen.query_one(Input).cursor_blink = False
        await pilot.press("a", "b", "left")
        await wait_until(pilot, lambda: "b" in marked(app))


async def test_the_choice_that_has_the_focus_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Stage(claude=claude(), store_path=tmp_path / "s.db").app()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Composer).has_focus)
        await pilot.press(*"hi", "enter")
        await app.workers.wait_for_complete()
        await pilot.press(*"/export", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportPanel))
        app.screen.query(RadioSet).last().focus()
        await pilot.press("down")
        await wait_until(pilot, lambda: any("JSON" in text for text in marked(app)))
        assert not any("Markdown" in text or "conversation" in text for text in marked(app))
