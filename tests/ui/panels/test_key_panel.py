"""The panel for a key, over the real holder, store and SDK, with a keyring that is a file."""

from collections.abc import Iterator
from pathlib import Path

import keyring.core
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from shammah_tui.adapters.claude.claude import Claude
from shammah_tui.adapters.claude.key_holder import KeyHolder
from shammah_tui.adapters.claude.key_store import KeyStore
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.generator_header import GeneratorHeader
from shammah_tui.ui.panels.key_panel import KeyPanel
from tests.keyrings import FILE_VARIABLE, FileKeyring, named
from tests.loopback.messages_api import LoopbackMessagesAPI
from tests.loopback.messages_faults import StatusFault
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import row_of
from tests.ui.steps import composer, notices, write

KEY = "sk-ant-api03-of-the-panel-0123456789"


@pytest.fixture
def api() -> Iterator[LoopbackMessagesAPI]:
    with LoopbackMessagesAPI(key=KEY) as api:
        yield api


@pytest.fixture
def stage(api: LoopbackMessagesAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "keyring"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", named(FileKeyring))
    holder = KeyHolder({}, KeyStore(tmp_path / "key.json"))
    claude = Claude("m", 10, {"ANTHROPIC_BASE_URL": api.url}, holder)
    return Stage(key=holder, check_key=claude.check, store_path=tmp_path / "store.db")


def says(app: ShammahApp, text: str) -> bool:
    return row_of(app, text) is not None


async def opened(pilot: Pilot[None], app: ShammahApp) -> KeyPanel:
    await write(pilot, app, "/key")
    await wait_until(pilot, lambda: isinstance(app.screen, KeyPanel))
    panel = app.screen
    assert isinstance(panel, KeyPanel)
    return panel


async def test_it_shows_dots_and_hands_nothing_out(stage: Stage) -> None:
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        panel = await opened(pilot, app)
        panel.query_one(Input).value = KEY
        panel.query_one(Input).select_all()
        await pilot.press("ctrl+c", "ctrl+x")
        await pilot.pause()
        assert app.clipboard == ""
        assert says(app, "•" * len(KEY))
        assert not says(app, KEY[:12])


async def test_what_is_no_key_is_not_sent(stage: Stage, api: LoopbackMessagesAPI) -> None:
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        panel = await opened(pilot, app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: says(app, "Paste a key first"))
        panel.query_one(Input).value = "sk-ant two words"
        await pilot.press("enter")
        await wait_until(pilot, lambda: says(app, "The key has a blank in it: copy it again."))
        assert api.calls == []


async def test_header_and_welcome_follow_at_once(stage: Stage) -> None:
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        panel = await opened(pilot, app)
        assert says(app, "no Claude key")
        panel.query_one(Input).value = KEY
        await pilot.press("enter")
        await wait_until(pilot, lambda: "Claude answers from now on" in notices(app))
        header = app.screen.query_one(GeneratorHeader)
        await wait_until(pilot, lambda: header.claude_available)
        await wait_until(pilot, lambda: not says(app, "no Claude key"))
        assert says(app, "Claude answers until the local model is ready")
        await write(pilot, app, "/key forget")
        await wait_until(pilot, lambda: says(app, "no Claude key"))
        assert "/key takes another" in notices(app)
        await wait_until(pilot, lambda: says(app, "give a key with /key"))
        # And once more: the word in the header comes and goes.
        await write(pilot, app, f"/key {KEY}")
        await wait_until(pilot, lambda: not says(app, "no Claude key"))


async def test_each_key_is_checked_by_itself(stage: Stage, api: LoopbackMessagesAPI) -> None:
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        api.fail_with(*[StatusFault(429, "rate_limit_error", "slow")] * 2)
        panel = await opened(pilot, app)
        panel.query_one(Input).value = KEY
        await pilot.press("enter")
        await wait_until(pilot, lambda: says(app, "Enter again keeps it unchecked."))
        # Another one is checked anew.
        panel.query_one(Input).value = KEY + "x"
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(api.calls) == 2)
        await wait_until(pilot, lambda: says(app, "Claude refused the key: copy it again."))
        assert stage.key is not None
        assert not stage.key.has_key


async def test_cancelled_it_changes_nothing(stage: Stage, api: LoopbackMessagesAPI) -> None:
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        panel = await opened(pilot, app)
        panel.query_one(Input).value = KEY
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, KeyPanel))
        assert stage.key is not None
        assert not stage.key.has_key
        assert api.calls == []


@pytest.mark.parametrize("way", ["draft", "recalled", "edited"])
async def test_neither_undo_nor_earlier_texts_lead_to_one(way: str, stage: Stage) -> None:
    stage.claude = FakeBackend("Blue", CLAUDE_DONE)
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await write(pilot, app, "@claude hi")
        await wait_until(pilot, lambda: says(app, "Blue"))
        if way == "recalled":
            await pilot.press("up")
            assert composer(app).text == "@claude hi"
        elif way == "edited":
            await pilot.press("ctrl+up", "up", "e")
            await wait_until(pilot, lambda: composer(app).edited_id is not None)
        composer(app).select_all()
        composer(app).paste(f"/key {KEY}")
        await pilot.press("enter")
        holder = stage.key
        assert holder is not None
        await wait_until(pilot, lambda: holder.has_key and not isinstance(app.screen, KeyPanel))
        seen = []
        for key in ("ctrl+z", "ctrl+z", "up", "up", "up", "down", "down"):
            await pilot.press(key)
            seen.append(composer(app).text)
        assert not [each for each in seen if KEY in each]
        assert all(KEY not in each.text for each in composer(app).unsent)
