"""The line at the bottom names what can be pressed now, whole words of it."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_pane import ChatPane
from shammah_tui.ui.composer.composer import Composer
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import rows

WIDTHS = (40, 60, 80, 120)


def stage(folder: Path) -> Stage:
    return Stage(
        claude=FakeBackend("yes\n\n```\ncode\n```", CLAUDE_DONE), store_path=folder / "s.db"
    )


def line(app: ShammahApp) -> str:
    return rows(app)[-1]


async def ask(pilot: Pilot[None], app: ShammahApp) -> None:
    await wait_until(pilot, lambda: app.screen.query_one(Composer).has_focus)
    await pilot.press(*"hi", "enter")
    await wait_until(
        pilot,
        lambda: (
            [bool(box.message_id) for box in app.screen.query_one(ChatPane).boxes] == [True] * 2
        ),
    )


async def test_the_way_to_the_messages_is_named_once_there_are_any(tmp_path: Path) -> None:
    app = stage(tmp_path).app()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Send" in line(app))
        assert "Messages" not in line(app)
        await ask(pilot, app)
        await wait_until(pilot, lambda: "^↑ Messages" in line(app))
        await pilot.press("ctrl+up")
        await wait_until(pilot, lambda: "c Copy" in line(app))
        assert "Messages" not in line(app)


@pytest.mark.parametrize("width", WIDTHS)
async def test_no_word_is_cut(tmp_path: Path, width: int) -> None:
    app = stage(tmp_path).app()
    async with app.run_test(size=(width, 24)) as pilot:
        await ask(pilot, app)
        words = {
            "Send",
            "Messages",
            "Conversations",
            "Models",
            "Cancel",
            "Retry",
            "Quit",
            "Help",
            "palette",
        }
        words |= {"Back", "Copy", "code", "Save", "Quote", "Receipt", "Regenerate", "Other"}
        words |= {"model", "Edit", "Fork", "Delete"}
        for key in ("ctrl+up", "up", "escape", "x"):
            await pilot.press(key)
            await pilot.pause(0.1)
            shown = line(app).replace("▏", " ").split()
            assert "Help" in shown and "palette" in shown
            assert {word for word in shown if len(word) > 3} <= words
