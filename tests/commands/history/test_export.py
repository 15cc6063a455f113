"""``shammah export`` and ``import``: out of a real store and into another one."""

import errno
import json
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shammah_tui.core.conversation.export_format import json_conversation, to_json
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import ConversationRecord, TitleSource
from shammah_tui.services.conversation import exporting
from tests.adapters.sqlite_stores import answer, check_sound, opened, receipt, say
from tests.commands.ask_runs import AskRuns
from tests.core.export_records import FULL


@pytest.fixture
async def filled(asks: AskRuns) -> AsyncIterator[tuple[int, int]]:
    """Two conversations with branches, receipts, a draft, a pin and deletions."""
    async with opened(asks.store) as store:
        one, two, gone = (store.new_id() for _ in range(3))
        asked, first = say(store, one, "The egg\n```", "A1", given=receipt(cost_microusd=7))
        answer(
            store, one, asked, "A1 again", receipt(Side.CLAUDE, stop_reason=None, interrupted="x")
        )
        say(store, one, "Q2 \x1b[31m👍\u202e\x9b", "A2", after=first)
        _, deleted = say(store, one, "Q3", "deleted", after=first)
        store.delete_messages([deleted])
        store.show_branch(one, first)
        store.save_draft(one, "unsent")
        store.pin(one, True)
        store.rename(one, "Mine", TitleSource.USER)
        say(store, two, "Second", "**Yes**")
        say(store, gone, "Deleted")
        store.delete_conversation(gone)
    yield one, two


def test_nothing_is_lost_on_the_way(asks: AskRuns, filled: tuple[int, int], tmp_path: Path) -> None:
    one, two = filled
    said = asks.run("export", "--all", "-o", "all.json")
    assert (said.status, said.output) == (0, "2 conversations written to all.json\n")
    file = asks.home / "all.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in asks.home.iterdir() if "all" in each.name] == ["all.json"]
    exported = json.loads(file.read_text())
    assert [each["id"] for each in exported["conversations"]] == [f"{one:x}", f"{two:x}"]
    texts = [message["text"] for message in exported["conversations"][0]["messages"]]
    assert "A1 again" in texts
    assert "deleted" not in texts
    ledger = asks.json("usage", "--json")
    # Another machine.
    asks.environment["HOME"] = str(tmp_path / "other")
    asks.home = tmp_path / "other"
    asks.home.mkdir()
    read = asks.run("import", str(file))
    assert (read.status, read.errors) == (0, "")
    assert read.output == "2 new conversations, 8 new messages; the rest was already here\n"
    assert asks.run("export", "--all", "--format", "json").output == file.read_text()
    # Replies that were deleted count at home, but are not here.
    there = asks.json("usage", "--json")["total"]
    assert there["local_replies"] == ledger["total"]["local_replies"] - 2
    assert there["claude_replies"] == ledger["total"]["claude_replies"] == 1
    # Again, from a pipe.
    again = asks.run("import", "-", piped=file.read_bytes())
    assert again.output == "0 new conversations, 0 new messages; the rest was already here\n"
    check_sound(asks.store)


def test_one_conversation(asks: AskRuns, filled: tuple[int, int]) -> None:
    one, two = (f"{each:x}" for each in filled)
    last = asks.run("export")
    assert last.status == 0
    assert last.output.startswith("# Second\n\n*20")
    assert last.output.endswith("## You\n\nSecond\n\n## Local · a reason · 31 tok/s\n\n**Yes**\n")
    assert asks.run("export", two[-6:]).output == last.output
    assert asks.run("export", two, "--format", "md", "-o", "-").output == last.output
    assert asks.run("export", two, "-o", "x.md").output == "1 conversation written to x.md\n"
    assert (asks.home / "x.md").read_text() == last.output
    document = json.loads(asks.run("export", one, "--format", "json").output)
    assert [each["title"] for each in document["conversations"]] == ["Mine"]
    both = asks.run("export", "--all").output
    assert both.index("# Mine") < both.index("# Second")


def test_json_on_a_terminal_cannot_steer_it(asks: AskRuns, filled: tuple[int, int]) -> None:
    window = asks.on_terminal("export", f"{filled[0]:x}", "--format", "json")
    written = window.read()
    assert not {"\x1b", "\x9b", "\u202e"} & set(written)
    (found,) = json.loads(written)["conversations"]
    assert "Q2 \x1b[31m👍\u202e\x9b" in [each["text"] for each in found["messages"]]


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("export", "abcdef0123"), 3, "There is no conversation abcdef0123"),
        (("export", "1"), 3, "There is no conversation 1"),
        (("export", "1", "--all"), 2, "remove one"),
        (("export", "-o", "no/such/folder.md"), 1, "There is no folder"),
        (("import", "none.json"), 3, "There is no file none.json"),
        (("import", "wrong.json"), 1, "This is not a JSON file"),
        (("import", "empty.json"), 1, "This file is empty"),
        (("import", "."), 1, "Is a directory"),
    ],
)
def test_what_cannot_be_done(
    asks: AskRuns,
    filled: tuple[int, int],
    arguments: tuple[str, ...],
    status: int,
    sentence: str,
) -> None:
    (asks.home / "wrong.json").write_text("{")
    (asks.home / "empty.json").write_text("\n")
    said = asks.run(*arguments)
    assert (said.status, said.output) == (status, ""), filled
    assert sentence in said.errors
    assert said.errors.count("\n") == 1


def test_nothing_is_there(asks: AskRuns) -> None:
    assert asks.run("export").status == 3
    assert asks.json("export", "--all", "--format", "json")["conversations"] == []
    assert asks.run("export", "--all").output == ""
    assert not asks.store.exists()


def test_an_export_that_fails_leaves_the_one_before(
    asks: AskRuns, filled: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []

    def on_a_full_disk(record: ConversationRecord) -> str:
        if written:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(record.id)
        return json_conversation(record)

    monkeypatch.setattr(exporting, "json_conversation", on_a_full_disk)
    before = asks.home / "all.json"
    before.write_text("the one before")
    said = asks.run("export", "--all", "-o", "all.json")
    assert (said.status, said.output) == (1, "")
    assert "No space left on device" in said.errors
    assert written == [filled[0]]
    assert before.read_text() == "the one before"
    assert [each.name for each in asks.home.iterdir() if "all" in each.name] == ["all.json"]


def test_links_and_pipes_stay_what_they_are(asks: AskRuns, filled: tuple[int, int]) -> None:
    (asks.home / "link.md").symlink_to("real.md")
    assert asks.run("export", "-o", "link.md").status == 0
    assert (asks.home / "link.md").is_symlink()
    assert (asks.home / "real.md").read_text().startswith("# Second"), filled
    os.mkfifo(asks.home / "pipe")
    with ThreadPoolExecutor() as pool:
        reading = pool.submit((asks.home / "pipe").read_text)
        assert asks.run("export", "-o", "pipe", "--format", "md").status == 0
        assert reading.result() == (asks.home / "real.md").read_text()
    assert (asks.home / "pipe").is_fifo()


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00.000+00:00",
        "0001-01-01T00:00:00.000+14:00",
        "9999-12-31T23:59:59.999-12:00",
        "1969-12-31T23:59:59.000+00:00",
    ],
)
def test_whatever_is_imported_can_be_exported_again(asks: AskRuns, moment: str) -> None:
    asks.environment["TZ"] = "America/Los_Angeles"
    document = json.loads(to_json((FULL,)))
    for each in (document["conversations"][0], *document["conversations"][0]["messages"]):
        each.update({name: moment for name in ("created", "active") if name in each})
    (asks.home / "old.json").write_text(json.dumps(document))
    assert asks.run("import", "old.json").status == 0
    for arguments in (
        ("history",),
        ("history", "--json"),
        ("export", "--all"),
        ("usage", "--by", "day"),
        ("export", "--all", "-o", "again.json"),
    ):
        said = asks.run(*arguments)
        assert (said.status, said.errors) == (0, ""), arguments
    said = asks.run("import", "again.json")
    assert said.output.startswith("0 new conversations, 0 new messages")


def test_the_export_of_another_chat_is_read(asks: AskRuns) -> None:
    question = {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["Why?"]}}
    mapping = {"q": {"message": question, "parent": None}}
    (asks.home / "conversations.json").write_text(
        json.dumps([{"title": "T\x1b]0;x\x07", "mapping": mapping, "current_node": "q"}])
    )
    assert asks.run("import", "conversations.json").output.startswith("1 new conversation, 1 new")
    assert asks.run("import", "conversations.json").output.startswith("0 new conversations, 0 new")
    assert asks.run("history").output.endswith("  T\n")
