"""The line above which the local model does not see the conversation any more."""

from pathlib import Path

from textual.pilot import Pilot

from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_pane import MOST, STEP
from shammah_tui.ui.chat.message_box import MessageBox
from shammah_tui.ui.chat.unseen_rule import WORDS, UnseenRule
from tests.services.turns import claude
from tests.ui.apps import Stage, wait_until
from tests.ui.kept import kept
from tests.ui.local_model import be_ready
from tests.ui.looks import row_of, rows
from tests.ui.opened import pane, texts
from tests.ui.steps import write

SMALL, LARGE = (80, 24), (160, 48)
TURNS = 30
"""Of about 314 tokens each, of which the stage's local model takes 8,192."""


def talk() -> list[tuple[str, str]]:
    return [(f"question {n}", f"reply {n} " + "word " * 180) for n in range(TURNS)]


async def opened(stage: Stage, pilot: Pilot[None], app: ShammahApp) -> None:
    """Be ready, with nobody but the local model to ask."""
    await be_ready(stage, pilot, app)
    await wait_until(pilot, lambda: bool(texts(app)))


async def ask(pilot: Pilot[None], app: ShammahApp, text: str) -> int:
    """Ask, and return how many messages were left out."""
    await write(pilot, app, text)
    await wait_until(pilot, lambda: text in texts(app) and bool(texts(app)[-1]))
    await app.workers.wait_for_complete()
    await pilot.pause()
    return pane(app).boxes[-1].left_out


def around(app: ShammahApp) -> tuple[str, str] | None:
    """Return the beginnings of what is above the rule and below it; None where there is none."""
    children = pane(app).children
    at = [n for n, child in enumerate(children) if isinstance(child, UnseenRule)]
    if not at:
        return None
    (n,) = at
    above, below = children[n - 1] if n else None, children[n + 1]
    assert isinstance(below, MessageBox)
    return (_begins(above.text) if isinstance(above, MessageBox) else ""), _begins(below.text)


def _begins(text: str) -> str:
    return " ".join(text.split()[:2])


async def scroll_to(pilot: Pilot[None], app: ShammahApp, text: str, key: str) -> None:
    for _ in range(100):
        if row_of(app, text) is not None:
            return
        await pilot.press(key)
        await pilot.pause()
    raise AssertionError(f"{text} was not come to")


async def test_it_stands_below_what_was_left_out_and_moves_when_more_is(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await kept(path, talk())
    stage = Stage(store_path=path, continue_last=True)
    app = stage.app()
    async with app.run_test(size=LARGE) as pilot:
        await opened(stage, pilot, app)
        assert around(app) is None
        assert await ask(pilot, app, "first") == 12
        assert around(app) is None, "neither of its messages is a widget yet"
        await scroll_to(pilot, app, WORDS, "pageup")
        assert around(app) == ("reply 5", "question 6")

        await pilot.press("ctrl+end")
        assert await ask(pilot, app, "second" + " word" * 700) == 20
        await scroll_to(pilot, app, WORDS, "pageup")
        assert around(app) == ("reply 9", "question 10")

    again = Stage(store_path=path, continue_last=True).app()
    async with again.run_test(size=LARGE) as pilot:
        await wait_until(pilot, lambda: around(again) == ("reply 9", "question 10"))
        # To the end and back: the messages by it were let go meanwhile.
        await pilot.press("ctrl+end")
        await wait_until(pilot, lambda: "question 10" not in texts(again))
        assert around(again) is None
        await scroll_to(pilot, again, WORDS, "pageup")
        assert around(again) == ("reply 9", "question 10")
        assert len(pane(again).boxes) <= MOST + STEP


async def test_it_goes_without_moving_what_is_read_and_is_no_place_to_come_back_to(
    tmp_path: Path,
) -> None:
    path = tmp_path / "store.db"
    await kept(path, talk()[:14])
    stage = Stage(store_path=path, continue_last=True)
    app = stage.app()
    async with app.run_test(size=SMALL) as pilot:
        await opened(stage, pilot, app)
        await ask(pilot, app, "long" + " word" * 4000)
        await scroll_to(pilot, app, WORDS, "pageup")
        row = row_of(app, WORDS)
        assert row is not None
        assert rows(app)[row].count("─") > 10
        (rule,) = pane(app).query(UnseenRule)
        top = pane(app).region.y
        pane(app).scroll_to(y=rule.virtual_region.y, animate=False, force=True)
        await wait_until(pilot, lambda: row_of(app, WORDS) == top)
        below = pane(app).children[pane(app).children.index(rule) + 1]
        assert isinstance(below, MessageBox)
        assert pane(app).place_id == below.message_id is not None
        seen = rows(app)[top + 1 : top + 10]
        pane(app).rule_off(None)
        await wait_until(pilot, lambda: row_of(app, WORDS) is None)
        assert rows(app)[top + 1 : top + 10] == seen


async def test_a_reply_by_one_who_saw_everything_takes_it_away(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await kept(path, talk()[:12])
    stage = Stage(store_path=path, continue_last=True)
    first = stage.app()
    async with first.run_test(size=LARGE) as pilot:
        await opened(stage, pilot, first)
        assert await ask(pilot, first, "long" + " word" * 4000) > 0
        assert around(first) is not None
    app = Stage(store_path=path, continue_last=True, claude=claude()).app()
    async with app.run_test(size=LARGE) as pilot:
        await wait_until(pilot, lambda: around(app) is not None)
        await write(pilot, app, "@claude hi")
        await wait_until(pilot, lambda: texts(app)[-1] == "Hello from Claude")
        await wait_until(pilot, lambda: around(app) is None)


def test_beside_the_words_there_is_room_for_a_line_in_the_smallest_window() -> None:
    assert len(WORDS) <= SMALL[0] - 12
