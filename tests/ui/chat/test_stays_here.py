"""On the screen what is marked to stay here is shown, recalled, forked and quoted so."""

import asyncio
from pathlib import Path

import pytest
from textual.events import Key
from textual.pilot import Pilot

from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_screen import StartPhase
from tests.services.fakes import FakeBackend
from tests.services.turns import claude
from tests.ui.apps import Stage, wait_until
from tests.ui.frame.test_before_the_parts import LateApp, typed
from tests.ui.local_model import be_ready
from tests.ui.steps import composer, notices, questions, replies, write

SECRET = "my salary is 61,000"
PINNED = f"@local {SECRET}"


async def said_here(path: Path, text: str = PINNED) -> None:
    """Have something answered by the local model, and leave."""
    stage = Stage(claude=claude(), store_path=path)
    app = stage.app()
    async with app.run_test() as pilot:
        await be_ready(stage, pilot, app)
        await write(pilot, app, text)
        await wait_until(pilot, lambda: len(replies(app)) == 1)
        await app.workers.wait_for_complete()


def later(path: Path, backend: FakeBackend) -> ShammahApp:
    """Return the program as it goes on with that, offline."""
    return Stage(claude=backend, store_path=path, continue_last=True, offline=True).app()


async def refused(pilot: Pilot[None], app: ShammahApp, backend: FakeBackend) -> None:
    """What was sent comes back, and Claude was not asked."""
    await wait_until(pilot, lambda: composer(app).text == PINNED)
    await app.workers.wait_for_complete()
    assert backend.asked == []


async def test_up_gives_it_back_with_its_mark_after_a_restart(tmp_path: Path) -> None:
    await said_here(tmp_path / "store.db")
    backend = claude()
    app = later(tmp_path / "store.db", backend)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: questions(app) == [PINNED])
        await pilot.press("up")
        assert composer(app).text == PINNED
        await pilot.press("enter")
        await refused(pilot, app, backend)


@pytest.mark.parametrize("key", ["e", "f"])
async def test_an_edit_and_a_fork_begin_with_its_mark(tmp_path: Path, key: str) -> None:
    await said_here(tmp_path / "store.db")
    backend = claude()
    app = later(tmp_path / "store.db", backend)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: questions(app) == [PINNED])
        await pilot.press("ctrl+up", "up", key)
        await wait_until(pilot, lambda: composer(app).text == PINNED)
        await pilot.press("enter")
        await refused(pilot, app, backend)


@pytest.mark.parametrize("keys", [("r",), ("o",), ("f", "ctrl+up", "r"), ("f", "ctrl+up", "o")])
async def test_nor_is_claude_asked_by_a_key(tmp_path: Path, keys: tuple[str, ...]) -> None:
    await said_here(tmp_path / "store.db")
    backend = claude()
    app = later(tmp_path / "store.db", backend)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: questions(app) == [PINNED])
        await pilot.press("ctrl+up")
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.2)
            await app.workers.wait_for_complete()
        wanted = "remove @local to ask Claude" if keys[-1] == "o" else "Nothing was sent to"
        await wait_until(pilot, lambda: wanted in notices(app))
        assert backend.asked == []


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("@Claude:  how do I", "@claude how do I"),
        ("@LOCAL, what", "@local what"),
        ("> @local what", "@local > what"),
        ("what", "what"),
    ],
)
async def test_a_question_reads_the_same_live_and_reopened(
    tmp_path: Path, typed: str, shown: str
) -> None:
    stage = Stage(claude=claude(), store_path=tmp_path / "store.db")
    app = stage.app()
    async with app.run_test() as pilot:
        await be_ready(stage, pilot, app)
        await write(pilot, app, typed)
        await wait_until(pilot, lambda: len(replies(app)) == 1)
        assert questions(app) == [shown]
        await app.workers.wait_for_complete()
    app = later(tmp_path / "store.db", claude())
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: questions(app) == [shown])
        await pilot.press("up")
        assert composer(app).text == shown


@pytest.mark.parametrize("is_reopened", [False, True])
async def test_a_quotation_of_it_stays_here_too(tmp_path: Path, is_reopened: bool) -> None:
    path = tmp_path / "store.db"
    if is_reopened:
        await said_here(path)
    stage = Stage(claude=claude(), store_path=path, continue_last=is_reopened)
    app = stage.app()
    async with app.run_test() as pilot:
        if not is_reopened:
            await be_ready(stage, pilot, app)
            await write(pilot, app, PINNED)
            await app.workers.wait_for_complete()
        await wait_until(pilot, lambda: len(replies(app)) == 1)
        composer(app).load_text("What of this:")
        await pilot.press("ctrl+up", "q")
        await wait_until(pilot, lambda: "> From this machine." in composer(app).text)
        assert composer(app).text.startswith("@local What of this:")


async def test_what_follows_private_is_not_sent_before_it(tmp_path: Path) -> None:
    backend = claude()
    late = LateApp(Stage(claude=backend, store_path=tmp_path / "store.db", offline=True))
    async with late.app.run_test() as pilot:
        await typed(pilot, late.app, "/private")
        await pilot.press("enter")
        await typed(pilot, late.app, SECRET)
        await pilot.press("enter")
        late.come.set()
        await wait_until(pilot, lambda: composer(late.app).text == SECRET)
        assert late.app._session.conversation.is_private
        await late.app.workers.wait_for_complete()
        assert backend.asked == []
    assert SECRET.encode() not in b"".join(each.read_bytes() for each in tmp_path.iterdir())


async def test_nor_when_both_are_typed_ahead() -> None:
    backend = claude()
    app = Stage(claude=backend, offline=True).app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app._chat.phase is StartPhase.READY)
        await write(pilot, app, "hello")
        await wait_until(pilot, lambda: len(replies(app)) == 1)
        await app.workers.wait_for_complete()
        for text in ("/private", SECRET):
            for sign in text:
                app.post_message(Key("slash" if sign == "/" else sign, sign))
            app.post_message(Key("enter", None))
        await wait_until(pilot, lambda: app._session.conversation.is_private)
        await wait_until(pilot, lambda: composer(app).text == SECRET)
        await app.workers.wait_for_complete()
        assert len(backend.asked) == 1


async def test_what_is_typed_after_a_private_that_had_to_wait_is_not_sent() -> None:
    backend = FakeBackend("So far", asyncio.Event())
    app = Stage(claude=backend, offline=True).app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app._chat.phase is StartPhase.READY)
        await write(pilot, app, "hello")
        await wait_until(pilot, backend.waiting.is_set)
        await write(pilot, app, "/private")
        await wait_until(pilot, lambda: composer(app).text.startswith("/private"))
        app._chat.action_stop()
        await wait_until(pilot, lambda: not app._chat._is_replying)
        await pilot.press(*"mine", "enter")
        await wait_until(pilot, lambda: "takes no argument" in notices(app))
        assert len(backend.asked) == 1
