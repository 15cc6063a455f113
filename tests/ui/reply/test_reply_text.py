import asyncio
import random
from itertools import pairwise

import pytest
from textual.content import Content
from textual.geometry import Offset
from textual.widgets import Markdown

from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_pane import ChatPane
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.reply.code_lines import OpenFence
from shammah_tui.ui.reply.reply_blocks import CodeBlock
from shammah_tui.ui.reply.reply_text import ReplyText
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import row_of, rows

WIDE_LINE = "value = " + " + ".join(f"term_{number}" for number in range(40))


def source(app: ShammahApp) -> str:
    return "".join(each.source for each in app.screen.query(Markdown))


def fence(app: ShammahApp) -> str | None:
    found = app.screen.query(OpenFence)
    return found.first().code if found else None


def blocks(app: ShammahApp) -> list[str]:
    return [block.code for block in app.screen.query(CodeBlock)]


def rows_between(app: ShammahApp, upper: str, lower: str) -> int:
    above, below = row_of(app, upper), row_of(app, lower)
    assert above is not None and below is not None
    return below - above


async def test_code_is_plain_lines_until_its_fence_closes() -> None:
    begun, grown, closed = asyncio.Event(), asyncio.Event(), asyncio.Event()
    pieces = ("Look:\n\n``", begun, "`py\na =", grown, " 1\nb", closed, "\n```\nSo.", CLAUDE_DONE)
    app = Stage(claude=FakeBackend(*pieces)).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: source(app) == "Look:\n\n")
        begun.set()
        await wait_until(pilot, lambda: fence(app) == "a =")
        grown.set()
        await wait_until(pilot, lambda: fence(app) == "a = 1\nb")
        assert blocks(app) == []
        below = rows_between(app, "Look:", "a = 1")
        closed.set()
        await wait_until(pilot, lambda: blocks(app) == ["a = 1\nb"])
        assert fence(app) is None
        assert source(app) == "Look:\n\n```py\na = 1\nb\n```\nSo."
        await pilot.pause()
        assert rows_between(app, "Look:", "a = 1") == below


async def test_a_block_stays_where_it_is_when_it_closes_at_the_very_top() -> None:
    closed = asyncio.Event()
    app = Stage(claude=FakeBackend("```\na = 1\n", closed, "```\n", CLAUDE_DONE)).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: row_of(app, "a = 1") is not None)
        before = row_of(app, "a = 1")
        closed.set()
        await wait_until(pilot, lambda: blocks(app) == ["a = 1"])
        await pilot.pause()
        assert row_of(app, "a = 1") == before


async def test_a_reply_that_ends_inside_a_fence_is_all_there() -> None:
    app = Stage(claude=FakeBackend("```py\na = 1\nb = ", CLAUDE_DONE)).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: not app.screen.query(".waiting"))
        assert blocks(app) == ["a = 1\nb ="]
        assert source(app) == "```py\na = 1\nb = "
        assert fence(app) is None


async def test_a_fence_that_was_cut_goes_on_as_code() -> None:
    app = Stage(claude=FakeBackend("x", CLAUDE_DONE)).app()
    async with app.run_test() as pilot:
        text = ReplyText()
        await app.screen.query_one(ChatPane).mount(text)
        await text.append("```py\na = 1\nb = ")
        await text.finish()
        assert blocks(app) == ["a = 1\nb ="]
        await text.append("2\nc = 3\n")
        assert fence(app) == "2\nc = 3\n"
        await text.append("```\nDone.")
        await text.finish()
        await pilot.pause()
        assert fence(app) is None
        assert blocks(app) == ["a = 1\nb = 2\nc = 3"]
        assert source(app) == "```py\na = 1\nb = 2\nc = 3\n```\nDone."


async def test_it_is_the_same_however_it_is_cut() -> None:
    whole = (
        "# Title\n\nText with `code`.\n\n```rust\nfn main() {}\n\n// more\n```\n\n- one\n\n"
        "  ```\n  inner\n  ```\n- two\n\n> ```sh\n> ls\n> ```\n\n~~~\ntail\n~~~\nEnd."
    )
    app = Stage(claude=FakeBackend("x", CLAUDE_DONE)).app()
    chance = random.Random(7)
    async with app.run_test(size=(60, 60)) as pilot:
        pane = app.screen.query_one(ChatPane)
        shown = []
        for count in (0, 3, 12, len(whole) - 1):
            await pane.remove_children()
            text = ReplyText()
            await pane.mount(text)
            cuts = [0, *sorted(chance.sample(range(1, len(whole)), count)), len(whole)]
            for start, end in pairwise(cuts):
                await text.append(whole[start:end])
            await text.finish()
            await pilot.pause()
            assert source(app) == whole
            shown.append((blocks(app), rows(app)))
        assert all(each == shown[0] for each in shown)


async def test_long_lines_scroll_inside_their_block_by_key_and_copy_unwrapped() -> None:
    app = Stage(claude=FakeBackend(f"```py\n{WIDE_LINE}\nshort\n```\n", CLAUDE_DONE)).app()
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: len(blocks(app)) == 1)
        block = app.screen.query_one(CodeBlock)
        await wait_until(pilot, lambda: block.max_scroll_x > 100)
        assert app.screen.query_one(ChatPane).max_scroll_x == 0
        await pilot.press("shift+tab")
        assert block.has_focus
        await pilot.press("right")
        await wait_until(pilot, lambda: block.scroll_x > 0)
        await pilot.press("end")
        await wait_until(pilot, lambda: block.scroll_x == block.max_scroll_x)
        assert row_of(app, "term_39") is not None
        await pilot.press("home")
        await wait_until(pilot, lambda: block.scroll_x == 0)
        await pilot.press("tab")
        assert app.screen.query_one(Composer).has_focus
        block.text_select_all()
        assert (app.screen.get_selected_text() or "").strip() == f"{WIDE_LINE}\nshort"


async def test_the_end_is_followed_while_code_grows() -> None:
    more = asyncio.Event()
    lines = "\n".join(f"line {number}" for number in range(60))
    app = Stage(claude=FakeBackend(f"```\n{lines}", more, f"\n{lines}\n```\n", CLAUDE_DONE)).app()
    async with app.run_test(size=(80, 24)) as pilot:
        pane = app.screen.query_one(ChatPane)
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: fence(app) == lines)
        await wait_until(pilot, lambda: 40 < pane.max_scroll_y == pane.scroll_y)
        assert row_of(app, "line 59") is not None
        more.set()
        await wait_until(pilot, lambda: bool(blocks(app)))
        await wait_until(pilot, lambda: 100 < pane.max_scroll_y == pane.scroll_y)
        assert app.screen.query_one(CodeBlock).region.offset != Offset()


async def test_a_long_block_is_highlighted_once_and_not_for_each_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Anew for each piece it costs the square: 42 s for 800 pieces."""
    highlighted: list[int] = []
    real = CodeBlock.highlight

    def highlight(code: str, language: str, ansi: bool = False, dark: bool = False) -> Content:
        highlighted.append(len(code))
        return real(code, language, ansi, dark)

    monkeypatch.setattr(CodeBlock, "highlight", staticmethod(highlight))
    app = Stage(claude=FakeBackend("x", CLAUDE_DONE)).app()
    async with app.run_test() as pilot:
        text = ReplyText()
        await app.screen.query_one(ChatPane).mount(text)
        await text.append("```py\n")
        for number in range(300):
            await text.append(f"x = {number}\n")
        await pilot.pause()
        assert highlighted == []
        await text.append("```\n")
        await text.append("So it is.\n\nAnd more.")
        await text.finish()
        await pilot.pause()
        # As it closes, as it is styled, and once more when the paragraph shows that it is over.
        assert 1 <= len(highlighted) <= 3
