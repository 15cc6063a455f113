"""Long replies and long conversations: what is left out for speed, and that nothing is lost."""

import random
import re
from itertools import pairwise
from pathlib import Path

import pytest
from textual.widget import Widget

from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_pane import MOST, ChatPane
from shammah_tui.ui.chat.question import Question
from shammah_tui.ui.chat.welcome import Welcome
from shammah_tui.ui.reply.code_lines import COLOURED_AT_ONCE, CodeLines
from shammah_tui.ui.reply.passages import LIMIT
from shammah_tui.ui.reply.reply_blocks import ListLine
from shammah_tui.ui.reply.reply_markdown import ReplyMarkdown
from shammah_tui.ui.reply.reply_text import ReplyText
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.kept import kept
from tests.ui.looks import row_of, rows

SENTENCE = "The boats come home with the evening wind, one after another, and go. "
LONG = "\n\n".join(
    [
        f"{SENTENCE * 3}",
        "\n".join(f"- **Item {n}**: {SENTENCE}" for n in range(20)),
        f"{SENTENCE}\n\n> {SENTENCE}\n> - quoted",
        "\n".join(f"{n}. {SENTENCE}" for n in range(1, 31)),
        f"## Head\n\n{SENTENCE * 20}",
        "- one\n  - inner\n  - inner\n\n  second paragraph\n- two",
        f"{SENTENCE * 20}\n\nEnd",
    ]
)


def pane_of(app: ShammahApp) -> ChatPane:
    return app.screen_stack[0].query_one(ChatPane)


async def test_it_looks_the_same_however_it_is_cut() -> None:
    app = Stage(claude=FakeBackend("x", CLAUDE_DONE)).app()
    chance = random.Random(11)
    assert len(LONG) > 4 * LIMIT
    async with app.run_test(size=(100, 160)) as pilot:
        shown = []
        for count in (0, 5, 60):
            await pane_of(app).remove_children()
            text = ReplyText()
            await pane_of(app).mount(text)
            cuts = [0, *sorted(chance.sample(range(1, len(LONG)), count)), len(LONG)]
            for start, end in pairwise(cuts):
                await text.append(LONG[start:end])
            await text.finish()
            await wait_until(pilot, lambda: row_of(app, "End") is not None)
            assert "".join(each.source for each in app.screen.query(ReplyMarkdown)) == LONG
            shown.append(rows(app))
        assert shown[1] == shown[0]
        assert shown[2] == shown[0]
        numbers = re.findall(r"^ *(\d+)\. The boats", "\n".join(shown[0]), re.MULTILINE)
        assert numbers == [str(n) for n in range(1, 31)]


async def test_the_items_of_a_list_stay_while_it_grows() -> None:
    """Made anew for each piece, a list of 80 items holds the screen up for half a second."""
    app = Stage(claude=FakeBackend("x", CLAUDE_DONE)).app()
    async with app.run_test() as pilot:
        text = ReplyText()
        await pane_of(app).mount(text)
        await text.append("- one\n- two\n- thr")
        first: list[Widget] = list(app.screen.query(ListLine))
        await text.append("ee\n- four\n")
        assert list(app.screen.query(ListLine))[:3] == first
        await text.append("  - inner\n")
        await text.finish()
        await pilot.pause()
        assert list(app.screen.query(ListLine))[:3] == first
        places = [row_of(app, f"• {name}") for name in ("one", "two", "three", "four")]
        inner = row_of(app, "▪ inner")
        assert places[0] is not None and inner is not None
        assert [*places, inner] == list(range(places[0], places[0] + 5))


async def test_what_is_far_from_the_screen_is_folded_and_comes_back_where_it_was() -> None:
    paragraphs = [f"Paragraph {number}. {SENTENCE * 3}\n\n" for number in range(150)]
    app = Stage(claude=FakeBackend(*paragraphs, CLAUDE_DONE)).app()
    async with app.run_test(size=(80, 24)) as pilot:
        pane = pane_of(app)
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: row_of(app, "Paragraph 149.") is not None)
        passages = list(app.screen.query(ReplyMarkdown))
        await wait_until(pilot, lambda: passages[0].is_folded and not passages[-1].is_folded)
        live = [each for each in passages if not each.is_folded]
        assert len(live) < len(passages) / 3
        height = pane.virtual_size.height
        pane.scroll_home(animate=False)
        await wait_until(pilot, lambda: row_of(app, "Paragraph 0.") is not None)
        await wait_until(pilot, lambda: passages[-1].is_folded)
        assert pane.virtual_size.height == height
        await pilot.resize_terminal(60, 24)
        await wait_until(pilot, lambda: pane.virtual_size.height > height)
        await wait_until(pilot, lambda: row_of(app, "Paragraph 0.") is not None)


async def test_paging_through_a_long_conversation_loses_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    await kept(tmp_path / "store.db", [(f"question {n}", f"reply {n}") for n in range(60)])
    backend = FakeBackend("a new reply", CLAUDE_DONE)
    app = Stage(claude=backend, store_path=tmp_path / "store.db", continue_last=True).app()
    async with app.run_test(size=(80, 24)) as pilot:
        pane = pane_of(app)

        def asked() -> list[str]:
            return [each.text for each in app.screen.query(Question)]

        await wait_until(pilot, lambda: "question 59" in asked())
        await pilot.press(*"new", "enter")
        await wait_until(pilot, lambda: pane.boxes[-1].message is not None)
        everything = [f"question {n}" for n in range(60)] + ["new"]
        seen = set()
        for key in ("pageup", "pagedown"):
            for _ in range(120):
                await pilot.press(key)
                shown = asked()
                first = everything.index(shown[0])
                assert shown == everything[first : first + len(shown)]
                assert len(pane.boxes) <= MOST + 6
                seen.update(shown)
            end = "question 0" if key == "pageup" else "new"
            assert end in asked()
        assert seen == set(everything)
        assert row_of(app, "a new reply") is not None


async def test_when_the_last_turn_is_deleted_the_welcome_is_back(tmp_path: Path) -> None:
    await kept(tmp_path / "store.db", [("question", "reply")])
    stage = Stage(claude=FakeBackend("x"), store_path=tmp_path / "store.db", continue_last=True)
    app = stage.app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: len(pane_of(app).boxes) == 2)
        await pilot.press("ctrl+up")
        await wait_until(pilot, lambda: pane_of(app).boxes[1].has_focus)
        await pilot.press("up", "d")
        await wait_until(pilot, lambda: bool(app.screen.query(Welcome)))
        assert not pane_of(app).boxes
        assert row_of(app, "Ask anything.") is not None


async def test_code_is_coloured_once_it_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def guess(*_: object) -> str:
        raise AssertionError("To guess a language, Pygments imports 500 modules")

    monkeypatch.setattr("textual.highlight.guess_language", guess)
    app = Stage(claude=FakeBackend("x", CLAUDE_DONE)).app()
    code = "\n".join(f"value = {n}" for n in range(COLOURED_AT_ONCE // 8))
    async with app.run_test(size=(80, 24)) as pilot:
        pane, text = pane_of(app), ReplyText()
        await pane.mount(text)
        pane.anchor()
        await text.append(f"```\nplain\n```\n\n```py\nx = 1\n```\n\n```py\n{code}\n```\n")
        await text.finish()
        blocks = list(app.screen.query(CodeLines))
        # The long one by a thread, the others not at all as long as they are out of sight.
        await wait_until(pilot, lambda: bool(blocks[2]._lines))
        assert not blocks[1]._lines
        pane.scroll_home(animate=False)
        await wait_until(pilot, lambda: bool(blocks[1]._lines))
        assert row_of(app, "plain") is not None
        colours = {span.style for line in blocks[1]._lines for span in line.spans}
        assert len(colours) > 1
