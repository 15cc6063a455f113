"""Thoughts in their folded block, and the key that goes on with a cut reply."""

import asyncio
from dataclasses import replace
from pathlib import Path

from textual.widgets import Static

from shammah_tui.core.conversation.reply import StopReason, TextWasThought, ThinkingDelta
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_pane import ChatPane
from shammah_tui.ui.frame.key_line import KeyLine
from shammah_tui.ui.reply.reply_view import ReplyView
from shammah_tui.ui.reply.thought_block import LONGEST_PIECE, ThoughtBlock
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE, GONE
from tests.ui.apps import Stage, wait_until
from tests.ui.chat.test_chat_screen import labels, notes, replies
from tests.ui.local_model import load, loaded

CUT = replace(CLAUDE_DONE, stop_reason=StopReason.LENGTH)


def footer(app: ShammahApp) -> set[str]:
    return {key.description for key in app.screen.query_one(KeyLine).offered}


def folds(app: ShammahApp) -> list[str]:
    return [str(line.content) for line in app.screen.query(".fold").results(Static)]


def thoughts(app: ShammahApp) -> str:
    pieces = app.screen.query(".thoughts Static").results(Static)
    return "\n".join(str(piece.content) for piece in pieces)


async def test_thoughts_stream_into_a_folded_block_above_the_reply() -> None:
    more, done = asyncio.Event(), asyncio.Event()
    backend = FakeBackend(
        ThinkingDelta("Let me see. "), more, ThinkingDelta("x" * 1200), done, "Blue", CLAUDE_DONE
    )
    app = Stage(claude=backend).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: folds(app) == ["▸ Thinking… (12 characters)"])
        assert app.screen.query(".waiting")
        assert not app.screen.query_one(".thoughts").display
        more.set()
        await wait_until(pilot, lambda: folds(app) == ["▸ Thinking… (1.2k characters)"])
        done.set()
        await wait_until(pilot, lambda: replies(app) == ["Blue"])
        await wait_until(pilot, lambda: folds(app) == ["▸ Thought for 1 s"])
        (view,) = app.screen.query(ReplyView)
        kinds = [type(child).__name__ for child in view.children]
        assert kinds[:2] == ["RouterLabel", "ThoughtBlock"] and len(kinds) == 3
        assert "x" * 20 not in app.export_screenshot()


async def test_a_key_or_a_click_unfolds_them() -> None:
    backend = FakeBackend(ThinkingDelta("Let me see."), "Blue", CLAUDE_DONE)
    app = Stage(claude=backend).app()
    async with app.run_test() as pilot:
        assert "Thoughts" not in footer(app)
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: replies(app) == ["Blue"])
        await wait_until(pilot, lambda: "Thoughts" in footer(app))
        await pilot.press("f6")
        await wait_until(pilot, lambda: folds(app)[0].startswith("▾ Thought for"))
        assert "see" in app.export_screenshot()
        await pilot.press("f6")
        await wait_until(pilot, lambda: folds(app)[0].startswith("▸"))
        await pilot.click(".fold")
        await wait_until(pilot, lambda: app.screen.query_one(ThoughtBlock).unfolded)


async def test_they_are_not_copied_with_the_reply() -> None:
    backend = FakeBackend(ThinkingDelta("secret thought"), "It is blue", CLAUDE_DONE)
    app = Stage(claude=backend).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: replies(app) == ["It is blue"])
        await pilot.press("f6")
        await wait_until(pilot, lambda: "secret" in app.export_screenshot())
        app.screen.text_select_all()
        await pilot.pause()
        selected = app.screen.get_selected_text() or ""
        assert "It is blue" in selected
        assert "secret" not in selected
        assert "Thought for" not in selected
        # Nor by a selection that begins in it.
        block = app.screen.query_one(ThoughtBlock)
        assert not any(line.allow_select for line in block.query(Static))


async def test_long_thoughts_are_whole_and_markup_is_text() -> None:
    lines = "".join(f"[b]{number}[/b] line\n" for number in range(600))
    assert len(lines) > 3 * LONGEST_PIECE
    steps = [ThinkingDelta(lines[n : n + 100]) for n in range(0, len(lines), 100)]
    gates = [asyncio.Event() for _ in steps]
    for gate in gates[:-1]:
        gate.set()
    paired = [each for pair in zip(steps, gates, strict=True) for each in pair]
    app = Stage(claude=FakeBackend(*paired, "Blue", CLAUDE_DONE)).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: thoughts(app) == lines)
        gates[-1].set()
        await wait_until(pilot, lambda: replies(app) == ["Blue"])
        assert thoughts(app) == lines


async def test_thoughts_of_who_then_did_not_reply_go_with_the_label() -> None:
    app = Stage(claude=FakeBackend(ThinkingDelta("Hm."), GONE)).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: bool(notes(app)))
        assert labels(app) == []


async def test_thoughts_give_way_to_those_of_who_takes_over() -> None:
    stage = Stage(claude=FakeBackend("From there", CLAUDE_DONE))
    app = stage.app()
    async with app.run_test() as pilot:
        engine = await load(stage, pilot)
        engine.thought, engine.trouble = "Let me see", GONE
        await loaded(pilot, app, engine)
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: replies(app) == ["From there"])
        assert labels(app) == ["Claude Sonnet 5.5 · local engine stopped"]
        assert folds(app) == []


async def test_stopped_in_its_thoughts_it_says_how_long_they_took() -> None:
    app = Stage(claude=FakeBackend(ThinkingDelta("Hm."), asyncio.Event())).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: bool(folds(app)))
        await pilot.press("escape")
        await wait_until(pilot, lambda: notes(app) == ["Stopped. F7 continues."])
        assert folds(app) == ["▸ Thought for 1 s"]


async def test_stopped_in_its_thoughts_it_can_be_worked_with_as_it_is() -> None:
    """It is kept, and has its number and its receipt before the conversation is opened again."""
    backend = FakeBackend(ThinkingDelta("Hm."), asyncio.Event())
    app = Stage(claude=backend).app()
    async with app.run_test(size=(160, 30)) as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: bool(folds(app)))
        await pilot.press("escape")
        await wait_until(pilot, lambda: notes(app) == ["Stopped. F7 continues."])
        await wait_until(pilot, lambda: "Stop" not in footer(app))
        question, reply = app.screen.query_one(ChatPane).boxes
        assert question.message_id is not None and reply.message_id is not None
        assert reply.receipt is not None and reply.receipt.stop_reason is StopReason.STOPPED
        await pilot.press("ctrl+up")
        await wait_until(pilot, lambda: {"Regenerate", "Receipt", "Delete"} <= footer(app))
        backend.steps = ("Blue", CLAUDE_DONE)
        await pilot.press("r")
        await wait_until(pilot, lambda: replies(app) == ["Blue"])


async def test_a_cut_reply_goes_on_in_its_place() -> None:
    backend = FakeBackend("One ", CUT)
    app = Stage(claude=backend).app()
    async with app.run_test() as pilot:
        assert "Continue" not in footer(app)
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: "Continue" in footer(app))
        assert notes(app)[0].startswith("Cut off")
        gate = asyncio.Event()
        backend.steps = ("two ", gate, CUT)
        await pilot.press("f7")
        await wait_until(pilot, lambda: replies(app) == ["One two "])
        assert notes(app) == []
        assert "Continue" not in footer(app)
        gate.set()
        await wait_until(pilot, lambda: "Continue" in footer(app))
        backend.steps = ("*three*", CLAUDE_DONE)
        await pilot.press("f7")
        await wait_until(pilot, lambda: replies(app) == ["One two *three*"])
        await wait_until(pilot, lambda: not app.screen.query(".waiting"))
        assert "Continue" not in footer(app)
        assert notes(app) == []
        assert len(app.screen.query(ReplyView)) == 1
        # Pressed when there is nothing to go on with it does nothing.
        await pilot.press("f7")
        await pilot.pause()
        assert len(backend.asked) == 3


async def test_a_rest_that_does_not_come_leaves_what_there_is_and_its_label() -> None:
    backend = FakeBackend("One ", CUT)
    app = Stage(claude=backend).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: "Continue" in footer(app))
        (label,) = labels(app)
        backend.steps = (GONE,)
        await pilot.press("f7")
        await wait_until(
            pilot, lambda: notes(app)[:1] != [] and "No model available" in notes(app)[0]
        )
        assert labels(app) == [label]
        assert replies(app) == ["One "]
        await wait_until(pilot, lambda: "Continue" in footer(app))


async def test_a_new_question_takes_the_key_away() -> None:
    backend = FakeBackend("One ", CUT)
    app = Stage(claude=backend).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: "Continue" in footer(app))
        backend.steps = ("Else", CLAUDE_DONE)
        await pilot.press(*"ho", "enter")
        await wait_until(pilot, lambda: replies(app) == ["One ", "Else"])
        await wait_until(pilot, lambda: "Continue" not in footer(app))


async def test_a_reply_that_turns_out_to_be_a_thought_is_folded_and_stays_so(
    tmp_path: Path,
) -> None:
    more, done = asyncio.Event(), asyncio.Event()
    backend = FakeBackend("First a greeting.", more, TextWasThought(), done, "Hello", CLAUDE_DONE)
    stage = Stage(claude=backend, store_path=tmp_path / "chat.db")
    app = stage.app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: replies(app) == ["First a greeting."])
        more.set()
        await wait_until(pilot, lambda: thoughts(app) == "First a greeting.")
        assert not app.screen.query_one(".thoughts").display
        assert app.screen.query_one(ReplyView).text == ""
        assert app.screen.query(".waiting")
        done.set()
        await wait_until(pilot, lambda: replies(app) == ["Hello"])
        await wait_until(pilot, lambda: not app.screen.query(".waiting"))
        assert thoughts(app) == "First a greeting."
    stage.continue_last = True
    again = stage.app()
    async with again.run_test() as pilot:
        await wait_until(pilot, lambda: replies(again) == ["Hello"])
        assert thoughts(again) == "First a greeting."
