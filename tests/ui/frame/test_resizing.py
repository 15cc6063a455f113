"""The line of text at the top of the pane stays there whatever the width becomes."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import rows
from tests.ui.opened import Opened, pane, texts
from tests.ui.steps import write

WORDS = "some words that are wrapped anew at each width of the window, one paragraph after another "
LONG = "\n\n".join(f"Paragraph {n}: " + WORDS * (1 + n % 4) for n in range(40))
LIST = "\n".join(f"- item {n}: " + WORDS * (1 + n % 3) for n in range(80))
CODE = "\n\n".join(f"Paragraph {n}: {WORDS}\n\n```\ncode {n}\n```" for n in range(30))


def top_words(app: object, count: int = 3) -> list[str]:
    """Return the first words in the top row of the pane that has some."""
    at = pane(app).region.y  # type: ignore[arg-type]
    shown = next(row for row in rows(app)[at:] if row.strip(" ▌│"))  # type: ignore[arg-type]
    return re.findall(r"[\w]+", shown)[:count]


@pytest.mark.parametrize("reply", [LONG, LIST, CODE], ids=["prose", "list", "code"])
@pytest.mark.parametrize("at", [0.3, 0.6])
async def test_the_line_at_the_top_stays(tmp_path: Path, reply: str, at: float) -> None:
    talk = Opened(tmp_path / "store.db", [("one", reply)])
    app = await talk.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await talk.ready(pilot, app)
        await wait_until(pilot, lambda: pane(app).max_scroll_y > 60)
        pane(app).scroll_to(y=round(pane(app).max_scroll_y * at), animate=False, force=True)
        await pilot.pause(0.2)
        before = top_words(app)
        whole = " ".join(re.findall(r"[\w]+", reply))
        for width in (60, 200, 90, 70, 120):
            await pilot.resize_terminal(width, 40)
            await pilot.pause(0.3)
            # The row that begins with these words at 120 may begin a little earlier elsewhere.
            at_row = pane(app).region.y
            shown = " ".join(re.findall(r"[\w]+", " ".join(rows(app)[at_row : at_row + 2])))
            assert " ".join(before) in shown, (width, before, shown)
        assert top_words(app) == before
        assert whole


async def test_also_while_more_comes(tmp_path: Path) -> None:
    more = asyncio.Event()
    backend = FakeBackend(LONG, more, LONG, CLAUDE_DONE)
    app = Stage(claude=backend, store_path=tmp_path / "s.db").app()
    async with app.run_test(size=(120, 40)) as pilot:
        await write(pilot, app, "hi")
        await wait_until(pilot, lambda: pane(app).max_scroll_y > 60 and "39" in texts(app)[1])
        pane(app).scroll_to(y=30, animate=False, force=True)
        await pilot.pause(0.2)
        before = top_words(app)
        await pilot.resize_terminal(60, 40)
        more.set()
        await wait_until(pilot, lambda: len(texts(app)[1]) == 2 * len(LONG))
        await pilot.resize_terminal(120, 40)
        await pilot.pause(0.3)
        assert top_words(app) == before
