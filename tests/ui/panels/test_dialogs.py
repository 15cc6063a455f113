"""What is typed into a dialog stays while the window changes its size; Esc leaves all as it was."""

from pathlib import Path

from textual.widgets import Input

from shammah_tui.ui.chat.message_box import MessageBox
from shammah_tui.ui.panels.conversations import Conversations
from shammah_tui.ui.panels.rename import Rename
from shammah_tui.ui.panels.save_code import SaveCode
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.kept import kept
from tests.ui.panels.test_conversations import lines, opened
from tests.ui.steps import questions


async def test_a_title_that_is_being_written(tmp_path: Path) -> None:
    await kept(tmp_path / "s.db", [("first", "a")])
    app = Stage(claude=FakeBackend("x", CLAUDE_DONE), store_path=tmp_path / "s.db").app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("f4")
        await wait_until(pilot, lambda: isinstance(app.screen, Rename))
        await pilot.press("end", *" one")
        await pilot.resize_terminal(50, 16)
        await pilot.pause()
        field = app.screen.query_one(Input)
        assert field.value == "first one"
        assert app.screen.region.contains_region(field.region)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, Conversations))
        assert lines(app)[0].split()[0] == "first"
        assert "first one" not in lines(app)[0]


async def test_a_file_name_that_is_being_written(tmp_path: Path) -> None:
    await kept(tmp_path / "s.db", [("code?", "```python\nprint(1)\n```")])
    app = Stage(
        claude=FakeBackend("x", CLAUDE_DONE), store_path=tmp_path / "s.db", continue_last=True
    ).app()
    name = str(tmp_path / "new.py")
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: questions(app) == ["code?"])
        await pilot.press("ctrl+up")
        await wait_until(pilot, lambda: isinstance(app.focused, MessageBox))
        await pilot.press("s")
        await wait_until(pilot, lambda: isinstance(app.screen, SaveCode))
        field = app.screen.query_one(Input)
        field.value = name
        await pilot.resize_terminal(50, 20)
        await pilot.pause()
        assert field.value == name
        assert app.screen.region.contains_region(field.region)
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, SaveCode))
    assert not (tmp_path / "new.py").exists()
