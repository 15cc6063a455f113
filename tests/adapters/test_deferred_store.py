from pathlib import Path

from shammah_tui.adapters.deferred_store import deferred_store
from shammah_tui.adapters.sqlite.store import SqliteStore


async def test_it_is_made_once_and_only_when_it_is_used(tmp_path: Path) -> None:
    made: list[SqliteStore] = []

    def make() -> SqliteStore:
        made.append(SqliteStore(tmp_path / "store.db"))
        return made[-1]

    store = deferred_store(make)
    assert made == []
    conversation = store.new_id()
    store.add_question(conversation, None, "hi")
    assert [summary.title for summary in await store.conversations()] == ["hi"]
    await store.close()
    assert len(made) == 1
