"""The list of conversations: its columns, its search field, what is deleted, renamed and pinned."""

from pathlib import Path

import pytest
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt
from shammah_tui.core.settings.settings import Settings
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_screen import StartPhase
from shammah_tui.ui.panels.conversations import Conversations
from tests.services.turns import claude
from tests.ui.apps import Stage, wait_until
from tests.ui.kept import kept
from tests.ui.looks import row_of, rows, segments
from tests.ui.opened import said
from tests.ui.steps import composer, notices, questions, replies, write


def lines(app: ShammahApp) -> list[str]:
    options = app.screen.query_one(OptionList)
    return [str(options.get_option_at_index(n).prompt) for n in range(options.option_count)]


def type_at_once(app: ShammahApp, *keys: str) -> None:
    """Press keys as fast as a terminal sends them: none waits for what the one before does."""
    for key in keys:
        app.post_message(Key(key, key if len(key) == 1 else None))


async def opened(pilot: Pilot[None], app: ShammahApp) -> None:
    await pilot.press("f3")
    await wait_until(pilot, lambda: isinstance(app.screen, Conversations) and bool(lines(app)))


@pytest.fixture
async def two(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    await kept(path, [("Weekend trip to Lisbon", "Go by train")], [("Hills", "They are old")])
    return path


@pytest.mark.parametrize("key", ["delete", "ctrl+d"])
async def test_in_the_search_field_a_key_that_deletes_edits_it(two: Path, key: str) -> None:
    app = Stage(claude=claude(), store_path=two).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        await pilot.press(*"lisbon")
        await wait_until(pilot, lambda: "Weekend" in "".join(lines(app)))
        await pilot.press("home", key)
        field = app.screen.query_one(Input)
        await wait_until(pilot, lambda: field.value == "isbon")
        await pilot.press("end", key, key)
        assert field.value == "isbon"
        await wait_until(pilot, lambda: "Weekend" in "".join(lines(app)))
        assert said(app) == []


async def test_what_is_deleted_is_named_and_undone_also_once_the_panel_was_left(two: Path) -> None:
    app = Stage(claude=claude(), store_path=two).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        await pilot.press("down", "down", "delete")
        await wait_until(pilot, lambda: len(lines(app)) == 1)
        await wait_until(
            pilot, lambda: said(app) == ["Deleted “Weekend trip to Lisbon” · Ctrl+Z undoes"]
        )
        await pilot.press("escape")
        await opened(pilot, app)
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: len(lines(app)) == 2)
        await wait_until(pilot, lambda: said(app) == ["Restored “Weekend trip to Lisbon”"])
        # Now there is nothing left to undo.
        assert "Undo" not in rows(app)[-2]
        await pilot.press("down", "delete", "escape")
        await write(pilot, app, "/undo")
        await wait_until(pilot, lambda: "Restored “" in notices(app))
        await opened(pilot, app)
        assert len(lines(app)) == 2


async def test_the_bin_outlives_the_program(two: Path) -> None:
    app = Stage(claude=claude(), store_path=two).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        await pilot.press("down", "down", "ctrl+d")
        await wait_until(pilot, lambda: len(lines(app)) == 1)
    again = Stage(claude=claude(), store_path=two).app()
    async with again.run_test(size=(100, 30)) as pilot:
        await opened(pilot, again)
        await pilot.press("ctrl+t")
        await wait_until(pilot, lambda: "Lisbon" in "".join(lines(again)))
        assert again.screen.query_one(Input).value == "in:bin "
        assert row_of(again, "kept for 30 days") is not None
        await pilot.press("enter")
        await wait_until(pilot, lambda: lines(again) == [])
        assert row_of(again, "The bin is empty") is not None
        await pilot.press("ctrl+t")
        await wait_until(pilot, lambda: len(lines(again)) == 2)


async def test_the_open_conversation_is_deleted_and_an_empty_one_opens(two: Path) -> None:
    app = Stage(claude=claude(), store_path=two, continue_last=True).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: questions(app) == ["Hills"])
        await opened(pilot, app)
        assert lines(app)[0].startswith("● ")
        await pilot.press("down", "delete")
        await wait_until(pilot, lambda: len(lines(app)) == 1)
        await wait_until(pilot, lambda: questions(app) == [])
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: len(lines(app)) == 2)
        await pilot.press("up", "enter")
        await wait_until(pilot, lambda: questions(app) == ["Hills"])


async def test_columns_line_up(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path)
    for title, side, model in (
        ("CSS grid", Side.CLAUDE, "claude-sonnet-5-5"),
        ("A title that is so long that it has to be cut somewhere in the list", Side.LOCAL, "Qwen"),
        ("这是一个关于语言模型的问题", Side.LOCAL, ""),
    ):
        chat = store.new_id()
        asked = store.add_question(chat, None, title).id
        reply = store.begin_reply(chat, asked, Receipt(side, "")).id
        store.append(reply, "yes")
        store.finish_reply(reply, Receipt(side, "", "", model))
    await store.close()
    app = Stage(claude=claude(), store_path=path).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        shown = [row for row in rows(app) if "just now" in row]
        assert len(shown) == 3
        assert {row.index("just now") for row in rows(app) if "Qwen" in row} == {
            row.index("just now") for row in rows(app) if "CSS" in row
        }
        assert all(row.rstrip(" │").endswith("just now") for row in shown)
        assert "Local · Qwen" in shown[1]
        assert "Claude Sonnet 5.5" in shown[2]
        assert "…" in shown[1]
        header = next(row for row in rows(app) if "Last used" in row)
        assert header.index("Answered by") == shown[2].index("Claude Sonnet")
        await pilot.resize_terminal(50, 30)
        await wait_until(pilot, lambda: row_of(app, "Claude Sonnet 5.5") is None)
        assert row_of(app, "just now") is not None


@pytest.mark.parametrize("key", ["ctrl+o", "f5"])
async def test_both_marks_are_seen_and_pinning_is_said(two: Path, key: str) -> None:
    app = Stage(claude=claude(), store_path=two, continue_last=True).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: questions(app) == ["Hills"])
        await opened(pilot, app)
        await pilot.press(key)
        await wait_until(pilot, lambda: lines(app)[0].startswith("●⚑ Hills"))
        assert said(app) == ["Pinned “Hills”"]
        await pilot.press(key)
        await wait_until(pilot, lambda: lines(app)[0].startswith("●  Hills"))
        await wait_until(pilot, lambda: said(app)[-1] == "Unpinned “Hills”")


async def test_a_conversation_is_renamed_by_a_key_of_the_settings(two: Path) -> None:
    settings = Settings(keys={"rename": "ctrl+y"})
    app = Stage(claude=claude(), store_path=two, settings=settings).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        await pilot.press("ctrl+y")
        await wait_until(pilot, lambda: not isinstance(app.screen, Conversations))
        assert row_of(app, "Enter saves · Esc cancels") is not None
        await pilot.press("end", "!", "enter")
        await wait_until(
            pilot, lambda: isinstance(app.screen, Conversations) and "Hills!" in lines(app)[0]
        )


async def test_the_header_has_the_title_of_what_is_open(two: Path) -> None:
    app = Stage(claude=claude(), store_path=two, continue_last=True).app()
    async with app.run_test(size=(120, 30)) as pilot:
        await wait_until(pilot, lambda: "Hills" in rows(app)[0])
        await write(pilot, app, "/rename Old hills")
        await wait_until(pilot, lambda: "Old hills" in rows(app)[0])
        await pilot.press("ctrl+n")
        await wait_until(pilot, lambda: "Old hills" not in rows(app)[0])
        await write(pilot, app, "Something new")
        await wait_until(pilot, lambda: "Something new" in rows(app)[0])
        await write(pilot, app, "/private")
        await wait_until(pilot, lambda: "Something new" not in rows(app)[0])
        await write(pilot, app, "/pin")
        await wait_until(pilot, lambda: "private conversation can't be renamed" in notices(app))


async def test_a_private_conversation_is_in_no_list(two: Path) -> None:
    app = Stage(claude=claude(), store_path=two).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await write(pilot, app, "/private")
        await write(pilot, app, "zanzibar")
        await app.workers.wait_for_complete()
        await opened(pilot, app)
        assert len(lines(app)) == 2
        await pilot.press(*"zanzibar")
        await wait_until(pilot, lambda: lines(app) == [])
        assert row_of(app, "Nothing was found") is not None


async def test_a_slip_in_a_filter_is_named_and_hits_are_dated(two: Path) -> None:
    app = Stage(claude=claude(), store_path=two).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        await pilot.press(*"rain fromm:local")
        await wait_until(
            pilot,
            lambda: row_of(app, "There is no filter fromm:; did you mean from:?") is not None,
        )
        (hit,) = lines(app)
        head, excerpt, gap = hit.split("\n")
        assert head.startswith("Weekend trip to Lisbon · Claude")
        assert head.endswith("just now")
        assert (excerpt, gap) == ("Go by train", "")
        app.screen.query_one(Input).value = "hills"
        await wait_until(pilot, lambda: len(lines(app)) == 2)
        # The title is what was found: it stands there once.
        assert lines(app)[0].count("Hills") == 1
        app.screen.query_one(Input).value = "lisbon from:claude"
        await wait_until(pilot, lambda: row_of(app, "a filter looks at each message") is not None)


async def test_nothing_advertises_a_crisis_and_an_empty_list_says_so(tmp_path: Path) -> None:
    app = Stage(claude=claude(), store_path=tmp_path / "s.db").app()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("f3")
        await wait_until(pilot, lambda: row_of(app, "No conversations yet") is not None)
        await pilot.press("escape")
        await write(pilot, app, "I want to kill myself")
        await wait_until(pilot, lambda: replies(app) == ["Hello from Claude"])
        await opened(pilot, app)
        assert lines(app)[0].startswith("●  Conversation of ")
        assert "crisis" not in "\n".join(rows(app)).lower()


async def test_what_is_typed_in_the_list_goes_on_in_the_search(two: Path) -> None:
    app = Stage(claude=claude(), store_path=two).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        await pilot.press("down", *"train")
        await wait_until(pilot, lambda: len(lines(app)) == 1 and "Go by train" in lines(app)[0])
        assert app.screen.query_one(Input).value == "train"


async def test_the_words_are_marked_in_the_message_that_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await kept(path, [("Where to", "- by **train** to the station\n- or on foot")])
    app = Stage(claude=claude(), store_path=path).app()

    def marked() -> set[str]:
        return {
            each.text for each in segments(app) if each.style is not None and each.style.reverse
        }

    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        await pilot.press(*"stat")
        await wait_until(pilot, lambda: len(lines(app)) == 1 and "station" in lines(app)[0])
        await pilot.press("enter")
        await wait_until(pilot, lambda: questions(app) == ["Where to"])
        await wait_until(pilot, lambda: "stat" in "".join(marked()))


async def test_keys_that_come_before_the_list_are_for_the_list(two: Path) -> None:
    app = Stage(claude=claude(), store_path=two).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: app._chat.phase is StartPhase.READY)
        await pilot.press(*"half a draft")
        type_at_once(app, "f3", "down", "down", "enter")
        await wait_until(pilot, lambda: questions(app) == ["Weekend trip to Lisbon"])
        assert composer(app).text == "half a draft"


async def test_enter_opens_what_the_words_before_it_find(two: Path) -> None:
    app = Stage(claude=claude(), store_path=two).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        type_at_once(app, *"lisbon", "enter")
        await wait_until(pilot, lambda: questions(app) == ["Weekend trip to Lisbon"])


async def test_a_deletion_is_undone_in_the_chat_by_the_key_that_its_notice_names(two: Path) -> None:
    app = Stage(claude=claude(), store_path=two).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        await pilot.press("down", "delete")
        await wait_until(pilot, lambda: said(app) == ["Deleted “Hills” · Ctrl+Z undoes"])
        await pilot.press("escape")
        await wait_until(pilot, lambda: said(app) == ["Deleted “Hills” · /undo undoes"])
        await opened(pilot, app)
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: said(app) == ["Restored “Hills”"])
        await pilot.press("escape")
        await pilot.pause()
        assert said(app) == ["Restored “Hills”"]


async def test_copies_with_a_long_title_are_told_apart_in_a_narrow_list(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path)
    chat = store.new_id()
    asked = store.add_question(chat, None, "A question that is longer than its column by far").id
    store.fork(chat, asked)
    store.fork(chat, asked)
    await store.close()
    app = Stage(claude=claude(), store_path=path, continue_last=True).app()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: questions(app) != [])
        await wait_until(pilot, lambda: "… (" in rows(app)[0])
        await opened(pilot, app)
        titles = {line.split("…")[1].split()[0] for line in lines(app) if "…" in line}
        assert {"(2)", "(3)"} < titles


async def test_what_is_typed_or_pasted_in_the_list_is_searched_for(two: Path) -> None:
    app = Stage(claude=claude(), store_path=two).app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        field = app.screen.query_one(Input)
        await pilot.press("down")
        type_at_once(app, *"lisbon")
        await wait_until(pilot, lambda: field.value == "lisbon")
        await pilot.press("ctrl+u", "down")
        app.post_message(Paste("Lisbon\n"))
        await wait_until(pilot, lambda: field.value == "Lisbon")
        await wait_until(pilot, lambda: "Weekend" in "".join(lines(app)))
