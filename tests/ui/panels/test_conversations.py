import asyncio
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.errors import StoreError
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_pane import MOST, WINDOW, ChatPane
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.panels.conversations import Conversations
from shammah_tui.ui.reply.reply_label import RouterLabel
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE, claude
from tests.ui.apps import Stage, wait_until
from tests.ui.kept import kept
from tests.ui.steps import questions, replies, write


def lines(app: ShammahApp) -> list[str]:
    options = app.screen.query_one(OptionList)
    return [str(options.get_option_at_index(n).prompt) for n in range(options.option_count)]


async def opened(pilot: Pilot[None], app: ShammahApp) -> None:
    await pilot.press("f3")
    await wait_until(pilot, lambda: isinstance(app.screen, Conversations) and bool(lines(app)))


async def test_what_is_said_is_kept_as_it_streams(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    app = Stage(claude=claude(), store_path=path).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: replies(app) == ["Hello from Claude"])
    again = Stage(claude=claude(), store_path=path, continue_last=True).app()
    async with again.run_test() as pilot:
        await wait_until(pilot, lambda: questions(again) == ["hi"])
        await wait_until(pilot, lambda: replies(again) == ["Hello from Claude"])
        assert again.screen.query_one(RouterLabel).label.startswith("Claude Sonnet 5.5 · ")


async def test_both_sides_see_a_conversation_that_was_opened(tmp_path: Path) -> None:
    await kept(tmp_path / "store.db", [("one", "two")])
    backend = FakeBackend("yes", CLAUDE_DONE)
    stage = Stage(claude=backend, store_path=tmp_path / "store.db", continue_last=True)
    app = stage.app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: questions(app) == ["one"])
        await pilot.press(*"on", "enter")
        await wait_until(pilot, lambda: bool(backend.asked))
        assert [message.text for message in backend.asked[0]] == ["one", "two", "on"]


async def test_a_conversation_is_chosen_from_the_list(tmp_path: Path) -> None:
    await kept(tmp_path / "store.db", [("first", "a")], [("second", "b")])
    app = Stage(claude=claude(), store_path=tmp_path / "store.db").app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        assert [line.split()[0] for line in lines(app)] == ["second", "first"]
        await pilot.press("down", "down", "enter")
        await wait_until(pilot, lambda: questions(app) == ["first"])


async def test_a_search_finds_as_one_types(tmp_path: Path) -> None:
    await kept(
        tmp_path / "store.db",
        [("about rivers", "The Danube flows east")],
        [("about hills", "They are old")],
    )
    app = Stage(claude=claude(), store_path=tmp_path / "store.db").app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        await pilot.press(*"danu")
        await wait_until(pilot, lambda: len(lines(app)) == 1 and "Danube" in lines(app)[0])
        app.screen.query_one(Input).value = "danube from:local"
        await wait_until(pilot, lambda: lines(app) == [])
        app.screen.query_one(Input).value = "danube from:claude"
        await wait_until(pilot, lambda: len(lines(app)) == 1)
        await pilot.press("enter")
        await wait_until(pilot, lambda: questions(app) == ["about rivers"])


async def test_rename_pin_delete_and_undo(tmp_path: Path) -> None:
    await kept(tmp_path / "store.db", [("first", "a")], [("second", "b")])
    app = Stage(claude=claude(), store_path=tmp_path / "store.db").app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        await pilot.press("down", "down", "f5")
        await wait_until(pilot, lambda: lines(app)[0].startswith(" ⚑ first"))
        await pilot.press("f4")
        await wait_until(pilot, lambda: not isinstance(app.screen, Conversations))
        await pilot.press("end", *" one", "enter")
        await wait_until(
            pilot,
            lambda: isinstance(app.screen, Conversations) and "first one" in "".join(lines(app)),
        )
        await pilot.press("delete")
        await wait_until(pilot, lambda: len(lines(app)) == 1)
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: len(lines(app)) == 2)


async def test_a_new_one_leaves_the_old_one_in_the_list(tmp_path: Path) -> None:
    backend = FakeBackend("yes", CLAUDE_DONE)
    app = Stage(claude=backend, store_path=tmp_path / "store.db").app()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*"one", "enter")
        await wait_until(pilot, lambda: replies(app) == ["yes"])
        await app.workers.wait_for_complete()
        await pilot.press("ctrl+n")
        await wait_until(pilot, lambda: questions(app) == [])
        await pilot.press(*"two", "enter")
        await wait_until(pilot, lambda: len(backend.asked) == 2)
        assert [message.text for message in backend.asked[1]] == ["two"]
        await app.workers.wait_for_complete()
        await opened(pilot, app)
        assert len(lines(app)) == 2


async def test_what_is_typed_before_the_draft_was_read_is_not_taken_for_it(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path)
    store.save_draft(None, "the draft")
    await store.close()
    app = Stage(store_path=path).app()
    kept_drafts, gate = app._session.store, asyncio.Event()
    read = kept_drafts.draft

    async def slowly(conversation_id: int | None) -> str:
        await gate.wait()
        return await read(conversation_id)

    kept_drafts.draft = slowly  # type: ignore[method-assign]
    async with app.run_test() as pilot:
        composer = app.screen.query_one(Composer)
        await pilot.press("h")
        await wait_until(pilot, lambda: composer.text == "h")
        app._chat.keep_place()
        gate.set()
        await wait_until(pilot, lambda: composer.text == "the draft\nh")
        app._chat.keep_place()
        assert await read(None) == "the draft\nh"


async def test_a_draft_that_cannot_be_read_is_no_reason_not_to_open(tmp_path: Path) -> None:
    app = Stage(store_path=tmp_path / "store.db").app()

    async def never(conversation_id: int | None) -> str:
        raise StoreError("The disk cannot be read")

    app._session.store.draft = never  # type: ignore[method-assign]
    async with app.run_test() as pilot:
        await wait_until(
            pilot, lambda: any("cannot be read" in each.message for each in app._notifications)
        )
        await pilot.press("h")
        await wait_until(pilot, lambda: app.screen.query_one(Composer).text == "h")


async def test_a_draft_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    app = Stage(claude=claude(), store_path=path).app()
    async with app.run_test() as pilot:
        await pilot.press(*"half a thought")
    again = Stage(claude=claude(), store_path=path).app()
    async with again.run_test() as pilot:
        await wait_until(pilot, lambda: again.screen.query_one(Composer).text == "half a thought")


async def test_a_question_nobody_answered_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    app = Stage(offline=True, store_path=path).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: app.screen.query_one(Composer).text == "hi")
    store = SqliteStore(path)
    assert await store.conversations() == ()
    await store.close()


async def test_of_a_long_conversation_only_the_end_is_made_and_the_rest_when_scrolled_to(
    tmp_path: Path,
) -> None:
    turns = [(f"question {n}", f"reply {n}") for n in range(100)]
    await kept(tmp_path / "store.db", turns)
    stage = Stage(claude=claude(), store_path=tmp_path / "store.db", continue_last=True)
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "question 99" in questions(app))
        pane = app.screen.query_one(ChatPane)
        assert len(pane.children) == WINDOW
        await wait_until(pilot, lambda: pane.scroll_y == pane.max_scroll_y > 0)
        for _ in range(60):
            await pilot.press("pageup")
            if "question 0" in questions(app) and pane.scroll_y == 0:
                break
        # What is far below has gone again.
        assert questions(app) == [f"question {n}" for n in range(MOST // 2)]


async def test_home_on_a_message_goes_to_the_beginning_of_all_and_loses_nothing(
    tmp_path: Path,
) -> None:
    await kept(tmp_path / "store.db", [(f"question {n}", f"reply {n}") for n in range(100)])
    stage = Stage(claude=claude(), store_path=tmp_path / "store.db", continue_last=True)
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "question 99" in questions(app))
        await write(pilot, app, "a new question")
        await wait_until(pilot, lambda: replies(app)[-1:] == ["Hello from Claude"])
        pane = app.screen.query_one(ChatPane)
        await wait_until(pilot, lambda: pane.boxes[-1].message_id is not None)
        await pilot.press("ctrl+up", "home")
        await wait_until(pilot, lambda: questions(app)[0] == "question 0" and pane.scroll_y == 0)
        await wait_until(pilot, lambda: pane.focused_box is pane.boxes[0])
        await pilot.press("escape", "ctrl+end")
        await wait_until(pilot, lambda: questions(app)[-1:] == ["a new question"])
