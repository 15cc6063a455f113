"""Text that takes other room than a cell a character."""

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from shammah_tui.core.local.generator import Failed, Snapshot
from shammah_tui.core.text.plain_text import cell_width
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.generator_header import GeneratorHeader
from shammah_tui.ui.chat.question import Question
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.reply.reply_label import RouterLabel
from shammah_tui.ui.reply.reply_text import ReplyText
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE, claude
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import rows

TEXTS = {
    "chinese": "这是一个关于语言模型的问题，请用简短的话回答它，谢谢你的帮助。",
    "korean": "\u1112\u1161\u11ab\u1100\u1173\u11af 질문입니다 " * 4,
    "combining": "e\u0301a\u0300o\u0302 " * 16,
    "emoji": "👩\u200d💻 👍🏽 ❤\ufe0f 🇩🇪 👨\u200d👩\u200d👧 " * 6,
    "hebrew": "שָׁלוֹם עֲלֵיכֶם, מַה שְּׁלוֹמְךָ הַיּוֹם? " * 3,
    "arabic": "مرحبا كيف حالك اليوم؟ می\u200cخواهم " * 3,
    "hindi": "नमस्ते दुनिया, आप कैसे हैं? " * 4,
}
SIZE = (40, 30)


async def ask(pilot: Pilot[None], app: ShammahApp, text: str) -> None:
    await wait_until(pilot, lambda: app.screen.query_one(Composer).has_focus)
    app.screen.query_one(Composer).load_text(text)
    await pilot.press("enter")
    await wait_until(pilot, lambda: bool(app.screen.query(ReplyText)))
    await app.workers.wait_for_complete()
    await pilot.pause()


def collapsed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("name", TEXTS)
async def test_questions_and_replies_lose_nothing_and_fill_no_row_beyond_its_end(name: str) -> None:
    text = TEXTS[name].strip()
    app = Stage(claude=FakeBackend(text, CLAUDE_DONE)).app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, app, text)
        assert all(cell_len(row) <= SIZE[0] for row in rows(app))
        shown = collapsed("\n".join(rows(app)).replace("▐", "").replace("▌", ""))
        # Twice: as the question and as the reply.
        assert shown.count(collapsed(text)) == 2
        question = app.screen.query_one(Question)
        least = -(-cell_width(text) // question.content_size.width)
        assert least <= question.content_size.height <= least + 2


@pytest.mark.parametrize("name", TEXTS)
async def test_the_caret_stands_after_what_was_written(name: str) -> None:
    """Where the terminal's cursor is, input methods draw what is being composed."""
    text = TEXTS[name][:8]
    app = Stage(claude=claude()).app()
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Composer).has_focus)
        composer = app.screen.query_one(Composer)
        before = composer.cursor_screen_offset.x
        composer.insert(text)
        await pilot.pause()
        assert composer.cursor_screen_offset.x - before == cell_width(text)
        assert app.cursor_position == composer.cursor_screen_offset


@pytest.mark.parametrize("name", TEXTS)
async def test_labels_wrap_by_cells(name: str) -> None:
    label = f"Local · {TEXTS[name].strip()}"
    app = Stage(claude=FakeBackend("x", CLAUDE_DONE)).app()
    async with app.run_test(size=SIZE) as pilot:
        await ask(pilot, app, "hi")
        widget = app.screen.query_one(RouterLabel)
        widget.label = label
        await pilot.pause()
        assert collapsed(label) in collapsed("\n".join(rows(app)))
        least = -(-cell_width(label) // widget.size.width)
        assert least <= widget.size.height <= least + 2


async def test_the_header_is_cut_by_cells() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        header = app.screen.query_one(GeneratorHeader)
        for text in TEXTS.values():
            header.snapshot = Snapshot(Failed(None, text, retryable=True))
            await pilot.pause()
            assert cell_len(rows(app)[0]) <= SIZE[0]
            assert header.size.height == 2
