import gc
from pathlib import Path

import pytest

from shammah_tui.ui.chat.chat_pane import MOST
from shammah_tui.ui.frame import garbage
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.kept import kept
from tests.ui.opened import pane


async def test_messages_that_were_let_go_are_collected_once_it_is_quiet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not in the middle of a page, where it is seen."""
    monkeypatch.setattr(garbage, "QUIET_S", 0.2)
    said = [(f"question {number}", "reply\n" * 9) for number in range(MOST)]
    await kept(tmp_path / "s.db", said)
    claude = FakeBackend("x", CLAUDE_DONE)
    app = Stage(claude=claude, store_path=tmp_path / "s.db", continue_last=True).app()
    found: list[int] = []

    def note(phase: str, facts: dict[str, int]) -> None:
        if phase == "stop":
            found.append(facts["collected"])

    async with app.run_test(size=(60, 20)) as pilot:
        shown = pane(app)
        await wait_until(pilot, lambda: shown.scroll_y == shown.max_scroll_y > 0)
        last = shown.boxes[-1]
        gc.disable()
        gc.callbacks.append(note)
        try:
            while last.is_attached:
                assert found == []
                shown.scroll_page_up(animate=False)
                await pilot.pause()
            await wait_until(pilot, lambda: len(found) == 1)
            assert found[0] > 10_000
        finally:
            gc.callbacks.remove(note)
            gc.enable()
