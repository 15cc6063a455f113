import asyncio

from textual.widgets import Markdown, Static

from shammah_tui.core.conversation.reply import ReplyDone, StopReason, Usage
from shammah_tui.core.wording.unanswered import HELP_LINE
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_pane import ChatPane
from shammah_tui.ui.chat.question import Question
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.reply.reply_label import RouterLabel
from shammah_tui.ui.reply.reply_view import ReplyView
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE, GONE, UNREACHABLE
from tests.ui.apps import Stage, wait_until


def labels(app: ShammahApp) -> list[str]:
    return [label.label for label in app.screen.query(RouterLabel)]


def replies(app: ShammahApp) -> list[str]:
    return [markdown.source for markdown in app.screen.query(Markdown)]


def notes(app: ShammahApp) -> list[str]:
    return [str(note.content) for note in app.screen.query(".end").results(Static)]


async def test_a_reply_is_streamed_under_its_label() -> None:
    more = asyncio.Event()
    backend = FakeBackend("Hello ", more, "*world*", CLAUDE_DONE)
    app = Stage(claude=backend).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: replies(app) == ["Hello "])
        assert labels(app)[0].startswith("Claude · model")
        more.set()
        await wait_until(pilot, lambda: replies(app) == ["Hello *world*"])
        await wait_until(pilot, lambda: not app.screen.query(".waiting"))
        assert notes(app) == []


async def test_escape_stops_and_keeps_what_came_and_the_draft() -> None:
    backend = FakeBackend("So far", asyncio.Event())
    app = Stage(claude=backend).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: replies(app) == ["So far"])
        await pilot.press(*"draft", "escape")
        await wait_until(pilot, lambda: notes(app) == ["Stopped. F7 continues."])
        assert replies(app) == ["So far"]
        assert backend.ended == 1
        assert app.screen.query_one(Composer).text == "draft"
        backend.steps = ("Again", CLAUDE_DONE)
        await pilot.press("enter")
        await wait_until(pilot, lambda: replies(app) == ["So far", "Again"])
        said = [message.text for message in backend.asked[-1]]
        assert said == ["hi", "So far", "draft"]


async def test_one_question_at_a_time_keeps_the_second_in_the_composer() -> None:
    backend = FakeBackend("So far", asyncio.Event())
    app = Stage(claude=backend).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: replies(app) == ["So far"])
        await pilot.press(*"two", "enter")
        await wait_until(pilot, lambda: app.screen.query_one(Composer).text == "two")
        assert len(app.screen.query(Question)) == 1


async def test_nobody_can_answer_is_said_once_and_the_question_comes_back() -> None:
    app = Stage(offline=True).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: bool(notes(app)))
        assert "ANTHROPIC_API_KEY" in notes(app)[0]
        assert app.screen.query_one(Composer).text == "hi"
        # It is in one place only.
        assert (labels(app), len(app.screen.query(Question))) == ([], 0)


async def test_a_crisis_shows_where_to_find_help_even_when_nobody_can_answer() -> None:
    app = Stage(offline=True).app()
    async with app.run_test() as pilot:
        app.screen.query_one(Composer).text = "I want to kill myself"
        await pilot.press("enter")
        await wait_until(pilot, lambda: bool(notes(app)))
        lines = [str(line.content) for line in app.screen.query(".help-line").results(Static)]
        assert lines == [HELP_LINE]


async def test_what_breaks_off_is_kept_and_said() -> None:
    app = Stage(claude=FakeBackend("Half a", GONE)).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: bool(notes(app)))
        assert replies(app) == ["Half a"]
        assert notes(app)[0].startswith("Interrupted: ")


async def test_a_fault_inside_is_one_sentence_and_the_question_comes_back() -> None:
    broken = FakeBackend()
    app = Stage(claude=broken).app()
    async with app.run_test() as pilot:
        broken.reply = None  # type: ignore[method-assign, assignment]
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: bool(notes(app)))
        assert notes(app)[0].startswith("Something went wrong inside")
        assert app.screen.query_one(Composer).text == "hi"


async def test_a_cut_reply_says_so() -> None:
    cut = ReplyDone(StopReason.LENGTH, Usage(), "m")
    app = Stage(claude=FakeBackend("Long", cut)).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: bool(notes(app)))
        assert notes(app)[0].startswith("Cut off")


async def test_markup_and_control_characters_are_text() -> None:
    backend = FakeBackend("[red]no[/red] \x1b[31mred\x07 [link", CLAUDE_DONE)
    app = Stage(claude=backend).app()
    async with app.run_test() as pilot:
        app.screen.query_one(Composer).text = "[bold]x[/bold] \x1b]0;title\x07"
        await pilot.press("enter")
        await wait_until(pilot, lambda: bool(replies(app)))
        assert replies(app) == ["[red]no[/red] [31mred [link"]
        assert str(app.screen.query_one(Question).content) == "[bold]x[/bold] ]0;title"
        assert "\x1b" not in app.export_screenshot()


async def test_failure_before_any_text_leaves_no_label_of_a_reply() -> None:
    app = Stage(claude=FakeBackend(UNREACHABLE)).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: bool(notes(app)))
        assert labels(app) == []


async def test_it_follows_the_end_until_the_user_scrolls_away() -> None:
    more = asyncio.Event()
    lines = "\n\n".join(f"line {number}" for number in range(60))
    app = Stage(claude=FakeBackend(lines, more, f"\n\n{lines}", CLAUDE_DONE)).app()
    async with app.run_test(size=(80, 24)) as pilot:
        pane = app.screen.query_one(ChatPane)
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: pane.max_scroll_y > 60)
        await wait_until(pilot, lambda: pane.scroll_y == pane.max_scroll_y)
        await pilot.press("pageup")
        await wait_until(pilot, lambda: pane.scroll_y < pane.max_scroll_y)
        there = pane.scroll_y
        more.set()
        await wait_until(pilot, lambda: pane.max_scroll_y > 200)
        assert pane.scroll_y == there
        await pilot.press("ctrl+end")
        await wait_until(pilot, lambda: pane.scroll_y == pane.max_scroll_y)


async def test_a_reply_without_text_says_so() -> None:
    app = Stage(claude=FakeBackend(CLAUDE_DONE)).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: bool(notes(app)))
        assert "empty" in notes(app)[0]
        assert len(app.screen.query(ReplyView)) == 1
