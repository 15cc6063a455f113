"""Messages worked with by the keyboard alone."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from shammah_tui.core.settings import Settings
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.commands import system_commands
from shammah_tui.ui.screens.confirm import Confirm
from shammah_tui.ui.screens.save_code import SaveCode
from shammah_tui.ui.widgets.chat_pane import ChatPane
from shammah_tui.ui.widgets.composer import Composer
from shammah_tui.ui.widgets.key_line import KeyLine
from shammah_tui.ui.widgets.message_box import MessageBox
from shammah_tui.ui.widgets.receipt_view import ReceiptView
from shammah_tui.ui.widgets.reply_view import ReplyView
from shammah_tui.ui.widgets.router_label import RouterLabel
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE, UNREACHABLE
from tests.ui.apps import Stage, wait_until
from tests.ui.test_conversations import kept

TWO_BLOCKS = "Look:\n\n```python\nprint(1)\n```\n\n- and\n\n  ```sh\n  ls\n  ```\n"


@dataclass
class Board:
    """A clipboard that takes what it is given, or does not."""

    takes: bool = True
    copied: list[str] = field(default_factory=list)

    async def copy(self, text: str) -> bool:
        self.copied.append(text)
        return self.takes


def pane(app: ShammahApp) -> ChatPane:
    return app.screen_stack[0].query_one(ChatPane)


def composer(app: ShammahApp) -> Composer:
    return app.screen_stack[0].query_one(Composer)


def texts(app: ShammahApp) -> list[str]:
    return [box.text for box in pane(app).boxes]


def focused(app: ShammahApp) -> str | None:
    box = pane(app).focused_box
    return None if box is None else box.text


def said(app: ShammahApp) -> list[str]:
    return [notice.message for notice in app._notifications]


def footer(app: ShammahApp) -> list[str]:
    return [key.description for key in app.screen.query_one(KeyLine).offered]


async def talked(
    path: Path, pilot: Pilot[None], app: ShammahApp, turns: Sequence[tuple[str, str]]
) -> None:
    """Wait until a conversation that was kept is shown."""
    await wait_until(pilot, lambda: len(pane(app).boxes) == 2 * len(turns))
    await wait_until(pilot, lambda: all(box.message_id for box in pane(app).boxes))


@dataclass
class Opened:
    """An app on a conversation that was kept."""

    path: Path
    turns: list[tuple[str, str]]
    claude: FakeBackend = field(default_factory=lambda: FakeBackend("anew", CLAUDE_DONE))
    board: Board = field(default_factory=Board)
    settings: Settings = field(default_factory=Settings)

    async def app(self) -> ShammahApp:
        await kept(self.path, self.turns)
        return Stage(
            claude=self.claude,
            settings=self.settings,
            store_path=self.path,
            continue_last=True,
            clipboard=self.board,
        ).app()

    async def ready(self, pilot: Pilot[None], app: ShammahApp) -> None:
        await talked(self.path, pilot, app, self.turns)

    async def at(self, pilot: Pilot[None], app: ShammahApp, text: str) -> None:
        """Move the focus to a message."""
        await self.ready(pilot, app)
        await pilot.press("ctrl+up")
        while focused(app) != text:
            before = focused(app)
            await pilot.press("up")
            assert focused(app) != before


@pytest.fixture
def talk(tmp_path: Path) -> Opened:
    return Opened(tmp_path / "store.db", [("one", "1"), ("two", "2")])


@pytest.fixture
def code(tmp_path: Path) -> Opened:
    return Opened(tmp_path / "store.db", [("code?", TWO_BLOCKS)])


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
        assert "On a reply: save its code block to a file" not in ids
        await pilot.press("ctrl+up")
        await wait_until(pilot, lambda: "Copy code" in footer(app))
        assert {"Copy", "Save code", "Quote", "Receipt", "Again", "Other side"} <= set(footer(app))
        assert not {"Edit", "Undo", "Earlier", "Later"} & set(footer(app))
        ids = {command.title for command in system_commands(app, app.screen, {})}
        assert "On a reply: save its code block to a file" in ids
        assert "On a question: change it and ask again" not in ids
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
        assert "not known" in said(app)[0]


async def test_code_blocks_are_copied_one_after_the_other(code: Opened) -> None:
    app = await code.app()
    async with app.run_test() as pilot:
        await code.at(pilot, app, TWO_BLOCKS)
        await pilot.press("k", "k", "k")
        await wait_until(pilot, lambda: code.board.copied == ["print(1)\n", "ls\n", "print(1)\n"])
        await wait_until(pilot, lambda: "Code block 2 of 2 was copied" in said(app))


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
        assert "it was complete" in shown
        await pilot.press("i")
        await wait_until(pilot, lambda: not app.screen.query(ReceiptView))
        await pilot.click(RouterLabel)
        await wait_until(pilot, lambda: bool(app.screen.query(ReceiptView)))


async def test_again_shows_the_versions_and_left_and_right_switch(talk: Opened) -> None:
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.at(pilot, app, "1")
        await pilot.press("r")
        await wait_until(pilot, lambda: texts(app) == ["one", "anew"])
        await wait_until(pilot, lambda: pane(app).boxes[1].border_title == "2/2")
        assert [message.text for message in talk.claude.asked[-1]] == ["one"]
        assert focused(app) == "anew"
        await pilot.press("left")
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "two", "2"])
        await wait_until(pilot, lambda: focused(app) == "1")
        assert pane(app).boxes[1].border_title == "1/2"
        await pilot.press("]")
        await wait_until(pilot, lambda: focused(app) == "anew")


async def test_the_other_side_is_asked_and_says_why_it_cannot(talk: Opened) -> None:
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.at(pilot, app, "1")
        await pilot.press("o")
        await wait_until(pilot, lambda: bool(said(app)))
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "two", "2"])
        assert talk.claude.asked == []
        await wait_until(pilot, lambda: focused(app) == "one")


async def test_a_new_reply_can_be_stopped_and_the_old_one_comes_back(talk: Opened) -> None:
    talk.claude.steps = (asyncio.Event(),)
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.at(pilot, app, "2")
        await pilot.press("r")
        await asyncio.wait_for(talk.claude.waiting.wait(), 10)
        await pilot.press("escape")
        await wait_until(pilot, lambda: talk.claude.ended == 1)
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "two", "2"])


async def test_a_question_is_edited_and_the_draft_waits(talk: Opened) -> None:
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.ready(pilot, app)
        await pilot.press(*"draft")
        await talk.at(pilot, app, "one")
        await pilot.press("e")
        await wait_until(pilot, lambda: composer(app).text == "one")
        assert composer(app).border_title == "Editing an earlier question · Esc gives it up"
        await pilot.press("escape")
        await wait_until(pilot, lambda: composer(app).text == "draft")
        assert composer(app).border_title is None
        await talk.at(pilot, app, "one")
        await pilot.press("e")
        await wait_until(pilot, lambda: composer(app).text == "one")
        await pilot.press("!", "enter")
        await wait_until(pilot, lambda: texts(app) == ["one!", "anew"])
        await wait_until(pilot, lambda: pane(app).boxes[0].border_title == "2/2")
        assert composer(app).text == "draft"
        assert composer(app).edited_id is None
        await talk_to(pilot, app, "one!")
        await pilot.press("left")
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "two", "2"])


async def talk_to(pilot: Pilot[None], app: ShammahApp, text: str) -> None:
    await pilot.press("ctrl+up")
    while focused(app) != text:
        await pilot.press("up")


async def test_an_edit_that_nobody_answers_comes_back_to_be_sent_again(talk: Opened) -> None:
    talk.claude.steps = (UNREACHABLE,)
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.at(pilot, app, "two")
        await pilot.press("e")
        await wait_until(pilot, lambda: composer(app).text == "two")
        await pilot.press("!", "enter")
        await wait_until(pilot, lambda: bool(said(app)))
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "two", "2"])
        assert composer(app).text == "two!"
        assert composer(app).edited_id is not None
        talk.claude.steps = ("anew", CLAUDE_DONE)
        await pilot.press("enter")
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "two!", "anew"])


async def test_a_fork_is_a_conversation_of_its_own(talk: Opened) -> None:
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.at(pilot, app, "1")
        await pilot.press("f")
        await wait_until(pilot, lambda: texts(app) == ["one", "1"])
        await wait_until(pilot, lambda: app.focused is composer(app))
        await pilot.press(*"three", "enter")
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "three", "anew"])


async def test_a_turn_is_deleted_and_comes_back(talk: Opened) -> None:
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.at(pilot, app, "1")
        await pilot.press("d")
        await wait_until(pilot, lambda: texts(app) == ["two", "2"])
        await wait_until(pilot, lambda: focused(app) == "two")
        await pilot.press("u")
        await wait_until(pilot, lambda: texts(app) == ["one", "1", "two", "2"])
        await wait_until(pilot, lambda: focused(app) == "one")


async def test_with_the_last_message_gone_undo_is_still_at_hand(tmp_path: Path) -> None:
    talk = Opened(tmp_path / "store.db", [("one", "1")])
    app = await talk.app()
    async with app.run_test() as pilot:
        await talk.at(pilot, app, "1")
        await pilot.press("d")
        await wait_until(pilot, lambda: texts(app) == [])
        await wait_until(pilot, lambda: app.focused is composer(app))
        await pilot.press(*"/undo", "enter")
        await wait_until(pilot, lambda: texts(app) == ["one", "1"])


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
