"""Editing, switching, forking, deleting and taking that back."""

import sqlite3
from pathlib import Path

import pytest

from shammah_tui.core.conversation.ledger import Period
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import HiddenTurns, Receipt, TitleSource
from shammah_tui.core.conversation.search_query import parse_query
from tests.adapters.sqlite_stores import (
    Clock,
    answer,
    check_sound,
    opened,
    receipt,
    say,
    shown,
    texts,
)


async def test_editing_a_question_forks_and_the_old_branch_stays(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    async with opened(path) as store:
        chat = store.new_id()
        _, first = say(store, chat, "Q1", "A1")
        old, old_reply = say(store, chat, "Q2", "A2", after=first)
        say(store, chat, "Q3", "A3", after=old_reply)
        new, _ = say(store, chat, "Q2 edited", "A2 edited", after=first)
        conversation = await shown(store, chat)
        assert [each.text for each in conversation.path] == ["Q1", "A1", "Q2 edited", "A2 edited"]
        assert conversation.siblings == {new: (old, new)}
        assert conversation.summary.message_count == 8
        store.show_branch(chat, old)
    async with opened(path) as store:
        # The branch that was shown is shown again, to its end.
        conversation = await shown(store, chat)
        assert [each.text for each in conversation.path] == ["Q1", "A1", "Q2", "A2", "Q3", "A3"]
        assert conversation.siblings == {old: (old, new)}
        store.show_branch(chat, new)
        assert await texts(store, chat) == ["Q1", "A1", "Q2 edited", "A2 edited"]


async def test_the_first_question_can_be_edited_too(tmp_path: Path) -> None:
    async with opened(tmp_path / "c.db") as store:
        chat = store.new_id()
        old, _ = say(store, chat, "Q", "A")
        new, _ = say(store, chat, "Q edited", "A edited")
        conversation = await shown(store, chat)
        assert [each.text for each in conversation.path] == ["Q edited", "A edited"]
        assert conversation.siblings == {new: (old, new)}


async def test_a_branch_of_another_conversation_is_not_shown(tmp_path: Path) -> None:
    async with opened(tmp_path / "c.db") as store:
        one, two = store.new_id(), store.new_id()
        asked, _ = say(store, one, "Q one")
        say(store, two, "Q two")
        store.show_branch(two, asked)
        assert await texts(store, two) == ["Q two", "Yes"]
        # Nor does a message follow one of another conversation.
        say(store, two, "Q three", after=asked)
        assert await texts(store, two) == ["Q three", "Yes"]


async def test_a_fork_is_a_conversation_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    clock = Clock()
    async with opened(path, clock=clock) as store:
        chat = store.new_id()
        asked, reply = say(store, chat, "The egg", "A1", given=receipt(cost_microusd=5))
        say(store, chat, "Later", "A2", after=reply)
        answer(store, chat, asked, "Another")
        store.rename(chat, "Mine", TitleSource.USER)
        store.show_branch(chat, reply)
        clock.now_s += 60
        fork = store.fork(chat, reply)
        copy = await shown(store, fork)
        assert [each.text for each in copy.path] == ["The egg", "A1"]
        assert copy.path[1].receipt == receipt(cost_microusd=5)
        assert copy.siblings == {}
        assert copy.summary.title == "Mine (2)"
        assert copy.summary.title_source is TitleSource.USER
        assert await store.last_conversation() == fork
        say(store, fork, "Only in the fork", after=copy.path[1].id)
        store.delete_conversation(chat)
        store.purge()
        assert await texts(store, fork) == ["The egg", "A1", "Only in the fork", "Yes"]
        assert {hit.conversation_id for hit in await store.search(parse_query("egg"))} == {fork}
        # What was copied was not asked again.
        assert sum(row.replies for row in await store.ledger(Period.DAY)) == 4
    check_sound(path)


async def test_a_fork_takes_every_column_of_a_message_along(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with opened(path) as store:
        chat = store.new_id()
        asked, reply = say(store, chat, "Q", "A")
        await store.written()
        await shown(store, chat)
    with sqlite3.connect(path) as connection:
        # As a later version of the program may have it.
        connection.execute("ALTER TABLE message ADD COLUMN later_field TEXT")
        connection.execute("UPDATE message SET later_field = text || '!'")
    connection.close()
    async with opened(path) as store:
        copy = await shown(store, store.fork(chat, reply))
        ids = [each.id for each in copy.path]
        assert not {asked, reply} & set(ids)
    with sqlite3.connect(path) as connection:
        query = "SELECT later_field FROM message WHERE id = ?"
        kept = [connection.execute(query, (each,)).fetchone() for each in ids]
    connection.close()
    assert kept == [("Q!",), ("A!",)]


async def test_forks_are_told_apart_by_their_titles(tmp_path: Path) -> None:
    async with opened(tmp_path / "c.db") as store:
        chat = store.new_id()
        _, reply = say(store, chat, "The egg", "A1")
        fork = store.fork(chat, reply)
        copy = await shown(store, fork)
        again = store.fork(fork, copy.path[-1].id)
        titles = {each.id: each.title for each in await store.conversations()}
        assert titles == {chat: "The egg", fork: "The egg (2)", again: "The egg (3)"}
        # No model gives the two the same title again.
        store.rename(fork, "Boiling an egg", TitleSource.WORDS)
        assert (await shown(store, fork)).summary.title == "The egg (2)"


async def test_a_version_once_chosen_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with opened(path) as store:
        chat = store.new_id()
        one, first = say(store, chat, "Q", "A")
        answer(store, chat, one, "A newer")
        store.show_branch(chat, first)
        other, _ = say(store, chat, "Q edited", "B")
        assert await texts(store, chat) == ["Q edited", "B"]
    async with opened(path) as store:
        store.show_branch(chat, one)
        assert await texts(store, chat) == ["Q", "A"]
        store.show_branch(chat, other)
        store.show_branch(chat, one)
        assert await texts(store, chat) == ["Q", "A"]
        # What is deleted is not what is shown.
        store.delete_messages((first,))
        store.show_branch(chat, other)
        store.show_branch(chat, one)
        assert await texts(store, chat) == ["Q", "A newer"]
    check_sound(path)


async def test_an_edit_in_the_middle_tells_which_turns_it_hides(tmp_path: Path) -> None:
    async with opened(tmp_path / "c.db") as store:
        chat = store.new_id()
        old, first = say(store, chat, "Q1", "A1")
        _, second = say(store, chat, "Q2", "A2", after=first)
        say(store, chat, "Q3", "A3", after=second)
        assert (await shown(store, chat)).hidden is None
        new, reply = say(store, chat, "Q1 edited", "B1")
        assert (await shown(store, chat)).hidden == HiddenTurns(new, 1, 2)
        say(store, chat, "Q2 edited", "B2", after=reply)
        assert (await shown(store, chat)).hidden is None
        store.show_branch(chat, old)
        assert (await shown(store, chat)).hidden is None


async def test_the_bin_is_there_after_a_restart_for_as_long_as_it_is_kept(tmp_path: Path) -> None:
    path, clock = tmp_path / "c.db", Clock()
    async with opened(path, clock=clock) as store:
        one, two, three = (store.new_id() for _ in range(3))
        say(store, one, "One")
        asked, reply = say(store, two, "Two")
        say(store, three, "Three")
        store.delete_conversation(one)
        clock.now_s += 10
        # With its last message gone a conversation is in the bin as well.
        store.delete_messages((asked, reply))
        assert [each.id for each in await store.conversations()] == [three]
        deleted = await store.last_deleted(two)
        assert deleted is not None
        assert (deleted.text, set(deleted.message_ids)) == ("Two", {asked, reply})
        assert await store.last_deleted(three) is None
    async with opened(path, clock=clock) as store:
        gone = await store.deleted_conversations()
        assert [(each.id, each.title) for each in gone] == [(two, "Two"), (one, "One")]
        assert gone[0].deleted_ms == int(clock.now_s * 1000)
        for each in gone:
            store.restore_conversation(each.id)
        assert await texts(store, two) == ["Two", "Yes"]
        assert await store.deleted_conversations() == ()
        store.delete_conversation(one)
        clock.now_s += 31 * 86_400
        store.purge(30 * 86_400)
        assert await store.deleted_conversations() == ()
    check_sound(path)


async def test_deletions_in_the_same_moment_are_undone_one_by_one(tmp_path: Path) -> None:
    async with opened(tmp_path / "c.db") as store:
        chat = store.new_id()
        first = say(store, chat, "Q1", "A1")
        second = say(store, chat, "Q2", "A2", after=first[1])
        say(store, chat, "Q3", "A3", after=second[1])
        store.delete_messages(first)
        store.delete_messages(second)
        for each in (second, first):
            deleted = await store.last_deleted(chat)
            assert deleted is not None
            assert deleted.message_ids == set(each)
            store.restore_messages(deleted.message_ids)
        assert await store.last_deleted(chat) is None


async def test_the_list_tells_who_replied_last(tmp_path: Path) -> None:
    async with opened(tmp_path / "c.db") as store:
        chat = store.new_id()
        _, reply = say(store, chat, "Q1", "A1", given=receipt(Side.LOCAL, model="Qwen3.5 4B"))
        say(store, chat, "Q2", "A2", after=reply, given=receipt(Side.CLAUDE, model="claude-x"))
        (summary,) = await store.conversations()
        assert (summary.side, summary.model) == (Side.CLAUDE, "claude-x")
        assert await store.summary(chat) == summary
        assert await store.summary(12345) is None


async def test_deleting_a_turn_leaves_the_rest_and_can_be_undone(tmp_path: Path) -> None:
    async with opened(tmp_path / "c.db") as store:
        chat = store.new_id()
        q1, a1 = say(store, chat, "Q1", "A1")
        q2, a2 = say(store, chat, "Q2", "A2", after=a1)
        say(store, chat, "Q3", "A3", after=a2)
        store.delete_messages((q2, a2))
        conversation = await shown(store, chat)
        assert [each.text for each in conversation.path] == ["Q1", "A1", "Q3", "A3"]
        assert conversation.path[2].parent_id == a1
        assert conversation.summary.message_count == 4
        assert await store.search(parse_query("Q2")) == ()
        store.restore_messages((q2, a2))
        assert await texts(store, chat) == ["Q1", "A1", "Q2", "A2", "Q3", "A3"]
        assert len(await store.search(parse_query("Q2"))) == 1
        assert q1


async def test_going_on_after_deleting_the_end(tmp_path: Path) -> None:
    async with opened(tmp_path / "c.db") as store:
        chat = store.new_id()
        _, a1 = say(store, chat, "Q1", "A1")
        q2, a2 = say(store, chat, "Q2", "A2", after=a1)
        store.delete_messages((q2, a2))
        assert await texts(store, chat) == ["Q1", "A1"]
        q3, _ = say(store, chat, "Q3", "A3", after=a1)
        store.restore_messages((q2, a2))
        conversation = await shown(store, chat)
        assert [each.text for each in conversation.path] == ["Q1", "A1", "Q3", "A3"]
        assert conversation.siblings == {q3: (q2, q3)}


async def test_purging_a_turn_joins_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with opened(path) as store:
        chat = store.new_id()
        q1, a1 = say(store, chat, "Q1", "A1")
        q2, a2 = say(store, chat, "Q2", "A2", after=a1)
        say(store, chat, "Q3", "A3", after=a2)
        store.delete_messages((q2, a2))
        store.purge()
        store.restore_messages((q2, a2))
        assert await texts(store, chat) == ["Q1", "A1", "Q3", "A3"]
        assert q1
    check_sound(path)


async def test_purging_the_leaf_and_all(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with opened(path) as store:
        chat = store.new_id()
        q1, a1 = say(store, chat, "Q1", "A1")
        q2, a2 = say(store, chat, "Q2", "A2", after=a1)
        store.delete_messages((a2,))
        store.delete_messages((q2,))
        store.purge()
        assert await texts(store, chat) == ["Q1", "A1"]
        store.delete_messages((q1, a1))
        assert await store.conversations() == ()
        store.purge()
        assert await store.open(chat) is None
    check_sound(path)


async def test_a_deleted_conversation_comes_back_until_it_is_purged(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path / "c.db", clock=clock) as store:
        old, new = store.new_id(), store.new_id()
        say(store, old, "The old egg")
        say(store, new, "The new egg")
        store.delete_conversation(old)
        assert [each.id for each in await store.conversations()] == [new]
        assert await store.open(old) is None
        assert len(await store.search(parse_query("egg"))) == 2
        store.restore_conversation(old)
        assert await texts(store, old) == ["The old egg", "Yes"]
        store.delete_conversation(old)
        clock.now_s += 100
        store.delete_conversation(new)
        store.purge(older_than_s=50)
        store.restore_conversation(old)
        store.restore_conversation(new)
        assert [each.id for each in await store.conversations()] == [new]


async def test_saying_something_in_a_deleted_conversation_brings_it_back(tmp_path: Path) -> None:
    async with opened(tmp_path / "c.db") as store:
        chat = store.new_id()
        _, reply = say(store, chat, "Q1", "A1")
        store.delete_conversation(chat)
        say(store, chat, "Q2", "A2", after=reply)
        assert await texts(store, chat) == ["Q1", "A1", "Q2", "A2"]


async def test_going_on_in_a_conversation_that_another_program_purged(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with opened(path) as store, opened(path) as other:
        chat = store.new_id()
        _, reply = say(store, chat, "Q1", "A1")
        asked = store.add_question(chat, reply, "Q2").id
        streaming = store.begin_reply(chat, asked, Receipt(receipt().side, "")).id
        store.append(streaming, "first ")
        await store.written()
        other.delete_conversation(chat)
        other.purge()
        await other.written()
        store.append(streaming, "second")
        store.finish_reply(streaming, receipt())
        answer(store, chat, asked, "A2")
        assert await texts(store, chat) == ["A2"]
    check_sound(path)


async def test_a_question_that_nobody_answered_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with opened(path) as store:
        chat = store.new_id()
        asked = store.add_question(chat, None, "Nobody home").id
        store.discard(asked)
        assert await store.conversations() == ()
        assert await store.open(chat) is None
        _, reply = say(store, chat, "Q1", "A1")
        asked = store.add_question(chat, reply, "Nobody again").id
        begun = store.begin_reply(chat, asked, Receipt(receipt().side, "")).id
        store.append(begun, "x")
        store.discard(asked)
        assert await texts(store, chat) == ["Q1", "A1"]
        assert await store.search(parse_query("nobody")) == ()
    check_sound(path)


@pytest.mark.parametrize("how", ["conversation", "messages", "discard"])
async def test_what_is_erased_is_no_longer_in_the_file(tmp_path: Path, how: str) -> None:
    path = tmp_path / "c.db"
    secrets = ("Xylophonic", "Quixotry", "Zymurgical")
    async with opened(path) as store:
        kept = store.new_id()
        for number in range(50):
            say(store, kept, f"Kept {number}", "word " * 50)
        chat = store.new_id()
        asked, reply = say(store, chat, f"{secrets[0]} first", f"{secrets[1]} " * 2000)
        if how != "conversation":
            say(store, chat, "Other")
        else:
            store.rename(chat, f"A {secrets[2]} title", TitleSource.USER)
            store.save_draft(chat, secrets[2])
        if how == "conversation":
            store.delete_conversation(chat)
        elif how == "messages":
            store.delete_messages((asked, reply))
            store.rename(chat, "Title", TitleSource.USER)
        else:
            store.discard(asked)
            store.rename(chat, "Title", TitleSource.USER)
        store.purge()
        await store.written()
        # The steps that clear the index come one by one.
        for _ in range(50):
            store.save_draft(None, "x")
            await store.written()
    content = path.read_bytes().lower()
    for secret in secrets:
        assert secret.lower().encode() not in content
    connection = sqlite3.connect(path)
    connection.execute("CREATE VIRTUAL TABLE temp.v USING fts5vocab (main, message_index, row)")
    terms = {term for (term,) in connection.execute("SELECT term FROM temp.v")}
    connection.close()
    assert "kept" in terms
    assert not terms & {secret.lower() for secret in secrets}
