"""A long question is folded on the screen, and whole wherever else it goes."""

from pathlib import Path

import pytest

from shammah_tui.ui.chat.question import (
    FOLDED_CHARACTERS,
    FOLDED_LINES,
    LONGEST_CHARACTERS,
    LONGEST_LINES,
    MORE_LINES,
    Question,
)
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import row_of, rows
from tests.ui.opened import Opened, focused, footer, pane, said
from tests.ui.steps import click, composer

MANY = 45_000
LOG = "\n".join(f"{number}: a line of some log" for number in range(MANY))


def shown(question: Question) -> list[str]:
    return str(question.content).split("\n")


async def test_it_is_sent_whole_and_shown_in_part() -> None:
    backend = FakeBackend("Read.", CLAUDE_DONE)
    app = Stage(claude=backend).app()
    async with app.run_test(size=(100, 40)) as pilot:
        composer(app).text = LOG
        await pilot.pause()
        await pilot.press("enter")
        await wait_until(pilot, lambda: row_of(app, "Read.") is not None)
        assert backend.asked[-1][-1].text == LOG
        question = app.screen.query_one(Question)
        assert question.text == LOG
        assert shown(question)[:-1] == LOG.split("\n")[:FOLDED_LINES]
        assert shown(question)[-1] == f"▾ {MANY - FOLDED_LINES:,} more lines"
        assert question.size.height == FOLDED_LINES + 1


async def test_keys_unfold_copy_and_edit_it(tmp_path: Path) -> None:
    lines = [f"line {number}" for number in range(MORE_LINES + 100)]
    text = "\n".join(lines)
    talk = Opened(tmp_path / "s.db", [("short", "one"), (text, "two")])
    app = await talk.app()
    async with app.run_test(size=(200, 40)) as pilot:
        await talk.ready(pilot, app)
        short, long = pane(app).query(Question)
        await talk.at(pilot, app, text)
        await wait_until(pilot, lambda: "Unfold" in footer(app))
        await pilot.press("c")
        await wait_until(pilot, lambda: talk.board.copied == [text])
        assert "The message was copied" in said(app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(shown(long)) == FOLDED_LINES + MORE_LINES + 1)
        assert shown(long)[-1] == "▾ 80 more lines"
        await pilot.press("enter")
        await wait_until(pilot, lambda: shown(long) == [*lines, "▴ fold"])
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(shown(long)) == FOLDED_LINES + 1)
        await wait_until(pilot, lambda: row_of(app, "more lines") is not None)
        assert focused(app) == text
        await pilot.press("e")
        # Folded, as it was pasted; what is sent is the whole of it.
        await wait_until(pilot, lambda: composer(app).shown_draft.text == text)
        await pilot.press("escape")
        await talk.at(pilot, app, "short")
        await wait_until(pilot, lambda: "Unfold" not in footer(app))
        assert shown(short) == ["short"]


async def test_it_is_unfolded_by_a_click_on_its_last_line_only(tmp_path: Path) -> None:
    text = "\n".join(f"line {number}" for number in range(LONGEST_LINES + 1))
    talk = Opened(tmp_path / "s.db", [(text, "one")])
    app = await talk.app()
    async with app.run_test(size=(100, 40)) as pilot:
        await click(pilot, app, "line 3")
        assert row_of(app, f"line {FOLDED_LINES}") is None
        await click(pilot, app, "more lines")
        await wait_until(pilot, lambda: len(shown(app.screen.query_one(Question))) > LONGEST_LINES)
        assert any("line 3" in row for row in rows(app))
        pane(app).scroll_end(animate=False)
        await click(pilot, app, "▴ fold")
        await wait_until(pilot, lambda: row_of(app, "more lines") is not None)
        assert any("line 3" in row for row in rows(app))


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("\n".join("x" * LONGEST_LINES), "x"),
        ("y" * LONGEST_CHARACTERS, "y" * LONGEST_CHARACTERS),
        ("z" * (LONGEST_CHARACTERS + 1), f"▾ {LONGEST_CHARACTERS + 1 - FOLDED_CHARACTERS:,} more"),
        ("\n" * LONGEST_LINES, f"▾ {LONGEST_LINES - FOLDED_LINES + 1} more lines"),
        (f"{'a' * LONGEST_CHARACTERS}\nb\nc", "▾ 2 more lines"),
    ],
)
def test_where_it_is_cut(text: str, last: str) -> None:
    question = Question(text)
    assert shown(question)[-1].startswith(last)
    assert question.text == text
    while question.can_unfold and shown(question)[-1] != "▴ fold":
        question.unfold()
    assert str(question.content).removesuffix("\n▴ fold") == text
