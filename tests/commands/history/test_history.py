"""``shammah history``: what there is, for people and for programs."""

import pytest

from shammah_tui.commands.history.history import NoConversationError, id_of
from shammah_tui.core.conversation.records import ConversationSummary, TitleSource
from shammah_tui.core.errors import StoreError
from tests.adapters.sqlite_stores import opened, say
from tests.commands.ask_runs import AskRuns


def summary(number: int) -> ConversationSummary:
    return ConversationSummary(number, "T", TitleSource.WORDS, False, 2, 0, 0)


@pytest.fixture
async def two(asks: AskRuns) -> tuple[int, int]:
    """Two conversations, the older one pinned."""
    async with opened(asks.store) as store:
        one, two = store.new_id(), store.new_id()
        _, reply = say(store, one, "An \x1b[31megg")
        say(store, one, "And more", after=reply)
        say(store, two, "Second")
        store.pin(one, True)
    return one, two


def test_the_list(asks: AskRuns, two: tuple[int, int]) -> None:
    asks.environment["TZ"] = "UTC"
    said = asks.run_alone("history")
    assert (said.status, said.errors) == (0, "")
    assert said.output.splitlines() == [
        f"{two[0]:x}  2026-11-05 00:00      4  * An egg",
        f"{two[1]:x}  2026-11-05 00:00      2  Second",
    ]
    assert asks.run("history", "-n", "1").output.count("\n") == 1
    first, second = asks.json("history", "--json")
    assert first == {
        "id": f"{two[0]:x}",
        "title": "An egg",
        "pinned": True,
        "messages": 4,
        "created": "2026-11-05T00:00:00.000+00:00",
        "active": "2026-11-05T00:00:00.000+00:00",
    }
    assert second["id"] == f"{two[1]:x}"


def test_an_empty_list(asks: AskRuns) -> None:
    said = asks.run("history")
    assert (said.status, said.output) == (0, "")
    assert "No conversations yet" in said.errors
    assert asks.json("history", "--json") == []
    assert not asks.store.exists()
    assert asks.run("history", "-n", "0").status == 2


def test_an_id_by_its_end() -> None:
    summaries = [summary(0xABC12345), summary(0xABC92345), summary(0x2345)]
    assert id_of(" ABC12345 ", summaries) == 0xABC12345
    assert id_of("12345", summaries) == 0xABC12345
    # The whole of one is the end of others.
    assert id_of("2345", summaries) == 0x2345
    with pytest.raises(StoreError, match="Several conversations' ids end in 2345"):
        id_of("2345", summaries[:2])
    for written in ("345", "", "ffff", "c1234"):
        with pytest.raises(NoConversationError):
            id_of(written, summaries[:2])
