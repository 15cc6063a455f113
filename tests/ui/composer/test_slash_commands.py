import asyncio

import pytest

from shammah_tui.core.local.generator import Downloading, NotAvailable
from shammah_tui.core.settings.settings import Settings
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_screen import ChatScreen
from shammah_tui.ui.composer.completion_list import CompletionList
from shammah_tui.ui.frame.keys import SLASH_COMMANDS
from shammah_tui.ui.panels.help import HelpPanel
from shammah_tui.ui.panels.model_panel import ModelPanel
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE, claude
from tests.ui.apps import Stage, wait_for_state, wait_until
from tests.ui.looks import row_of
from tests.ui.steps import composer, notices, questions, write


def offered(app: ShammahApp) -> list[str]:
    completions = app.screen_stack[0].query_one(CompletionList)
    return [str(option.prompt).split()[0] for option in completions.options]


def chosen(app: ShammahApp) -> str:
    completion = app.screen_stack[0].query_one(CompletionList).chosen
    return completion.text.strip().removeprefix("/") if completion else ""


async def test_a_slash_offers_all_and_typing_narrows() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: composer(app).has_focus)
        await pilot.press("slash")
        await wait_until(pilot, lambda: len(offered(app)) == len(SLASH_COMMANDS))
        assert offered(app)[:3] == ["/claude", "/local", "/new"]
        idle = ["/stop", "/thoughts", "/resume", "/undo"]
        doable = [each for each in offered(app) if each not in idle]
        assert offered(app)[: len(doable)] == doable, "what does nothing now comes last"
        assert {"/stop", "/thoughts", "/resume"}.isdisjoint(offered(app)[: len(doable)])
        assert row_of(app, "Start a new conversation · Ctrl+N") is not None
        await pilot.press(*"th")
        await wait_until(pilot, lambda: offered(app) == ["/theme", "/thoughts"])
        top, bottom = row_of(app, "/theme"), row_of(app, "/thoughts")
        assert top is not None and bottom is not None
        # Right above the composer's box, over what is there.
        assert (top, bottom) == (composer(app).region.y - 2, composer(app).region.y - 1)
        await pilot.press("x")
        await wait_until(pilot, lambda: offered(app) == [])
        await pilot.press("backspace")
        await wait_until(pilot, lambda: len(offered(app)) == 2)
        await pilot.press(*("backspace",) * 3)
        await wait_until(pilot, lambda: offered(app) == [])


@pytest.mark.parametrize("key", ["tab", "enter"])
async def test_up_and_down_choose_and_a_key_completes(key: str) -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: composer(app).has_focus)
        await pilot.press("slash", *"th")
        await wait_until(pilot, lambda: chosen(app) == "theme")
        await pilot.press("down")
        assert chosen(app) == "thoughts"
        await pilot.press("down")
        assert chosen(app) == "theme"
        await pilot.press("up")
        assert chosen(app) == "thoughts"
        await pilot.press("up")
        assert chosen(app) == "theme"
        await pilot.press(key)
        await wait_until(pilot, lambda: composer(app).text == "/theme ")
        assert composer(app).has_focus
        # What may follow is shown, and nothing of it is chosen unasked.
        assert "shammah-contrast" in offered(app)
        assert chosen(app) == ""


async def test_escape_closes_the_list_and_leaves_the_reply_and_the_text() -> None:
    backend = FakeBackend("So far", asyncio.Event())
    app = Stage(claude=backend).app()
    async with app.run_test() as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: row_of(app, "So far") is not None)
        await pilot.press("slash", *"mo")
        await wait_until(pilot, lambda: offered(app) == ["/model"])
        await pilot.press("escape")
        await wait_until(pilot, lambda: offered(app) == [])
        assert composer(app).text == "/mo"
        assert backend.ended == 0
        await pilot.press("escape")
        await wait_until(pilot, lambda: backend.ended == 1)


async def test_keys_that_come_all_at_once_keep_their_meaning() -> None:
    """Nothing is drawn between them: what is offered must not depend on that."""
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: composer(app).has_focus)
        from textual.events import Key

        for key in ("slash", "m", "o", "tab", "enter"):
            character = {"slash": "/"}.get(key, key if len(key) == 1 else None)
            app.post_message(Key(key, character))
        await wait_until(pilot, lambda: isinstance(app.screen, ModelPanel))
        assert questions(app) == []


async def test_the_mouse_completes_too() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: composer(app).has_focus)
        await pilot.press("slash", *"th")
        await wait_until(pilot, lambda: row_of(app, "/theme") is not None)
        await pilot.click(offset=(4, row_of(app, "/theme") or 0))
        await wait_until(pilot, lambda: composer(app).text == "/theme ")
        assert composer(app).has_focus


async def test_what_does_not_exist_is_said_and_kept() -> None:
    backend = claude()
    app = Stage(claude=backend).app()
    async with app.run_test() as pilot:
        await write(pilot, app, "/lcoal my secret")
        await wait_until(pilot, lambda: "no command /lcoal; did you mean /local?" in notices(app))
        assert composer(app).text == "/lcoal my secret"
        assert backend.asked == [] and questions(app) == []


async def test_two_slashes_send_one() -> None:
    backend = claude()
    app = Stage(claude=backend).app()
    async with app.run_test() as pilot:
        await write(pilot, app, "//model is a word")
        await wait_until(pilot, lambda: questions(app) == ["/model is a word"])
        await write(pilot, app, "/etc/hosts is a path")
        await wait_until(pilot, lambda: questions(app)[1:] == ["/etc/hosts is a path"])


async def test_claude_and_local_pin_like_their_mentions() -> None:
    backend = FakeBackend("Yes", CLAUDE_DONE)
    app = Stage(claude=backend).app()
    async with app.run_test() as pilot:
        await write(pilot, app, "/claude what\nis it?")
        await wait_until(pilot, lambda: len(backend.asked) == 1)
        assert backend.asked[0][-1].text == "what\nis it?"
        await app.workers.wait_for_complete()
        await write(pilot, app, "/local a secret")
        await wait_until(pilot, lambda: composer(app).text == "@local a secret")
        assert len(backend.asked) == 1
        composer(app).load_text("")
        await pilot.press("up")
        assert composer(app).text == "/local a secret"


async def test_a_question_that_is_missing_is_asked_for() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await write(pilot, app, "/claude")
        await wait_until(pilot, lambda: "after the command: /claude QUESTION" in notices(app))
        assert composer(app).text == "/claude "


async def test_what_takes_nothing_is_not_done_with_something_after_it() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await write(pilot, app, "/help me with my homework")
        await wait_until(pilot, lambda: "/help takes no argument" in notices(app))
        assert composer(app).text == "/help me with my homework"
        assert isinstance(app.screen, ChatScreen)


async def test_what_cannot_be_done_now_says_so() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await write(pilot, app, "/stop")
        await wait_until(pilot, lambda: "No reply is being written" in notices(app))
        assert composer(app).text == ""


async def test_model_help_cancel_resume_and_stop_do_what_their_keys_do() -> None:
    stage = Stage(claude=FakeBackend("So far", asyncio.Event()))
    app = stage.app()
    async with app.run_test() as pilot:
        await wait_for_state(pilot, app, Downloading)
        await write(pilot, app, "/MODEL")
        await wait_until(pilot, lambda: isinstance(app.screen, ModelPanel))
        await pilot.press("escape")
        await write(pilot, app, "/help")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpPanel))
        await pilot.press("escape")
        await write(pilot, app, "/cancel")
        await wait_for_state(pilot, app, NotAvailable)
        await write(pilot, app, "/resume")
        await wait_for_state(pilot, app, Downloading)
        await write(pilot, app, "hi")
        await wait_until(pilot, lambda: row_of(app, "So far") is not None)
        await write(pilot, app, "/stop")
        await wait_until(pilot, lambda: row_of(app, "Stopped") is not None)


async def test_quit_leaves() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await write(pilot, app, "/quit")
        await wait_until(pilot, lambda: not app.is_running)
        assert app.return_code == 0


async def test_copy_gives_the_last_reply_as_it_was_written() -> None:
    app = Stage(claude=FakeBackend("**Bold**\n\n- x", CLAUDE_DONE)).app()
    async with app.run_test() as pilot:
        await write(pilot, app, "/copy")
        await wait_until(pilot, lambda: "No reply yet" in notices(app))
        await write(pilot, app, "hi")
        await app.workers.wait_for_complete()
        await write(pilot, app, "/copy")
        await wait_until(pilot, lambda: app.clipboard == "**Bold**\n\n- x")


async def test_a_command_without_a_key_can_be_given_one() -> None:
    app = Stage(claude=claude(), settings=Settings(keys={"ask_claude": "f12"})).app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: composer(app).has_focus)
        await pilot.press(*"why", "f12")
        await wait_until(pilot, lambda: composer(app).text == "/claude why")


async def test_every_name_has_somebody_who_does_it() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await pilot.pause()
        titles = [each.title for each in app.get_system_commands(app.screen)]
        named = [each.title for each in SLASH_COMMANDS.values()]
        assert [each for each in named if each not in titles] == []


async def test_the_palette_tells_key_and_name() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test(size=(80, 60)) as pilot:
        await pilot.press("ctrl+p")
        await wait_until(pilot, lambda: row_of(app, "F2 · /model [NAME]") is not None)
        await pilot.press(*"change the")
        await wait_until(pilot, lambda: row_of(app, "Theme: Change the theme") is not None)
        assert row_of(app, "/theme [NAME]") is not None
