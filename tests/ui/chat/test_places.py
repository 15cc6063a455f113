"""Conversations that are opened where they were left, or where something was found."""

from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from shammah_tui.adapters.sqlite.store import SqliteStore
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import Receipt
from shammah_tui.core.conversation.reply import StopReason
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_pane import WINDOW, ChatPane
from shammah_tui.ui.chat.message_box import MessageBox
from shammah_tui.ui.panels.conversations import Conversations
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.kept import kept
from tests.ui.panels.test_conversations import lines, opened
from tests.ui.steps import composer, questions

SIZE = (80, 24)
TURNS = [
    (f"question {n}", f"reply {n}\n\n- one\n- two\n\n```python\nprint({n})\n```")
    for n in range(200)
]


def pane(app: ShammahApp) -> ChatPane:
    return app.screen_stack[0].query_one(ChatPane)


def top(app: ShammahApp) -> str:
    """The message at the top of the pane."""
    return next(
        box.text for box in pane(app).boxes if box.virtual_region.bottom > pane(app).scroll_y
    )


def is_at_end(app: ShammahApp) -> bool:
    return pane(app).scroll_y == pane(app).max_scroll_y > 0


def stage(folder: Path, *, continue_last: bool = False) -> Stage:
    return Stage(
        claude=FakeBackend("yes", CLAUDE_DONE),
        store_path=folder / "store.db",
        continue_last=continue_last,
    )


async def choose(pilot: Pilot[None], app: ShammahApp, title: str) -> None:
    """Open a conversation from the list."""
    await opened(pilot, app)
    row = next(n for n, line in enumerate(lines(app)) if title in line)
    await pilot.press("down", *["down"] * (row - app.screen.query_one("OptionList").highlighted))  # type: ignore[attr-defined]
    await pilot.press("enter")
    await wait_until(pilot, lambda: not isinstance(app.screen, Conversations))


async def find(pilot: Pilot[None], app: ShammahApp, words: str) -> None:
    """Open the only message that is found."""
    await opened(pilot, app)
    app.screen.query_one(Input).value = words
    await wait_until(pilot, lambda: len(lines(app)) == 1 and "reply" in lines(app)[0])
    await pilot.press("enter")
    await wait_until(pilot, lambda: isinstance(app.focused, MessageBox))


async def test_a_conversation_is_opened_where_it_was_left(tmp_path: Path) -> None:
    await kept(tmp_path / "store.db", [("other", "one")], TURNS)
    app = stage(tmp_path, continue_last=True).app()
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: "question 199" in questions(app) and is_at_end(app))
        for _ in range(9):
            await pilot.press("pageup")
        before = top(app)
        assert "199" not in before
        await choose(pilot, app, "other")
        await wait_until(pilot, lambda: questions(app) == ["other"])
        await choose(pilot, app, "question 0")
        await wait_until(pilot, lambda: top(app) == before)
        await pilot.pause()
        assert top(app) == before
        for _ in range(9):
            await pilot.press("pageup")
        before = top(app)
    again = stage(tmp_path, continue_last=True).app()
    async with again.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: bool(questions(again)) and top(again) == before)
        await pilot.pause()
        assert top(again) == before
        await pilot.press("ctrl+end")
        await wait_until(pilot, lambda: "question 199" in questions(again) and is_at_end(again))
    last = stage(tmp_path, continue_last=True).app()
    async with last.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: "question 199" in questions(last) and is_at_end(last))


async def test_a_message_that_was_found_is_shown_with_the_focus_and_its_surroundings(
    tmp_path: Path,
) -> None:
    turns = [*TURNS[:30], ("about rivers", "the reply names the Danube"), *TURNS[30:]]
    await kept(tmp_path / "store.db", turns)
    app = stage(tmp_path).app()
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, app, "danube")
        box = pane(app).focused_box
        assert box is not None and box.text == "the reply names the Danube"
        await wait_until(pilot, lambda: pane(app).region.contains_region(box.region))
        # Of the two hundred turns only those around it are made.
        assert len(pane(app).boxes) <= 2 * WINDOW
        assert "question 29" in questions(app) and "question 30" in questions(app)
        await pilot.press("down")
        assert pane(app).focused_box is pane(app).boxes[pane(app).boxes.index(box) + 1]


async def test_from_a_message_that_was_found_one_scrolls_to_the_end(tmp_path: Path) -> None:
    turns = [("about rivers", "the reply names the Danube"), *TURNS[:60]]
    await kept(tmp_path / "store.db", turns)
    app = stage(tmp_path).app()
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, app, "danube")
        assert "question 59" not in questions(app)
        await pilot.press("escape")
        seen = dict.fromkeys(questions(app))
        for _ in range(100):
            await pilot.press("pagedown")
            seen.update(dict.fromkeys(questions(app)))
            if "question 59" in seen and is_at_end(app):
                break
        assert list(seen) == ["about rivers", *(f"question {n}" for n in range(60))]
        assert is_at_end(app)


async def test_what_is_asked_from_a_message_that_was_found_comes_at_the_end(tmp_path: Path) -> None:
    turns = [("about rivers", "the reply names the Danube"), *TURNS]
    await kept(tmp_path / "store.db", turns)
    app = stage(tmp_path).app()
    async with app.run_test(size=SIZE) as pilot:
        await find(pilot, app, "danube")
        await pilot.press("escape", *"more", "enter")
        await wait_until(pilot, lambda: questions(app)[-2:] == ["question 199", "more"])
        await wait_until(pilot, lambda: pane(app).boxes[-1].text == "yes" and is_at_end(app))


async def test_a_message_that_was_found_on_another_branch_is_shown(tmp_path: Path) -> None:
    (conversation,) = await kept(tmp_path / "store.db", [("about rivers", "the reply: Danube")])
    store = SqliteStore(tmp_path / "store.db")
    present = await store.open(conversation)
    assert present is not None
    other = store.begin_reply(conversation, present.path[0].id, Receipt(Side.CLAUDE, "Claude")).id
    store.append(other, "the reply: Rhine")
    store.finish_reply(other, Receipt(Side.CLAUDE, "Claude", stop_reason=StopReason.END_TURN))
    await store.close()
    app = stage(tmp_path, continue_last=True).app()
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(
            pilot, lambda: [b.text for b in pane(app).boxes][1:] == ["the reply: Rhine"]
        )
        await find(pilot, app, "danube")
        box = pane(app).focused_box
        assert box is not None and box.text == "the reply: Danube" and box.branch == (1, 2)


async def test_each_conversation_has_its_own_draft(tmp_path: Path) -> None:
    await kept(tmp_path / "store.db", [("first", "1")], [("second", "2")])
    app = stage(tmp_path).app()
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: composer(app).has_focus)
        await pilot.press(*"new")
        await choose(pilot, app, "first")
        # It was written before there was a conversation for it.
        assert composer(app).text == "new"
        await pilot.press(*"er")
        await choose(pilot, app, "second")
        await wait_until(pilot, lambda: questions(app) == ["second"])
        assert composer(app).text == ""
        await pilot.press(*"other")
        await choose(pilot, app, "first")
        await wait_until(pilot, lambda: composer(app).text == "newer")
        await pilot.press("ctrl+n")
        await wait_until(pilot, lambda: questions(app) == [])
        assert composer(app).text == "newer"
        await choose(pilot, app, "second")
        await wait_until(pilot, lambda: composer(app).text == "other")


async def test_what_was_sent_is_no_draft_any_more(tmp_path: Path) -> None:
    app = stage(tmp_path).app()
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: composer(app).has_focus)
        await pilot.press(*"sent")
        app.screen_stack[0].keep_place()  # type: ignore[attr-defined]
        await pilot.press("enter")
        await wait_until(pilot, lambda: [box.text for box in pane(app).boxes] == ["sent", "yes"])
    store = SqliteStore(tmp_path / "store.db")
    assert await store.draft(None) == ""
    await store.close()


async def test_a_tall_pane_is_filled_though_its_messages_are_short(tmp_path: Path) -> None:
    await kept(tmp_path / "store.db", [(f"q {n}", f"r {n}") for n in range(60)])
    app = stage(tmp_path, continue_last=True).app()
    async with app.run_test(size=(80, 120)) as pilot:
        await wait_until(pilot, lambda: len(questions(app)) > WINDOW)
        await wait_until(pilot, lambda: is_at_end(app))
