"""What the local side does for what is kept: thoughts shown again, and titles."""

from pathlib import Path

from textual.widgets import OptionList

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.records import TitleSource
from shammah_tui.core.conversation.reply import ThinkingDelta
from shammah_tui.ui.panels.conversations import Conversations
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE, claude
from tests.ui.apps import Stage, wait_until
from tests.ui.local_model import load, loaded
from tests.ui.panels.test_conversations import lines
from tests.ui.reply.test_thoughts import folds, thoughts
from tests.ui.steps import replies, write


async def test_thoughts_are_shown_again_folded_and_copied_by_nobody(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    backend = FakeBackend(ThinkingDelta("Let me "), ThinkingDelta("see."), "Blue", CLAUDE_DONE)
    app = Stage(claude=backend, store_path=path).app()
    async with app.run_test() as pilot:
        await write(pilot, app, "hi")
        await wait_until(pilot, lambda: replies(app) == ["Blue"])
        await app.workers.wait_for_complete()
    again = Stage(claude=claude(), store_path=path, continue_last=True).app()
    async with again.run_test() as pilot:
        await wait_until(pilot, lambda: replies(again) == ["Blue"])
        await wait_until(pilot, lambda: folds(again) == ["▸ Thoughts (11 characters)"])
        assert not again.screen.query_one(".thoughts").display
        await pilot.press("f6")
        await wait_until(pilot, lambda: folds(again) == ["▾ Thoughts (11 characters)"])
        assert thoughts(again) == "Let me see."
        await write(pilot, again, "/copy")
        await wait_until(pilot, lambda: again.clipboard == "Blue")


async def test_a_conversation_begun_with_claude_gets_its_title_once_there_is_a_model(
    tmp_path: Path,
) -> None:
    path = tmp_path / "store.db"
    stage = Stage(claude=claude(), store_path=path)
    app = stage.app()
    async with app.run_test(size=(120, 30)) as pilot:
        engine = await load(stage, pilot)
        await write(pilot, app, "how do boats float?")
        await wait_until(pilot, lambda: replies(app) == ["Hello from Claude"])
        engine.text = "Why boats float"
        await loaded(pilot, app, engine)
        await wait_until(pilot, lambda: bool(engine.warmed))
        await app.workers.wait_for_complete()
        await pilot.press("f3")
        await wait_until(pilot, lambda: isinstance(app.screen, Conversations))
        await wait_until(pilot, lambda: app.screen.query_one(OptionList).option_count == 1)
        assert "Why boats float" in lines(app)[0]
        # The reply that was shown is no other for it.
        assert replies(app) == ["Hello from Claude"]
    store = SqliteStore(path)
    (summary,) = await store.conversations()
    assert (summary.title_source, summary.message_count) == (TitleSource.MODEL, 2)
    await store.close()
