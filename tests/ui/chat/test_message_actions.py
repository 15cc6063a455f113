"""Messages worked with by the keyboard alone."""

from pathlib import Path

import pytest
from textual.widgets import Input, Static

from shammah_tui.core.settings.settings import Settings
from shammah_tui.ui.chat.message_box import MessageBox
from shammah_tui.ui.frame.commands import system_commands
from shammah_tui.ui.panels.confirm import Confirm
from shammah_tui.ui.panels.save_code import SaveCode
from shammah_tui.ui.reply.reply_label import ReceiptView, RouterLabel
from shammah_tui.ui.reply.reply_view import ReplyView
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.kept import kept
from tests.ui.opened import TWO_BLOCKS, Opened, focused, footer, pane, said, texts
from tests.ui.steps import composer


async def test_the_focus_moves_between_messages_and_back(talk: Opened) -> None:
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.ready(pilot, app)
        await pilot.press("ctrl+up")
        assert focused(app) == "2"
        for key, expected in (
            ("up", "two"),
            ("ctrl+up", "1"),
            ("up", "one"),
            ("up", "one"),
            ("down", "1"),
            ("ctrl+down", "two"),
        ):
            await pilot.press(key)
            assert focused(app) == expected
        await pilot.press("escape")
        assert app.focused is composer(app)
        await pilot.press("ctrl+up", "ctrl+end")
        assert app.focused is composer(app)


async def test_what_is_typed_on_a_message_is_written(talk: Opened) -> None:
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.at(pilot, app, "1")
        # k is no key of a reply without code.
        await pilot.press("H", "k", "c")
        await wait_until(pilot, lambda: composer(app).text == "Hkc")
        assert app.focused is composer(app)
        assert talk.board.copied == []


async def test_the_focused_message_has_a_frame_and_nothing_in_it_moves(talk: Opened) -> None:
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.ready(pilot, app)
        for box in pane(app).boxes:
            before = box.content_region.x, box.content_region.width
            pane(app).focus_box(box)
            await wait_until(pilot, lambda box=box: box.styles.border.top[0] == "round")  # type: ignore[misc]
            assert (box.content_region.x, box.content_region.width) == before
            assert box.styles.border.bottom[0] == "round"


async def test_the_footer_and_the_palette_offer_what_does_something_now(code: Opened) -> None:
    app = await code.app()
    async with app.run_test(size=(200, 30)) as pilot:
        await code.ready(pilot, app)
        ids = {command.title for command in system_commands(app, app.screen, {})}
        assert "Save code: Save a code block of the reply to a file" not in ids
        await pilot.press("ctrl+up")
        await wait_until(pilot, lambda: "Copy code" in footer(app))
        named = {"Copy", "Save code", "Quote", "Receipt", "Regenerate", "Other model"}
        assert named <= set(footer(app))
        assert not {"Edit", "Undo", "Earlier", "Later"} & set(footer(app))
        ids = {command.title for command in system_commands(app, app.screen, {})}
        assert "Save code: Save a code block of the reply to a file" in ids
        assert "Edit the question and send it again" not in ids
        await pilot.press("up")
        await wait_until(pilot, lambda: "Edit" in footer(app))
        assert not {"Copy code", "Receipt"} & set(footer(app))


async def test_the_settings_give_other_keys(talk: Opened) -> None:
    talk.settings = Settings(keys={"copy_message": "y", "last_message": "f10"})
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.ready(pilot, app)
        await pilot.press("f10", "y")
        await wait_until(pilot, lambda: talk.board.copied == ["2"])


async def test_a_reply_is_copied_as_markdown(code: Opened) -> None:
    app = await code.app()
    async with app.run_test() as pilot:
        await code.at(pilot, app, TWO_BLOCKS)
        await pilot.press("c")
        await wait_until(pilot, lambda: code.board.copied == [TWO_BLOCKS])
        assert app.clipboard == TWO_BLOCKS
        await wait_until(pilot, lambda: "The message was copied" in said(app))


async def test_a_copy_that_may_have_failed_is_not_called_one(code: Opened) -> None:
    code.board.takes = False
    app = await code.app()
    async with app.run_test() as pilot:
        await code.at(pilot, app, TWO_BLOCKS)
        await pilot.press("c")
        await wait_until(pilot, lambda: bool(said(app)))
        assert said(app) == ["Sent to the clipboard. Your terminal doesn't confirm it."]
        await pilot.press("c")
        await wait_until(pilot, lambda: said(app)[-1] == "Copied")


async def test_code_blocks_are_copied_one_after_the_other(code: Opened) -> None:
    app = await code.app()
    async with app.run_test() as pilot:
        await code.at(pilot, app, TWO_BLOCKS)
        for number in (1, 2, 1):
            await pilot.press("k")
            told = f"Code block {number} of 2 was copied"
            await wait_until(pilot, lambda told=told: said(app) == [told])  # type: ignore[misc]
        assert code.board.copied == ["print(1)\n", "ls\n", "print(1)\n"]


async def test_a_code_block_is_saved_and_nothing_is_overwritten_unasked(
    code: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    (home / "code.py").write_text("precious")
    app = await code.app()
    async with app.run_test() as pilot:
        await code.at(pilot, app, TWO_BLOCKS)
        await pilot.press("s")
        await wait_until(pilot, lambda: isinstance(app.screen, SaveCode))
        assert app.screen.query_one(Input).value == "code.py"
        app.screen.query_one(Input).value = "~/code.py"
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, SaveCode))
        assert (home / "code.py").read_text() == "precious"
        assert app.screen.query_one(Input).value == "~/code.py"
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: f"Saved as {home}/code.py" in said(app))
        assert (home / "code.py").read_text() == "print(1)\n"


async def test_another_block_is_chosen_and_a_missing_folder_is_said(
    code: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = await code.app()
    async with app.run_test() as pilot:
        await code.at(pilot, app, TWO_BLOCKS)
        await pilot.press("s")
        await wait_until(pilot, lambda: isinstance(app.screen, SaveCode))
        await pilot.press("down")
        await wait_until(pilot, lambda: app.screen.query_one(Input).value == "code.sh")
        app.screen.query_one(Input).value = "nowhere/x.sh"
        await pilot.press("enter")
        await wait_until(pilot, lambda: any("no folder" in each for each in said(app)))
        await wait_until(pilot, lambda: isinstance(app.screen, SaveCode))
        assert app.screen.query_one(Input).value == "nowhere/x.sh"
        app.screen.query_one(Input).value = str(tmp_path)
        await pilot.press("enter")
        await wait_until(pilot, lambda: (tmp_path / "code.sh").exists())
        assert (tmp_path / "code.sh").read_text() == "ls\n"


async def test_a_reply_is_quoted_after_what_stands_in_the_composer(code: Opened) -> None:
    app = await code.app()
    async with app.run_test() as pilot:
        await code.ready(pilot, app)
        await pilot.press(*"so", "ctrl+up", "q")
        await wait_until(pilot, lambda: ">" in composer(app).text)
        assert composer(app).text.startswith("so\n\n> Look:\n>\n> ```python\n> print(1)\n")
        assert app.focused is composer(app)
        await pilot.press("x")
        assert composer(app).text.endswith("\n\nx")


async def test_the_receipt_is_shown_by_key_and_by_click(tmp_path: Path) -> None:
    app = Stage(claude=FakeBackend("yes", CLAUDE_DONE), store_path=tmp_path / "s.db").app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: any(box.receipt for box in pane(app).boxes))
        await pilot.press("ctrl+up", "i")
        await wait_until(pilot, lambda: bool(app.screen.query(ReceiptView)))
        shown = str(app.screen.query_one(ReceiptView).content)
        assert "claude-sonnet-5-5" in shown
        assert "9 in, 2 out" in shown
        assert "complete" in shown
        await pilot.press("i")
        await wait_until(pilot, lambda: not app.screen.query(ReceiptView))
        await pilot.click(RouterLabel)
        await wait_until(pilot, lambda: bool(app.screen.query(ReceiptView)))


async def test_a_message_that_was_just_said_can_be_worked_with(tmp_path: Path) -> None:
    backend = FakeBackend("yes", CLAUDE_DONE)
    app = Stage(claude=backend, store_path=tmp_path / "s.db").app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: all(box.message_id for box in pane(app).boxes))
        backend.steps = ("no", CLAUDE_DONE)
        await pilot.press("ctrl+up", "r")
        await wait_until(pilot, lambda: texts(app) == ["hi", "no"])
        await wait_until(pilot, lambda: pane(app).boxes[1].border_title == "2/2")


async def test_earlier_messages_are_made_when_the_focus_comes_to_them(tmp_path: Path) -> None:
    talk = Opened(tmp_path / "store.db", [(f"question {n}", f"reply {n}") for n in range(30)])
    await kept(talk.path, talk.turns)
    app = Stage(claude=talk.claude, store_path=talk.path, continue_last=True).app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: "reply 29" in texts(app))
        await pilot.press("ctrl+up")
        for n in reversed(range(30)):
            assert focused(app) == f"reply {n}"
            await pilot.press("up")
            assert focused(app) == f"question {n}"
            if n:
                await pilot.press("up")


async def test_the_pane_scrolls_along(tmp_path: Path) -> None:
    long = "\n\n".join(f"line {n}" for n in range(40))
    talk = Opened(tmp_path / "store.db", [("one", long), ("two", long)])
    app = await talk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await talk.ready(pilot, app)
        await wait_until(pilot, lambda: pane(app).scroll_y == pane(app).max_scroll_y > 60)
        await pilot.press("ctrl+up", "up", "up", "up")
        await wait_until(pilot, lambda: pane(app).scroll_y == 0)
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.focused is composer(app))
        assert pane(app).scroll_y == 0
        await pilot.press("ctrl+up")
        await wait_until(pilot, lambda: focused(app) == long)
        await pilot.press("ctrl+end")
        await wait_until(pilot, lambda: pane(app).scroll_y == pane(app).max_scroll_y)
        assert app.focused is composer(app)


def test_a_reply_is_a_message_and_so_is_a_question() -> None:
    assert issubclass(ReplyView, MessageBox)
    assert ReplyView.can_focus
    assert not Static.can_focus
