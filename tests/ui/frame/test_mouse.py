"""What helps by mouse; everything can be done by keys as well."""

from pathlib import Path

from shammah_tui.ui.panels.conversations import Conversations
from shammah_tui.ui.panels.help import HelpPanel
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.kept import kept
from tests.ui.opened import Board
from tests.ui.panels.test_conversations import lines
from tests.ui.steps import click, questions

TWO_BLOCKS = "First:\n\n```\nalpha = 1\n```\n\nSecond:\n\n```\nbeta = 2\n```\n"
SIZE = (100, 36)


async def test_the_code_block_that_was_clicked_is_copied_from_the_line_of_keys(
    tmp_path: Path,
) -> None:
    await kept(tmp_path / "s.db", [("code?", TWO_BLOCKS)])
    board = Board()
    app = Stage(
        claude=FakeBackend("x", CLAUDE_DONE),
        store_path=tmp_path / "s.db",
        continue_last=True,
        clipboard=board,
    ).app()
    async with app.run_test(size=SIZE) as pilot:
        await click(pilot, app, "beta")
        await click(pilot, app, "Copy code")
        await wait_until(pilot, lambda: board.copied == ["beta = 2\n"])
        await click(pilot, app, "alpha")
        await click(pilot, app, "Copy code")
        await wait_until(pilot, lambda: board.copied == ["beta = 2\n", "alpha = 1\n"])


async def test_a_conversation_is_opened_by_a_click(tmp_path: Path) -> None:
    await kept(tmp_path / "s.db", [("first", "a")], [("second", "b")])
    app = Stage(claude=FakeBackend("x", CLAUDE_DONE), store_path=tmp_path / "s.db").app()
    async with app.run_test(size=SIZE) as pilot:
        await click(pilot, app, "Conversations")
        await wait_until(pilot, lambda: isinstance(app.screen, Conversations) and bool(lines(app)))
        await click(pilot, app, "first")
        await wait_until(pilot, lambda: questions(app) == ["first"])


async def test_the_line_of_keys_is_pressed(tmp_path: Path) -> None:
    app = Stage(claude=FakeBackend("x", CLAUDE_DONE), store_path=tmp_path / "s.db").app()
    async with app.run_test(size=SIZE) as pilot:
        await click(pilot, app, "F1 Help")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpPanel))
