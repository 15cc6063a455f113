"""Commands that are done by name, each from the slash to what comes of it."""

from datetime import date
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, RadioSet

from shammah_tui.core.conversation.export_format import from_json
from shammah_tui.core.conversation.prices import PriceList, price_of_usd
from shammah_tui.core.conversation.records import ConversationRecord
from shammah_tui.core.local.generator import Downloading
from shammah_tui.core.settings.settings import Settings
from shammah_tui.ui.panels.confirm import Confirm
from shammah_tui.ui.panels.conversations import Conversations
from shammah_tui.ui.panels.export import ExportPanel
from shammah_tui.ui.panels.ledger import LedgerPanel
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE, claude
from tests.ui.apps import Stage, wait_for_state, wait_until
from tests.ui.composer.test_slash_commands import chosen, offered
from tests.ui.kept import kept
from tests.ui.local_model import be_ready
from tests.ui.looks import row_of
from tests.ui.steps import composer, notices, questions, replies, write


async def test_new_leaves_the_conversation_in_the_list() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await write(pilot, app, "hi")
        await wait_until(pilot, lambda: replies(app) == ["Hello from Claude"])
        await write(pilot, app, "/new")
        await wait_until(pilot, lambda: questions(app) == [])
        await write(pilot, app, "/conversations")
        await wait_until(pilot, lambda: row_of(app, "just now") is not None)


async def test_search_begins_with_the_words(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await kept(path, [("About boats", "They float")], [("About bread", "It rises")])
    app = Stage(claude=claude(), store_path=path).app()
    async with app.run_test() as pilot:
        await write(pilot, app, "/search rises from:claude")
        await wait_until(pilot, lambda: isinstance(app.screen, Conversations))
        assert app.screen.query_one(Input).value == "rises from:claude"
        await wait_until(pilot, lambda: app.screen.query_one(OptionList).option_count == 1)
        await pilot.press("enter")
        await wait_until(pilot, lambda: replies(app) == ["It rises"])
        # The message that was found has the focus.
        await pilot.press("escape")
        await write(pilot, app, "/search")
        await wait_until(pilot, lambda: isinstance(app.screen, Conversations))
        assert app.screen.query_one(Input).value == ""


async def test_retry_asks_the_last_question_again_and_the_side_that_is_named() -> None:
    backend = FakeBackend("One", CLAUDE_DONE)
    stage = Stage(claude=backend)
    app = stage.app()
    async with app.run_test(size=(120, 30)) as pilot:
        await write(pilot, app, "/retry")
        await wait_until(pilot, lambda: "No question to regenerate" in notices(app))
        await be_ready(stage, pilot, app)
        await write(pilot, app, "@claude why?")
        await wait_until(pilot, lambda: replies(app) == ["One"])
        await app.workers.wait_for_complete()
        backend.steps = ("Two", CLAUDE_DONE)
        await write(pilot, app, "/retry claude")
        await wait_until(pilot, lambda: replies(app) == ["Two"])
        await app.workers.wait_for_complete()
        await write(pilot, app, "/retry LOCAL")
        await wait_until(pilot, lambda: replies(app) == ["From this machine. "])
        await app.workers.wait_for_complete()
        assert questions(app) == ["@claude why?"]
        assert [each[-1].text for each in backend.asked] == ["why?", "why?"]
        await write(pilot, app, "/retry nobody")
        await wait_until(pilot, lambda: "write claude, local or nothing" in notices(app))


async def test_model_switches_by_name_and_tells_what_there_is() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test() as pilot:
        await wait_for_state(pilot, app, Downloading)
        await pilot.press("slash", *"model qw")
        await wait_until(pilot, lambda: chosen(app).startswith("model qwen"))
        names = offered(app)
        assert names and all(name.startswith("qwen") for name in names)
        wanted = names[-1]
        composer(app).load_text(f"/model {wanted.upper()}")
        await pilot.press("escape", "enter")
        await wait_until(pilot, lambda: len(stage.source.fetches) > 1)
        assert stage.source.fetches[-1].model.id == wanted
        await write(pilot, app, f"/model {wanted}x")
        await wait_until(pilot, lambda: f"did you mean {wanted}?" in notices(app))


async def test_model_that_replies_already_is_left_alone() -> None:
    stage = Stage(claude=claude())
    app = stage.app()
    async with app.run_test() as pilot:
        await wait_for_state(pilot, app, Downloading)
        await be_ready(stage, pilot, app)
        active = app.loader.snapshot.active
        assert active is not None
        await write(pilot, app, f"/model {active.model.id}")
        await wait_until(pilot, lambda: "already in use" in notices(app))
        assert len(stage.starter.engines) == 1


async def test_theme_is_completed_by_its_names() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: composer(app).has_focus)
        await pilot.press("slash", *"theme shammah-c")
        await wait_until(pilot, lambda: offered(app) == ["shammah-contrast"])
        await pilot.press("enter")
        assert composer(app).text == "/theme shammah-contrast"
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.theme == "shammah-contrast")


async def test_what_may_follow_is_chosen_only_when_one_goes_there() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: composer(app).has_focus)
        await pilot.press("slash", *"retry", "enter")
        await wait_until(pilot, lambda: "No question to regenerate" in notices(app))
        await pilot.press("slash", *"retry", "tab", "space")
        composer(app).load_text("/retry ")
        composer(app).move_cursor((0, 7))
        await wait_until(pilot, lambda: offered(app) == ["claude", "local"])
        assert chosen(app) == ""
        await pilot.press("tab")
        assert chosen(app) == "retry claude"
        await pilot.press("up")
        assert chosen(app) == "retry local"
        await pilot.press("tab")
        assert composer(app).text == "/retry local"
        assert offered(app) == []


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_usage_is_shown_by_month_and_by_day(size: tuple[int, int]) -> None:
    price = price_of_usd(2_000, 10_000, date(2026, 11, 1))
    settings = Settings(prices=PriceList({"claude-sonnet-5-5": price}))
    stage = Stage(claude=claude(), settings=settings)
    app = stage.app()
    async with app.run_test(size=size) as pilot:
        await write(pilot, app, "/usage")
        await wait_until(pilot, lambda: isinstance(app.screen, LedgerPanel))
        await wait_until(pilot, lambda: row_of(app, "No usage yet") is not None)
        await pilot.press("escape")
        await be_ready(stage, pilot, app)
        await write(pilot, app, "@claude hi")
        await wait_until(pilot, lambda: len(replies(app)) == 1)
        await app.workers.wait_for_complete()
        await write(pilot, app, "@local hi")
        await wait_until(pilot, lambda: len(replies(app)) == 2)
        await app.workers.wait_for_complete()
        await write(pilot, app, "/usage")
        await wait_until(pilot, lambda: row_of(app, "total") is not None)
        row = row_of(app, "total") or 0
        text = "".join(segment.text for segment in app.screen._compositor.render_strips()[row])
        # Nine tokens in and two out at 2,000 and 10,000 dollars a million; ten and four here.
        assert text.split("│")[1].split()[:5] == ["total", "1", "1", "50", "%"]
        assert "$0.0380" in text and "$0.0600" in text
        assert row_of(app, "Saved = price of the local replies at claude-sonnet") is not None
        assert row_of(app, "by month") is not None
        await pilot.press("d")
        await wait_until(pilot, lambda: row_of(app, "by day") is not None)
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, LedgerPanel))


def read(path: Path) -> tuple[ConversationRecord, ...]:
    return from_json(path.read_bytes())


async def test_export_writes_the_present_conversation_where_it_is_told_to(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await write(pilot, app, "hi there")
        await wait_until(pilot, lambda: replies(app) == ["Hello from Claude"])
        await app.workers.wait_for_complete()
        await write(pilot, app, f"/export {target}")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportPanel))
        await pilot.press("enter")
        await wait_until(pilot, lambda: f"Exported: {target}" in notices(app))
        (record,) = read(target)
        assert [message.text for message in record.messages] == ["hi there", "Hello from Claude"]
        assert record.id == app._session.conversation.id
        assert target.stat().st_mode & 0o777 == 0o600


async def test_export_asks_before_it_overwrites(tmp_path: Path) -> None:
    target = tmp_path / "out.md"
    target.write_text("precious")
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await write(pilot, app, "hi")
        await wait_until(pilot, lambda: replies(app) == ["Hello from Claude"])
        await app.workers.wait_for_complete()
        await write(pilot, app, f"/export {target}")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportPanel))
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("n")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportPanel))
        assert target.read_text() == "precious"
        assert app.screen.query_one(Input).value == str(target)
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait_until(pilot, lambda: "Exported" in notices(app))
        assert "## You\n\nhi" in target.read_text()
        assert [each.name for each in tmp_path.iterdir()] == ["out.md"]


async def test_export_of_all_as_json_by_keyboard_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store.db"
    await kept(path, [("About boats", "They float")], [("About bread", "It rises")])
    monkeypatch.setenv("XDG_DOWNLOAD_DIR", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    app = Stage(claude=claude(), store_path=path).app()
    async with app.run_test() as pilot:
        await write(pilot, app, "/export")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportPanel))
        # Without a present conversation there is nothing but all to choose.
        assert app.screen.query_one(Input).value.endswith("/conversations.md")
        assert row_of(app, "( ) This conversation") is not None
        assert row_of(app, "(●) All conversations") is not None
        await pilot.press("shift+tab", "right", "space")
        await wait_until(
            pilot, lambda: app.screen.query_one(Input).value.endswith("/conversations.json")
        )
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: "Exported: 2 conversations, " in notices(app))
        (found,) = tmp_path.rglob("conversations.json")
        assert len(read(found)) == 2


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 16)])
async def test_exports_choices_can_be_read_while_they_are_made_and_enter_exports(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    target = tmp_path / "out.md"
    app = Stage(claude=claude()).app()
    async with app.run_test(size=size) as pilot:
        await write(pilot, app, "hi")
        await wait_until(pilot, lambda: replies(app) == ["Hello from Claude"])
        await app.workers.wait_for_complete()
        await write(pilot, app, f"/export {target}")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportPanel))
        choices = ("This conversation", "All conversations", "Markdown, to read", "can be imported")
        for _ in range(3):
            for choice in choices:
                assert row_of(app, choice) is not None, choice
            assert row_of(app, "Enter exports") is not None
            await pilot.press("tab")
        # Back at the first list: Enter does what the hint says, wherever the focus is.
        while not isinstance(app.focused, RadioSet):
            await pilot.press("tab")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "Exported" in notices(app))
        assert target.read_text().startswith("#")


async def test_export_says_what_is_wrong_with_the_place(tmp_path: Path) -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await write(pilot, app, f"/export {tmp_path}/no/where.md")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportPanel))
        await pilot.press("enter")
        await wait_until(pilot, lambda: f"There is no folder {tmp_path}/no" in notices(app))
        await wait_until(pilot, lambda: isinstance(app.screen, ExportPanel))
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, ExportPanel))
    assert list(tmp_path.iterdir()) == []
