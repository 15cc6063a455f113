"""An app on a conversation that was kept, and what its messages show."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from textual.pilot import Pilot

from shammah_tui.core.settings.settings import Settings
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_pane import ChatPane
from shammah_tui.ui.frame.key_line import KeyLine
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.kept import kept

TWO_BLOCKS = "Look:\n\n```python\nprint(1)\n```\n\n- and\n\n  ```sh\n  ls\n  ```\n"


@dataclass
class Board:
    """A clipboard that takes what it is given, or does not."""

    takes: bool = True
    copied: list[str] = field(default_factory=list)

    async def copy(self, text: str) -> bool:
        self.copied.append(text)
        return self.takes


def pane(app: ShammahApp) -> ChatPane:
    return app.screen_stack[0].query_one(ChatPane)


def texts(app: ShammahApp) -> list[str]:
    return [box.text for box in pane(app).boxes]


def focused(app: ShammahApp) -> str | None:
    box = pane(app).focused_box
    return None if box is None else box.text


def said(app: ShammahApp) -> list[str]:
    return [notice.message for notice in app._notifications]


def footer(app: ShammahApp) -> list[str]:
    return [key.description for key in app.screen.query_one(KeyLine).offered]


async def talked(
    path: Path, pilot: Pilot[None], app: ShammahApp, turns: Sequence[tuple[str, str]]
) -> None:
    """Wait until a conversation that was kept is shown."""
    await wait_until(pilot, lambda: len(pane(app).boxes) == 2 * len(turns))
    await wait_until(pilot, lambda: all(box.message_id for box in pane(app).boxes))


@dataclass
class Opened:
    """An app on a conversation that was kept."""

    path: Path
    turns: list[tuple[str, str]]
    claude: FakeBackend = field(default_factory=lambda: FakeBackend("anew", CLAUDE_DONE))
    board: Board = field(default_factory=Board)
    settings: Settings = field(default_factory=Settings)

    async def app(self) -> ShammahApp:
        await kept(self.path, self.turns)
        return Stage(
            claude=self.claude,
            settings=self.settings,
            store_path=self.path,
            continue_last=True,
            clipboard=self.board,
        ).app()

    async def ready(self, pilot: Pilot[None], app: ShammahApp) -> None:
        await talked(self.path, pilot, app, self.turns)

    async def at(self, pilot: Pilot[None], app: ShammahApp, text: str) -> None:
        """Move the focus to a message."""
        await self.ready(pilot, app)
        await pilot.press("ctrl+up")
        while focused(app) != text:
            before = focused(app)
            await pilot.press("up")
            assert focused(app) != before
