"""Every command of the table, by its name after a slash and by its row in the palette."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from shammah_tui.core.conversation.reply import StopReason, ThinkingDelta
from shammah_tui.core.local.generator import Downloading, NotAvailable
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.frame.keys import SLASH_COMMANDS
from shammah_tui.ui.panels.conversations import Conversations
from shammah_tui.ui.panels.export import ExportPanel
from shammah_tui.ui.panels.help import HelpPanel
from shammah_tui.ui.panels.key_panel import KeyPanel
from shammah_tui.ui.panels.ledger import LedgerPanel
from shammah_tui.ui.panels.model_panel import ModelPanel
from shammah_tui.ui.panels.rename import Rename
from shammah_tui.ui.reply.thought_block import ThoughtBlock
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_for_state, wait_until
from tests.ui.looks import row_of
from tests.ui.steps import composer, notices, questions, replies, write

CUT = replace(CLAUDE_DONE, stop_reason=StopReason.LENGTH)


@dataclass
class Scene:
    """A conversation of one turn, whose reply was cut; a model is being fetched."""

    app: ShammahApp
    pilot: Pilot[None]
    backend: FakeBackend

    def asked(self) -> int:
        return len(self.backend.asked)


Check = Callable[[Scene], bool]
Step = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True)
class Case:
    """What comes of a command.

    Attributes:
        by_name: After it was written.
        by_palette: After its row was chosen; None is the same.
        argument: What is written after the name.
        before: What has to happen first.
    """

    by_name: Check
    by_palette: Check | None = None
    argument: str = ""
    before: Step | None = None


def shows(kind: type) -> Check:
    return lambda scene: isinstance(scene.app.screen, kind)


def holds(text: str) -> Check:
    return lambda scene: composer(scene.app).text == text


async def streaming(scene: Scene) -> None:
    scene.backend.steps = ("So far", asyncio.Event())
    await write(scene.pilot, scene.app, "@claude more")
    await wait_until(scene.pilot, lambda: row_of(scene.app, "So far") is not None)


async def deleted(scene: Scene) -> None:
    await scene.pilot.press("ctrl+up", "d")
    await wait_until(scene.pilot, lambda: questions(scene.app) == [])
    await wait_until(scene.pilot, lambda: composer(scene.app).has_focus)


async def cancelled(scene: Scene) -> None:
    scene.app.loader.cancel()
    await wait_for_state(scene.pilot, scene.app, NotAvailable)


def is_fetching(scene: Scene) -> bool:
    return isinstance(scene.app.loader.snapshot.state, Downloading)


CASES = {
    "editor": Case(holds("from the editor")),
    "claude": Case(lambda scene: scene.asked() == 2, holds("/claude "), argument="why?"),
    "local": Case(
        lambda scene: row_of(scene.app, "The local model cannot answer") is not None,
        holds("/local "),
        argument="why?",
    ),
    "stop": Case(lambda scene: row_of(scene.app, "Stopped") is not None, before=streaming),
    "continue": Case(lambda scene: replies(scene.app) == ["BlueBlue"]),
    "thoughts": Case(lambda scene: scene.app.screen.query_one(ThoughtBlock).unfolded),
    "undo": Case(lambda scene: questions(scene.app) == ["@claude hi"], before=deleted),
    "new": Case(lambda scene: questions(scene.app) == []),
    "private": Case(lambda scene: scene.app._session.conversation.is_private),
    "conversations": Case(shows(Conversations)),
    "search": Case(shows(Conversations)),
    "rename": Case(
        lambda scene: row_of(scene.app, "Boats") == 0, shows(Rename), argument="Boats and sails"
    ),
    "pin": Case(lambda scene: "Pinned “hi”" in notices(scene.app)),
    "model": Case(shows(ModelPanel)),
    "cancel": Case(lambda scene: isinstance(scene.app.loader.snapshot.state, NotAvailable)),
    "resume": Case(is_fetching, before=cancelled),
    "retry": Case(lambda scene: scene.asked() == 2 and len(questions(scene.app)) == 1),
    "copy": Case(lambda scene: scene.app.clipboard == "Blue"),
    "export": Case(shows(ExportPanel)),
    "key": Case(shows(KeyPanel)),
    "usage": Case(shows(LedgerPanel)),
    "theme": Case(
        lambda scene: scene.app.theme == "shammah-light",
        lambda scene: len(scene.app.screen_stack) == 2,
        argument="light",
    ),
    "help": Case(shows(HelpPanel)),
    "quit": Case(lambda scene: not scene.app.is_running),
}


def test_none_is_left_out() -> None:
    assert CASES.keys() == SLASH_COMMANDS.keys()


@pytest.mark.parametrize("way", ["slash", "palette"])
@pytest.mark.parametrize("name", SLASH_COMMANDS)
async def test_it_is_done(
    name: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # There is no terminal here to be lent; the editor is a real program.
    editor = tmp_path / "editor.sh"
    editor.write_text("printf 'from the editor' > \"$1\"")
    monkeypatch.setenv("VISUAL", f"sh {editor}")
    monkeypatch.setattr(ShammahApp, "suspend", lambda _: nullcontext())
    case = CASES[name]
    backend = FakeBackend(ThinkingDelta("Hm."), "Blue", CUT)
    app = Stage(claude=backend).app()
    async with app.run_test(size=(100, 30)) as pilot:
        scene = Scene(app, pilot, backend)
        await wait_for_state(pilot, app, Downloading)
        await write(pilot, app, "@claude hi")
        await wait_until(pilot, lambda: replies(app) == ["Blue"])
        await app.workers.wait_for_complete()
        if case.before is not None:
            await case.before(scene)
        if way == "slash":
            await write(pilot, app, f"/{name} {case.argument}".rstrip())
            check = case.by_name
        else:
            wanted = SLASH_COMMANDS[name].title
            rows = [each for each in app.get_system_commands(app.screen) if each.title == wanted]
            assert len(rows) == 1
            app.call_later(rows[0].callback)
            check = case.by_palette or case.by_name
        await wait_until(pilot, lambda: check(scene))
