"""What a message holds is kept by the open conversation, not by the widget that shows it."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.records import StoredMessage
from shammah_tui.core.conversation.reply import ReplyDone, StopReason, Usage
from tests.services.fakes import FakeBackend
from tests.ui.apps import Stage, wait_until
from tests.ui.kept import kept
from tests.ui.opened import pane, texts
from tests.ui.steps import write

TURNS = 30


@dataclass(frozen=True, slots=True)
class MarkedMessage(StoredMessage):
    """A message with a field that no widget knows."""

    later_field: int = 0


def marked(message: StoredMessage, later_field: int) -> MarkedMessage:
    values = {field.name: getattr(message, field.name) for field in fields(message)}
    return MarkedMessage(**values, later_field=later_field)


async def test_a_new_field_of_a_message_is_there_after_it_was_scrolled_out_and_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store.db"
    await kept(path, [(f"question {n}", f"reply {n} " + "word " * 180) for n in range(TURNS)])
    add_question, begin_reply = SqliteStore.add_question, SqliteStore.begin_reply

    def add_marked(store: SqliteStore, *args: Any, **options: Any) -> StoredMessage:
        return marked(add_question(store, *args, **options), 4)

    def begin_marked(store: SqliteStore, *args: Any, **options: Any) -> StoredMessage:
        return marked(begin_reply(store, *args, **options), 5)

    monkeypatch.setattr(SqliteStore, "add_question", add_marked)
    monkeypatch.setattr(SqliteStore, "begin_reply", begin_marked)
    done = ReplyDone(StopReason.END_TURN, Usage(4, 2), "model")
    stage = Stage(
        claude=FakeBackend("What was just said", done), store_path=path, continue_last=True
    )
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: bool(texts(app)))
        await write(pilot, app, "What was just asked")
        await wait_until(pilot, lambda: "What was just said" in texts(app))
        await app.workers.wait_for_complete()
        said = {box.text: box.message for box in pane(app).boxes[-2:]}
        ids = [message.id for message in said.values() if message is not None]
        assert len(ids) == 2
        for _ in range(200):
            if all(pane(app).find(each) is None for each in ids):
                break
            await pilot.press("pageup")
            await pilot.pause()
        assert all(pane(app).find(each) is None for each in ids), "they are still widgets"

        await pilot.press("ctrl+end")
        await wait_until(pilot, lambda: all(pane(app).find(each) is not None for each in ids))
        for text, before in said.items():
            box = next(each for each in pane(app).boxes if each.text == text)
            assert isinstance(box.message, MarkedMessage)
            assert before is not None
            assert asdict(box.message) == asdict(before)
        assert [getattr(box.message, "later_field", 0) for box in pane(app).boxes[-2:]] == [4, 5]
