"""What was written is had back: after leaving, other conversations, edits, recall and undo."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.events import Key, Paste
from textual.pilot import Pilot

from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_screen import StartPhase
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.chat.test_places import choose
from tests.ui.kept import kept
from tests.ui.opened import focused, pane, said
from tests.ui.steps import composer, questions

LINES = "\n".join(f"line {n}" for n in range(12))
OTHER = "\n".join(f"other {n}" for n in range(30))
FOLDED = "[pasted 1: 12 lines]"


class Desk:
    """An app that is started again and again on one store."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.claude = FakeBackend("yes", CLAUDE_DONE)

    @asynccontextmanager
    async def run(
        self, *, continue_last: bool = False
    ) -> AsyncIterator[tuple[Pilot[None], ShammahApp]]:
        app = Stage(claude=self.claude, store_path=self.path, continue_last=continue_last).app()
        async with app.run_test(size=(100, 30)) as pilot:
            await wait_until(pilot, lambda: app._chat.phase is StartPhase.READY)
            await wait_until(pilot, lambda: not composer(app)._awaits_older)
            yield pilot, app

    @property
    def asked(self) -> list[str]:
        return [messages[-1].text for messages in self.claude.asked]

    async def ask(self, pilot: Pilot[None], app: ShammahApp, text: str) -> None:
        await pilot.press(*text)
        await self.send(pilot, app)

    async def send(self, pilot: Pilot[None], app: ShammahApp) -> None:
        count = len(self.claude.asked)
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(self.claude.asked) == count + 1)
        await app.workers.wait_for_complete()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "store.db")


async def paste(pilot: Pilot[None], app: ShammahApp, text: str) -> None:
    before = composer(app).text
    app.post_message(Paste(text))
    await wait_until(pilot, lambda: composer(app).text != before)


async def test_a_folded_paste_is_there_after_a_restart(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        await pilot.press(*"see ")
        await paste(pilot, app, LINES)
    async with desk.run() as (pilot, app):
        assert composer(app).text == f"see {FOLDED}"
        # Another paste is another one, and stands for itself.
        await paste(pilot, app, OTHER)
        assert composer(app).text == f"see {FOLDED}[pasted 2: 30 lines]"
        await desk.send(pilot, app)
    assert desk.asked == [f"see {LINES}{OTHER}"]


async def test_a_placeholder_that_was_typed_is_text(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        await paste(pilot, app, LINES)
        await pilot.press("ctrl+l", *FOLDED)
        await desk.send(pilot, app)
        await paste(pilot, app, LINES)
        await pilot.press("home", *FOLDED)
        await desk.send(pilot, app)
    assert desk.asked == [FOLDED, f"{FOLDED}{LINES}"]


async def test_undo_brings_back_what_was_sent_with_its_paste(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        await paste(pilot, app, LINES)
        await desk.send(pilot, app)
        assert composer(app).text == ""
        await pilot.press("ctrl+z")
        assert composer(app).text == FOLDED
        await desk.send(pilot, app)
    assert desk.asked == [LINES, LINES]


@pytest.mark.parametrize("key", ["ctrl+l", "ctrl+u", "ctrl+w", "backspace", "ctrl+k"])
async def test_a_placeholder_goes_whole_and_comes_back_whole(desk: Desk, key: str) -> None:
    async with desk.run() as (pilot, app):
        await paste(pilot, app, LINES)
        if key == "ctrl+k":
            await pilot.press("home", "right", "left")
        await pilot.press(key)
        assert composer(app).text == ""
        await pilot.press("ctrl+z")
        await desk.send(pilot, app)
    assert desk.asked == [LINES]


async def test_the_caret_goes_over_a_placeholder_as_one(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        await paste(pilot, app, LINES)
        await pilot.press("left", "a", "right", "b", "ctrl+left", "ctrl+left", "c")
        composer(app).move_cursor((0, 5))
        await pilot.press("d")
        await desk.send(pilot, app)
    (asked,) = desk.asked
    assert asked.replace(LINES, "*") in ("ac*db", "ca*db")


async def test_a_draft_with_a_paste_is_there_after_another_conversation(desk: Desk) -> None:
    await kept(desk.path, [("first", "1")], [("second", "2")])
    async with desk.run() as (pilot, app):
        await choose(pilot, app, "first")
        await wait_until(pilot, lambda: questions(app) == ["first"])
        await paste(pilot, app, LINES)
        await choose(pilot, app, "second")
        await wait_until(pilot, lambda: questions(app) == ["second"])
        assert composer(app).text == ""
        await choose(pilot, app, "first")
        await wait_until(pilot, lambda: composer(app).text == FOLDED)
        await desk.send(pilot, app)
    assert desk.asked == [LINES]


async def edit_first(pilot: Pilot[None], app: ShammahApp) -> None:
    await pilot.press("ctrl+up", "up", "e")
    await wait_until(pilot, lambda: composer(app).edited_id is not None)


async def test_an_edit_leaves_the_draft_with_its_paste(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        await desk.ask(pilot, app, "first")
        await paste(pilot, app, LINES)
        await edit_first(pilot, app)
        assert composer(app).text == "first"
        await pilot.press(*" changed")
        await desk.send(pilot, app)
        await wait_until(pilot, lambda: composer(app).text == FOLDED)
        await desk.send(pilot, app)
    assert desk.asked == ["first", "first changed", LINES]


async def test_an_edit_that_was_given_up_is_had_back(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        await desk.ask(pilot, app, "first")
        await pilot.press(*"draft")
        await edit_first(pilot, app)
        await pilot.press(*" changed", "escape")
        assert (composer(app).text, composer(app).edited_id) == ("draft", None)
        await pilot.press("ctrl+z")
        assert composer(app).text == "first changed" and composer(app).edited_id is not None
        assert composer(app).draft.text == "draft"
        await pilot.press("escape", "up")
        assert composer(app).text == "first changed" and composer(app).edited_id is None
        await pilot.press("down")
        assert composer(app).text == "draft"


async def test_an_edit_in_the_making_is_there_after_a_restart(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        await desk.ask(pilot, app, "first")
        await pilot.press(*"draft")
        await edit_first(pilot, app)
        await pilot.press(*" changed")
    async with desk.run(continue_last=True) as (pilot, app):
        await wait_until(pilot, lambda: composer(app).text == "draft")
        await pilot.press("up")
        assert composer(app).text == "first changed"


async def test_what_was_sent_is_edited_folded_as_it_was_pasted(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        await paste(pilot, app, LINES)
        await desk.send(pilot, app)
        await edit_first(pilot, app)
        assert composer(app).text == FOLDED
        await pilot.press("escape", "up")
        assert composer(app).text == FOLDED


async def test_the_draft_is_back_after_an_earlier_question_was_sent_again(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        await desk.ask(pilot, app, "one")
        await pilot.press(*"a", "ctrl+j", *"b", "ctrl+j", *"c", "up", "up", "up")
        assert composer(app).text == "one"
        await desk.send(pilot, app)
        await pilot.press("down")
        assert composer(app).text == "a\nb\nc"
        await pilot.press("ctrl+z")
        assert composer(app).text == "one"
        await pilot.press("down")
        assert composer(app).text == "a\nb\nc"
    assert desk.asked == ["one", "one"]


async def test_a_recalled_question_that_was_changed_stays_so(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        await desk.ask(pilot, app, "one")
        await desk.ask(pilot, app, "two")
        await pilot.press("up", *" CHANGED", "up", "down")
        assert composer(app).text == "two CHANGED"
        await pilot.press("down")
        assert composer(app).text == ""


@pytest.mark.parametrize("way", ["quit", "other"])
async def test_leaving_at_a_recalled_question_keeps_the_draft(desk: Desk, way: str) -> None:
    await kept(desk.path, [("other", "2")])
    async with desk.run() as (pilot, app):
        await desk.ask(pilot, app, "one")
        await pilot.press(*"the draft", "up", "!")
        assert composer(app).text == "one!"
        if way == "other":
            await choose(pilot, app, "other")
            await wait_until(pilot, lambda: questions(app) == ["other"])
            await choose(pilot, app, "one")
            await wait_until(pilot, lambda: composer(app).text == "the draft")
    async with desk.run(continue_last=True) as (pilot, app):
        await wait_until(pilot, lambda: composer(app).text == "the draft")
        await pilot.press("up")
        assert composer(app).text == "one!"


async def test_a_draft_outlives_going_on_where_there_is_nothing(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        await paste(pilot, app, LINES)
    async with desk.run(continue_last=True) as (pilot, app):
        await wait_until(pilot, lambda: composer(app).text == FOLDED)
    async with desk.run() as (pilot, app):
        assert composer(app).text == FOLDED


async def test_a_draft_outlives_going_on_and_a_new_conversation(desk: Desk) -> None:
    await kept(desk.path, [("kept", "1")])
    async with desk.run() as (pilot, app):
        await paste(pilot, app, LINES)
    async with desk.run(continue_last=True) as (pilot, app):
        await wait_until(pilot, lambda: questions(app) == ["kept"])
        assert composer(app).text == ""
        await pilot.press("ctrl+n")
        await wait_until(pilot, lambda: questions(app) == [])
        assert composer(app).text == FOLDED
    async with desk.run() as (pilot, app):
        assert composer(app).text == FOLDED


async def test_where_two_drafts_meet_none_is_lost(desk: Desk) -> None:
    await kept(desk.path, [("kept", "1")])
    async with desk.run() as (pilot, app):
        await paste(pilot, app, LINES)
    async with desk.run(continue_last=True) as (pilot, app):
        await wait_until(pilot, lambda: questions(app) == ["kept"])
        await pilot.press(*"another", "ctrl+n")
        await wait_until(pilot, lambda: questions(app) == [])
        assert composer(app).text == "another"
    async with desk.run() as (pilot, app):
        assert composer(app).text == "another"
        await pilot.press("up")
        assert composer(app).text == FOLDED
        await desk.send(pilot, app)
        assert composer(app).text == "another"
    assert desk.asked == [LINES]


async def test_a_fork_leaves_the_draft_to_be_had(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        await desk.ask(pilot, app, "one")
        await paste(pilot, app, LINES)
        await pilot.press("ctrl+up", "up", "f")
        await wait_until(pilot, lambda: composer(app).text == "one")
        await pilot.press("up")
        assert composer(app).text == FOLDED


async def test_up_brings_the_questions_of_all_conversations_the_newest_first(desk: Desk) -> None:
    await kept(desk.path, [("a1", "1"), ("a2", "2")], [("b1", "1"), ("b2", "2")])
    async with desk.run() as (pilot, app):
        seen = []
        for _ in range(5):
            await pilot.press("up")
            seen.append(composer(app).text)
        assert seen == ["b2", "b1", "a2", "a1", "a1"]
        await choose(pilot, app, "a1")
        await wait_until(pilot, lambda: questions(app) == ["a1", "a2"])
        await wait_until(pilot, lambda: not composer(app)._awaits_older)
        composer(app).load_text("")
        seen = []
        for _ in range(4):
            await pilot.press("up")
            seen.append(composer(app).text)
        assert seen == ["a2", "a1", "b2", "b1"]


async def test_up_that_comes_too_early_is_done_once_the_questions_are_read(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        composer(app).await_older()
        await pilot.press("up")
        assert composer(app).text == ""
        composer(app).add_older(["one", "two"])
        assert composer(app).text == "two"


async def test_indentation_of_the_first_line_is_sent(desk: Desk) -> None:
    text = "    def f(self):\n        return 1"
    async with desk.run() as (pilot, app):
        await paste(pilot, app, f"\n{text}\n\n")
        await desk.send(pilot, app)
        assert questions(app) == [text]
    assert desk.asked == [text]


@pytest.mark.parametrize("text", ["\u200b", "\ufeff\n\u2800", "\u3164 \u00ad", "@local \u200b"])
async def test_what_nobody_can_see_is_not_sent(desk: Desk, text: str) -> None:
    async with desk.run() as (pilot, app):
        await paste(pilot, app, text)
        await pilot.press("enter")
        await pilot.pause()
        assert desk.asked == []
        assert text.startswith("@") or (questions(app) == [] and composer(app).text == text)


async def test_letters_on_a_message_that_cannot_do_that_now(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        await desk.ask(pilot, app, "one")
        await pilot.press("ctrl+up")
        for key, why in (
            ("e", "Only a question can be edited"),
            ("k", "There is no code block in this message"),
            ("left_square_bracket", "There is no earlier version"),
            ("u", "Nothing to undo"),
        ):
            await pilot.press(key)
            await wait_until(pilot, lambda why=why: why in said(app))  # type: ignore[misc]
            assert focused(app) == "yes"
        assert composer(app).text == ""


async def test_a_quotation_is_what_is_marked(desk: Desk) -> None:
    await kept(desk.path, [("q", "First paragraph here.\n\nSecond one.")])
    async with desk.run(continue_last=True) as (pilot, app):
        await wait_until(pilot, lambda: len(pane(app).boxes) == 2)
        await pilot.press("ctrl+up")
        app.screen.get_selected_text = lambda: "Second"  # type: ignore[method-assign]
        await pilot.press("q")
        await wait_until(pilot, lambda: composer(app).text == "> Second\n\n")


async def test_ctrl_c_says_what_ends_a_reply_and_what_the_program(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        await pilot.press("ctrl+c")
        await wait_until(pilot, lambda: said(app) == ["Ctrl+Q quits Shammah"])


async def test_letters_on_a_reply_that_is_being_written_change_nothing(tmp_path: Path) -> None:
    goes_on = asyncio.Event()
    app = Stage(
        claude=FakeBackend("begun", goes_on, CLAUDE_DONE), store_path=tmp_path / "store.db"
    ).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: composer(app).has_focus)
        await pilot.press(*"one", "enter")
        await wait_until(pilot, lambda: "begun" in [box.text for box in pane(app).boxes])
        await pilot.press(*"next", "ctrl+c")
        await wait_until(pilot, lambda: "Esc stops the reply" in said(app))
        await pilot.press("ctrl+up")
        await wait_until(pilot, lambda: focused(app) == "begun")
        await pilot.press(*"rid")
        await pilot.pause()
        assert focused(app) == "begun" and composer(app).text == "next"
        await wait_until(pilot, lambda: any("Wait for this reply" in each for each in said(app)))
        goes_on.set()


async def test_tab_indents_as_the_line_above_or_does_nothing(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        await desk.ask(pilot, app, "one")
        await pilot.press("tab")
        assert app.focused is composer(app) and composer(app).text == ""
        await pilot.press(*"for", "tab", "ctrl+j", "tab", *"a", "shift+tab", "tab")
        assert composer(app).text == "for\na   "
        await pilot.press("ctrl+l", *"x", "home", "tab", "ctrl+z", "ctrl+l")
        composer(app).load_text("\tb\n")
        await pilot.press("tab", *"c")
        assert composer(app).text == "\tb\n\tc"
        assert app.focused is composer(app)


async def test_alt_letters_write_nothing(desk: Desk) -> None:
    async with desk.run() as (pilot, app):
        app.post_message(Key("alt+d", "d"))
        await pilot.press("x")
        assert composer(app).text == "x"


async def test_up_before_anything_was_read_is_no_key_that_is_lost(desk: Desk) -> None:
    await kept(desk.path, [("kept", "1")])
    app = Stage(claude=desk.claude, store_path=desk.path, continue_last=True).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("up")
        await wait_until(pilot, lambda: composer(app).text == "kept")
