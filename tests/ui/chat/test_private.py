"""A private conversation: what is said in it is nowhere afterwards, and goes to nobody else."""

import asyncio
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.ledger import Period
from shammah_tui.core.conversation.search_query import parse_query
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.generator_header import GeneratorHeader
from shammah_tui.ui.reply.reply_label import RouterLabel
from tests.services.fakes import FakeBackend
from tests.services.turns import claude
from tests.ui.apps import Stage, wait_until
from tests.ui.kept import kept
from tests.ui.local_model import be_ready
from tests.ui.looks import row_of
from tests.ui.panels.test_conversations import opened
from tests.ui.steps import composer, notices, questions, replies, write

SECRET = "platypus"


def is_marked(app: ShammahApp) -> bool:
    header = app.screen_stack[0].query_one(GeneratorHeader)
    mark = header.query_one(".private", Static)
    return mark.display and composer(app).border_subtitle is not None


async def answered(pilot: Pilot[None], app: ShammahApp, count: int) -> None:
    await wait_until(pilot, lambda: len(replies(app)) == count)
    await app.workers.wait_for_complete()


async def test_nothing_of_it_is_kept_and_claude_is_not_asked(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    backend = claude()
    stage = Stage(claude=backend, store_path=path)
    app = stage.app()
    async with app.run_test(size=(120, 30)) as pilot:
        engine = await be_ready(stage, pilot, app)
        engine.text = f"The {SECRET} it is"
        await write(pilot, app, "/private")
        await wait_until(pilot, lambda: is_marked(app))
        assert row_of(app, "This conversation is private") is not None
        # Whatever a router would say: this is a question that Claude gets otherwise.
        await write(pilot, app, f"I want to kill myself, {SECRET}")
        await answered(pilot, app, 1)
        label = app.screen.query(RouterLabel).last().label
        assert label.startswith("Local · private · ")
        composer(app).load_text(f"a draft of a {SECRET}")
        await pilot.pause(0.5)
        assert backend.asked == []
        await wait_until(pilot, lambda: bool(engine.warmed))
    texts = [each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()]
    assert texts and not any(SECRET.encode() in text for text in texts)
    store = SqliteStore(path)
    assert await store.conversations() == ()
    assert await store.search(parse_query(SECRET)) == ()
    assert await store.ledger(Period.DAY) == ()
    assert await store.draft(None) == ""
    await store.close()


async def test_leaving_it_forgets_it(tmp_path: Path) -> None:
    stage = Stage(claude=claude(), store_path=tmp_path / "store.db")
    app = stage.app()
    async with app.run_test(size=(120, 30)) as pilot:
        await be_ready(stage, pilot, app)
        await write(pilot, app, "an open question")
        await answered(pilot, app, 1)
        await write(pilot, app, "/private")
        await wait_until(pilot, lambda: questions(app) == [])
        await write(pilot, app, f"my {SECRET}")
        await answered(pilot, app, 1)
        composer(app).load_text(f"more of the {SECRET}")
        await pilot.press("ctrl+n")
        await wait_until(pilot, lambda: questions(app) == [])
        assert not is_marked(app)
        assert composer(app).text == ""
        await pilot.press("up")
        assert composer(app).text == "an open question"
        await pilot.press("up")
        assert SECRET not in composer(app).text
        assert app.workers is not None
        assert app._session.conversation.is_private is False
    assert SECRET.encode() not in b"".join(
        each.read_bytes() for each in tmp_path.iterdir() if each.is_file()
    )


async def test_opening_another_one_leaves_it_too(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await kept(path, [("About boats", "They float")])
    stage = Stage(claude=claude(), store_path=path)
    app = stage.app()
    async with app.run_test(size=(120, 30)) as pilot:
        await be_ready(stage, pilot, app)
        await write(pilot, app, "/private")
        await write(pilot, app, f"my {SECRET}")
        await answered(pilot, app, 1)
        await opened(pilot, app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: replies(app) == ["They float"])
        assert not is_marked(app)
        await write(pilot, app, "@claude and now?")
        await answered(pilot, app, 2)
        assert isinstance(stage.claude, FakeBackend)
        assert not any(SECRET in message.text for message in stage.claude.asked[0])


async def test_without_a_local_model_it_says_so_and_keeps_what_was_written() -> None:
    backend = claude()
    app = Stage(claude=backend).app()
    async with app.run_test(size=(120, 30)) as pilot:
        await write(pilot, app, "/private")
        await write(pilot, app, f"my {SECRET}")
        await wait_until(pilot, lambda: composer(app).text == f"my {SECRET}")
        end = str(app.screen.query(".end").last(Static).content)
        assert end.startswith("The local model cannot answer: ")
        assert "Nothing was sent to Claude" in end
        assert backend.asked == []


@pytest.mark.parametrize("way", ["@claude my", "/claude my"])
async def test_claude_is_not_asked_for_by_name_either(way: str) -> None:
    backend = claude()
    stage = Stage(claude=backend)
    app = stage.app()
    async with app.run_test(size=(120, 30)) as pilot:
        await be_ready(stage, pilot, app)
        await write(pilot, app, "/private")
        await write(pilot, app, f"{way} {SECRET}")
        await wait_until(pilot, lambda: composer(app).text == f"@claude my {SECRET}")
        end = str(app.screen.query(".end").last(Static).content)
        assert "Claude is not available in a private" in end
        assert backend.asked == []


async def test_nor_by_having_the_other_side_answer() -> None:
    backend = claude()
    stage = Stage(claude=backend)
    app = stage.app()
    async with app.run_test(size=(120, 30)) as pilot:
        await be_ready(stage, pilot, app)
        await write(pilot, app, "/private")
        await write(pilot, app, f"my {SECRET}")
        await answered(pilot, app, 1)
        await write(pilot, app, "/retry claude")
        await wait_until(pilot, lambda: "Claude is not available in a private" in notices(app))
        await wait_until(pilot, lambda: len(replies(app)) == 1)
        await pilot.press("escape")
        # Again here, edited and forked it stays what it is.
        await write(pilot, app, "/retry")
        await answered(pilot, app, 1)
        await pilot.press("ctrl+up", "e")
        await asyncio.sleep(0)
        await pilot.press("escape", "ctrl+up", "f")
        await wait_until(pilot, lambda: "It is private too" in notices(app))
        assert app._session.conversation.is_private
        assert is_marked(app)
        assert backend.asked == []
