"""Windows that show more messages than are made at once."""

from pathlib import Path

import pytest

from shammah_tui.ui.chat.chat_pane import MOST, ChatPane
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.kept import kept
from tests.ui.opened import pane

HEIGHT, REST = 60, 20


async def test_paging_comes_to_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages that went while they were still near came back at once, and so on."""
    steps: list[int] = []
    for name in ("_show_earlier", "_show_later"):
        real = getattr(ChatPane, name)

        async def counted(self: ChatPane, real: object = real) -> None:
            steps.append(len(self.boxes))
            await real(self)  # type: ignore[operator]

        monkeypatch.setattr(ChatPane, name, counted)
    await kept(tmp_path / "s.db", [(f"question {number}", "reply") for number in range(200)])
    claude = FakeBackend("x", CLAUDE_DONE)
    app = Stage(claude=claude, store_path=tmp_path / "s.db", continue_last=True).app()
    async with app.run_test(size=(60, HEIGHT)) as pilot:
        shown = pane(app)
        await wait_until(pilot, lambda: shown.scroll_y == shown.max_scroll_y > 0)
        for _ in range(3):
            shown.scroll_page_up(animate=False)
            await pilot.pause()
        before, still = -1, 0
        for _ in range(400):
            await pilot.pause(0.01)
            still = still + 1 if len(steps) == before else 0
            before = len(steps)
            if still == REST:
                break
        assert still == REST
        # What is seen and a pane's height around it.
        top, bottom = shown.scroll_y - HEIGHT // 2, shown.scroll_y + 1.5 * HEIGHT
        assert shown.boxes[0].virtual_region.y < top
        assert shown.boxes[-1].virtual_region.bottom > bottom
        assert len(shown.boxes) > MOST
