"""Every frame that is written while messages above are made shows what was read, in its place."""

from itertools import dropwhile
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_pane import WINDOW
from tests.ui.apps import wait_until
from tests.ui.looks import rows
from tests.ui.opened import Opened, pane

CODE = "```python\n" + "\n".join(f"number_{n} = {n}" for n in range(12)) + "\n```\n"
LIST = "- one\n- two\n"
TURNS = [(f"question {n}", f"reply {n}\n\n{CODE if n % 3 else LIST}\n\nend {n}") for n in range(60)]


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The rows of the pane in each frame that the terminal would get, the scroll bar left out."""
    seen: list[list[str]] = []
    real = ShammahApp._display

    def display(app: ShammahApp, screen: Screen[Any], renderable: Any) -> None:
        real(app, screen, renderable)
        if renderable is not None and not app._batch_count and app.is_running:
            region = pane(app).region
            shown = rows(app)[region.y : region.bottom]
            seen.append([row[: region.width - 1].rstrip() for row in shown])

    monkeypatch.setattr(ShammahApp, "_display", display)
    return seen


async def test_nothing_jumps_while_earlier_messages_are_made(
    tmp_path: Path, frames: list[list[str]]
) -> None:
    talk = Opened(tmp_path / "s.db", TURNS)
    app = await talk.app()
    loadings = 0
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: len(pane(app).boxes) >= WINDOW)
        await wait_until(pilot, lambda: pane(app).scroll_y == pane(app).max_scroll_y > 0)
        for _ in range(8):
            # A row below the place from which on more is made.
            there = pane(app).size.height
            pane(app).scroll_to(y=there, animate=False, force=True)
            await wait_until(pilot, lambda: not pane(app)._is_loading)
            if pane(app).scroll_y != there:
                continue
            first = pane(app).boxes[0]
            await pilot.pause()
            before = frames[-1]
            frames.clear()
            pane(app).scroll_to(y=there - 1, animate=False, force=True)
            await wait_until(pilot, lambda first=first: pane(app).boxes[0] is not first)  # type: ignore[misc]
            await wait_until(pilot, lambda: not pane(app)._is_loading)
            await pilot.pause()
            since = list(dropwhile(lambda frame, before=before: frame == before, frames))  # type: ignore[misc]
            # By one row, and not once more.
            assert since[0][1:] == before[:-1]
            assert all(frame == since[0] for frame in since)
            loadings += len(since) > 1
        assert loadings > 2
