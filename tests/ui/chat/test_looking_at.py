"""What one looks at comes into view: receipts, versions, and the keys that do something."""

import asyncio
from pathlib import Path

import pytest
from textual.widgets import Static

from shammah_tui.ui.reply.reply_label import ReceiptView
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import row_of, rows, segments
from tests.ui.opened import Opened, focused, pane, texts
from tests.ui.steps import click, write

LONG = "\n\n".join(f"line {n}" for n in range(60))


@pytest.mark.parametrize("turn", ["one", "two"])
async def test_the_receipt_of_a_long_reply_comes_into_view(tmp_path: Path, turn: str) -> None:
    long = f"{LONG}\n\nof {turn}"
    turns = [("one", f"{LONG}\n\nof one"), ("two", f"{LONG}\n\nof two")]
    talk = Opened(tmp_path / "store.db", turns)
    app = await talk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await talk.at(pilot, app, long)
        await pilot.press("i")
        await wait_until(pilot, lambda: row_of(app, "Answered by") is not None)
        label, first, last = (row_of(app, each) for each in ("you asked", "Answered", "Ended"))
        assert label is not None and first is not None and last is not None
        assert label < first < last < pane(app).region.bottom


async def test_a_click_on_the_label_shows_it_too(tmp_path: Path) -> None:
    talk = Opened(tmp_path / "store.db", [("one", "1"), ("two", LONG)])
    app = await talk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await talk.ready(pilot, app)
        pane(app).scroll_to(y=2, animate=False, force=True)
        await pilot.pause(0.1)
        await click(pilot, app, "you asked")
        await wait_until(pilot, lambda: row_of(app, "Ended") is not None)


async def test_the_version_of_a_long_reply_comes_into_view(tmp_path: Path) -> None:
    talk = Opened(tmp_path / "store.db", [("one", LONG)], FakeBackend(LONG + "!", CLAUDE_DONE))
    app = await talk.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await talk.at(pilot, app, LONG)
        await pilot.press("r")
        await wait_until(pilot, lambda: texts(app) == ["one", LONG + "!"])
        await wait_until(pilot, lambda: pane(app).boxes[1].border_title == "2/2")
        await pilot.press("left")
        await wait_until(pilot, lambda: focused(app) == LONG)
        await wait_until(pilot, lambda: row_of(app, "1/2") is not None)
        assert row_of(app, "you asked") is not None
        assert "Later" in rows(app)[-1]


async def test_a_receipt_follows_the_theme(tmp_path: Path) -> None:
    talk = Opened(tmp_path / "store.db", [("one", "1")])
    app = await talk.app()

    def ink() -> set[str]:
        return {
            str(each.style.color.triplet.hex)
            for each in segments(app)
            if "Answered" in each.text and each.style and each.style.color
            if each.style.color.triplet
        }

    async with app.run_test(size=(80, 24)) as pilot:
        await talk.at(pilot, app, "1")
        await pilot.press("i")
        await wait_until(pilot, lambda: bool(ink()))
        for theme in ("shammah-light", "shammah-contrast", "shammah-dark"):
            app.theme = theme
            wanted = app.get_css_variables()["foreground"].lower()
            await wait_until(pilot, lambda wanted=wanted: ink() == {wanted})  # type: ignore[misc]


async def test_the_welcome_follows_the_theme() -> None:
    app = Stage(problems=("model is wrong",)).app()

    def ink(words: str) -> set[str]:
        return {
            str(each.style.color.triplet.hex)
            for each in segments(app)
            if words in each.text and each.style and each.style.color
            if each.style.color.triplet
        }

    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: bool(ink("model is wrong")))
        for theme in ("shammah-light", "shammah-contrast"):
            app.theme = theme
            wanted = app.get_css_variables()["warning"].lower()
            await wait_until(
                pilot,
                lambda wanted=wanted: ink("model is wrong") == {wanted},  # type: ignore[misc]
            )


async def test_a_long_value_goes_on_under_its_beginning(tmp_path: Path) -> None:
    talk = Opened(tmp_path / "store.db", [("one", "1")])
    app = await talk.app()
    async with app.run_test(size=(40, 24)) as pilot:
        await talk.at(pilot, app, "1")
        receipt = pane(app).boxes[1].receipt
        assert receipt is not None
        object.__setattr__(receipt, "interrupted", "the connection was lost and never came back")
        await pilot.press("i")
        await wait_until(pilot, lambda: row_of(app, "interrupted:") is not None)
        view = app.screen.query_one(ReceiptView)
        await wait_until(pilot, lambda: view.size.height > 3)
        at = row_of(app, "interrupted:")
        assert at is not None
        shown = rows(app)[at : at + 3]
        column = shown[0].index("interrupted:")
        assert all(row[:column].strip(" ▌│▐█") == "" for row in shown[1:])
        assert [row[column] for row in shown[1:]].count(" ") == 0


async def test_the_footer_behind_a_panel_names_no_keys_that_do_nothing(tmp_path: Path) -> None:
    talk = Opened(tmp_path / "store.db", [("one", "1")])
    app = await talk.app()
    async with app.run_test(size=(120, 44)) as pilot:
        await talk.ready(pilot, app)
        before = rows(app)[-1]
        await pilot.press("f3")
        await wait_until(pilot, lambda: len(app.screen_stack) == 2)
        await wait_until(pilot, lambda: rows(app)[-1].strip() == "")
        await pilot.press("escape")
        await wait_until(pilot, lambda: rows(app)[-1] == before)


async def test_a_narrow_footer_keeps_the_way_to_messages_and_models(tmp_path: Path) -> None:
    talk = Opened(tmp_path / "store.db", [("one", "1")])
    app = await talk.app()
    async with app.run_test(size=(60, 24)) as pilot:
        await talk.ready(pilot, app)
        await wait_until(pilot, lambda: "Messages" in rows(app)[-1])
        assert "Models" in rows(app)[-1]
        assert "…" in rows(app)[-1]
        assert "Quit" not in rows(app)[-1]


async def test_message_keys_come_before_those_of_the_chat(tmp_path: Path) -> None:
    talk = Opened(tmp_path / "store.db", [("one", "```sh\nls\n```")])
    app = await talk.app()
    async with app.run_test(size=(120, 24)) as pilot:
        await talk.at(pilot, app, "```sh\nls\n```")
        await wait_until(pilot, lambda: "Save code" in rows(app)[-1])
        assert "Fork" in rows(app)[-1]


async def test_a_label_is_coloured_by_who_replies_and_not_by_its_words(tmp_path: Path) -> None:
    gate = asyncio.Event()
    app = Stage(claude=FakeBackend(gate, "yes", CLAUDE_DONE), store_path=tmp_path / "s.db").app()
    async with app.run_test() as pilot:
        await write(pilot, app, "hi")
        await wait_until(pilot, lambda: bool(app.screen.query("RouterLabel.-claude")))
        gate.set()
        await wait_until(pilot, lambda: len(texts(app)) == 2 and texts(app)[1] == "yes")
        assert not app.screen.query("RouterLabel.-local")
        assert app.screen.query(Static)
