import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from shammah_tui.core.protocol.fetch_messages import Progressed
from shammah_tui.core.settings.settings import Settings
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.generator_header import GeneratorHeader, ProgressRule
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.frame.plain_mode import PLAIN_INTERVAL_S, PLAIN_NOTICE_S, Pacer
from shammah_tui.ui.reply.reply_text import ReplyText
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE, claude
from tests.snapshots.kept_scenes import RECORDS
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import row_of, rows

PLAIN = Settings(plain=True)
REPLY = (
    "# Title\n\nText\n\n> quoted\n\n---\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1\n```\n"
)


def drawn(app: ShammahApp) -> set[str]:
    """Return what is drawn with lines, blocks and dots on the screen."""
    return {each for row in rows(app) for each in row if 0x2500 <= ord(each) <= 0x259F}


async def chat(pilot: Pilot[None], app: ShammahApp) -> None:
    await pilot.press(*"hi", "enter")
    await wait_until(pilot, lambda: row_of(app, "x = 1") is not None)


async def completions(pilot: Pilot[None], app: ShammahApp) -> None:
    await pilot.press("slash")
    await wait_until(pilot, lambda: row_of(app, "/editor") is not None)


async def notice(pilot: Pilot[None], app: ShammahApp) -> None:
    app.notify("Something happened")
    await wait_until(pilot, lambda: row_of(app, "Something happened") is not None)


def screen(key: str, text: str) -> Callable[[Pilot[None], ShammahApp], Awaitable[None]]:
    async def come(pilot: Pilot[None], app: ShammahApp) -> None:
        await pilot.press(key)
        await wait_until(pilot, lambda: row_of(app, text) is not None)

    return come


PLACES = {
    "chat": chat,
    "completions": completions,
    "notice": notice,
    "help": screen("f1", "Send the message"),
    "models": screen("f2", "Licence"),
    "conversations": screen("f3", "Conversations"),
    "palette": screen("ctrl+p", "Ask Claude"),
}


@pytest.mark.parametrize("place", PLACES)
async def test_nothing_is_drawn_with_lines(place: str) -> None:
    app = Stage(claude=FakeBackend(REPLY, CLAUDE_DONE), settings=PLAIN).app()
    async with app.run_test(size=(80, 40), notifications=True) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Composer).has_focus)
        await PLACES[place](pilot, app)
        await pilot.pause()
        assert drawn(app) == set()


async def test_otherwise_lines_are_drawn() -> None:
    """So that the test above can fail."""
    app = Stage(claude=FakeBackend(REPLY, CLAUDE_DONE)).app()
    async with app.run_test(size=(80, 40)) as pilot:
        await chat(pilot, app)
        assert len(drawn(app)) > 8


async def test_nothing_moves_by_itself() -> None:
    app = Stage(claude=claude(), settings=PLAIN).app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Composer).has_focus)
        assert app.animation_level == "none"
        assert not app.screen.query_one(Composer).cursor_blink
        for opening in ("f3", "ctrl+p"):
            await pilot.press(opening)
            await wait_until(pilot, lambda: isinstance(app.focused, Input))
            await wait_until(pilot, lambda: not app.screen.query_one(Input).cursor_blink)
            await pilot.press("escape")
            await wait_until(pilot, lambda: isinstance(app.focused, Composer))
    usual = Stage(claude=claude()).app()
    async with usual.run_test() as pilot:
        await wait_until(pilot, lambda: usual.screen.query_one(Composer).has_focus)
        assert usual.screen.query_one(Composer).cursor_blink


async def test_progress_is_told_in_words_alone() -> None:
    stage = Stage(claude=claude(), settings=PLAIN)
    app = stage.app()
    async with app.run_test(size=(60, 24)) as pilot:
        await wait_until(pilot, lambda: bool(stage.source.fetches))
        stage.source.fetches[-1].emit(Progressed(1_420_130_616, 5_680_522_464, 18e6, 1, 1))
        await wait_until(pilot, lambda: "25 %" in rows(app)[0])
        assert not any(row.startswith("--") or "==" in row for row in rows(app))


async def test_who_speaks_and_what_is_selected_is_told_in_words() -> None:
    app = Stage(claude=FakeBackend("Hello", CLAUDE_DONE), settings=PLAIN).app()
    async with app.run_test(size=(60, 24)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Composer).has_focus)
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: row_of(app, "Hello") is not None)
        assert row_of(app, "You") is not None
        await pilot.press("ctrl+up")
        await wait_until(pilot, lambda: row_of(app, "selected") is not None)
        await pilot.press("up")
        await wait_until(pilot, lambda: row_of(app, "You · selected") is not None)
        await pilot.press("escape")
        await wait_until(pilot, lambda: row_of(app, "selected") is None)


FRAME = "|+"
"""What frames are made of in ASCII."""


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
@pytest.mark.parametrize("key", ["f1", "f2", "f3"])
async def test_a_panel_is_alone_on_the_screen_and_has_no_frame(
    key: str, size: tuple[int, int]
) -> None:
    app = Stage(claude=FakeBackend("Hello", CLAUDE_DONE), settings=PLAIN).app()
    async with app.run_test(size=size) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Composer).has_focus)
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: row_of(app, "Hello") is not None)
        chat_screen = app.screen
        assert not any(row.strip().startswith(tuple(FRAME)) for row in rows(app))
        await pilot.press(key)
        await wait_until(pilot, lambda: app.screen is not chat_screen)
        await wait_until(pilot, lambda: row_of(app, "Close") is not None)
        assert row_of(app, "Hello") is None and row_of(app, "Ask anything") is None
        assert not any(row.strip().startswith(tuple(FRAME)) for row in rows(app))


async def test_notices_stay_long() -> None:
    app = Stage(claude=claude(), settings=PLAIN).app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Composer).has_focus)
        for title, timeout in (("short", 1), ("usual", None), ("long", 99)):
            app.notify("said", title=title, timeout=timeout)
        await pilot.pause()
        assert [each.timeout for each in app._notifications] == [PLAIN_NOTICE_S, PLAIN_NOTICE_S, 99]


async def test_a_reply_is_written_four_times_a_second_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[str] = []
    times_s: list[float] = []
    real = ReplyText.append

    async def append(self: ReplyText, text: str) -> None:
        written.append(text)
        times_s.append(asyncio.get_running_loop().time())
        await real(self, text)

    monkeypatch.setattr(ReplyText, "append", append)
    steps: list[object] = []
    gates = [asyncio.Event() for _ in range(60)]
    for gate in gates:
        steps += ["word ", gate]
    app = Stage(claude=FakeBackend(*steps, CLAUDE_DONE), settings=PLAIN).app()  # type: ignore[arg-type]
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: bool(written))
        for gate in gates:
            gate.set()
            await pilot.pause(0.01)
        await wait_until(pilot, lambda: not app.screen.query(".waiting"))
        assert "".join(written) == "word " * 60
        # The last one does not wait: the reply is over.
        pauses_s = [later - earlier for earlier, later in pairwise(times_s[:-1])]
        assert pauses_s
        assert min(pauses_s) > PLAIN_INTERVAL_S - 0.01


async def test_the_header_changes_four_times_a_second_at_most() -> None:
    stage = Stage(claude=claude(), settings=PLAIN)
    app = stage.app()
    shown: list[float | None] = []
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: bool(stage.source.fetches))
        header = app.screen.query_one(GeneratorHeader)
        app.screen.watch(
            header.query_one(ProgressRule), "fraction", lambda each: shown.append(each), init=False
        )
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(1, 61):
            done = number * 5_680_522_464 // 60
            stage.source.fetches[-1].emit(Progressed(done, 5_680_522_464, 18e6, 1, 1))
            await pilot.pause(0.01)
        await wait_until(pilot, lambda: shown[-1:] == [1.0])
        assert len(shown) <= 2 + (loop.time() - began) / PLAIN_INTERVAL_S


async def test_a_pacer_hands_on_the_first_at_once_and_then_the_newest() -> None:
    taken: list[int] = []
    app: App[None] = App()
    async with app.run_test() as pilot:
        pacer = Pacer(app, 0.05, taken.append)
        for number in range(5):
            pacer.take(number)
        assert taken == [0]
        for _ in range(100):
            await pilot.pause(0.01)
            if len(taken) > 1:
                break
        assert taken == [0, 4]
        at_once = Pacer(app, 0.0, taken.append)
        at_once.take(7)
        at_once.take(8)
        assert taken[2:] == [7, 8]


async def test_each_question_that_was_kept_says_whose_it_is(tmp_path: Path) -> None:
    stage = Stage(claude=claude(), settings=Settings(plain=True), store_path=tmp_path / "store.db")
    app = stage.app()
    async with app.run_test(size=(80, 40)) as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Composer).has_focus)
        await app.services.session.store.import_records(RECORDS[:1])
        await app.screen.open_conversation(RECORDS[0].id)  # type: ignore[attr-defined]
        await wait_until(pilot, lambda: row_of(app, "one owner") is not None)
        shown = [row.strip() for row in rows(app)]
        for question in ("How do I use Rust lifetimes?", "And what is ownership?"):
            assert shown[shown.index(question) - 1] == "You"
