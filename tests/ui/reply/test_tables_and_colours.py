"""Tables that stream in, and the colours of code as the terminal gets them."""

import asyncio

import pytest
from textual.widgets import Markdown

from shammah_tui.core.settings.settings import Settings
from shammah_tui.ui.app import ShammahApp
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import row_of, rows, segments

HEAD = "Prices:\n\n| who | cost |\n|---|---|\n"
CODE = '```python\ndef greet(name):\n    return "hello" + name  # polite\n```\n'


def cells(app: ShammahApp, text: str) -> list[str]:
    """The cells of the table's row that shows ``text``."""
    at = row_of(app, text)
    return [] if at is None else [cell.strip() for cell in rows(app)[at].split("│")[1:-1]]


async def test_a_table_grows_row_by_row() -> None:
    more, half, done = asyncio.Event(), asyncio.Event(), asyncio.Event()
    pieces = (f"{HEAD}| Local | 0 |\n", more, "| Olla", half, "ma | 3 |\n", done, "\nSo.")
    app = Stage(claude=FakeBackend(*pieces, CLAUDE_DONE)).app()
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: cells(app, "Local") == ["Local", "0"])
        assert cells(app, "who") == ["who", "cost"]
        assert not any("---" in row or "|" in row for row in rows(app))
        more.set()
        await wait_until(pilot, lambda: cells(app, "Olla") == ["Olla", ""])
        half.set()
        await wait_until(pilot, lambda: cells(app, "Ollama") == ["Ollama", "3"])
        assert cells(app, "Local") == ["Local", "0"]
        head, local, other = (row_of(app, each) or 0 for each in ("who", "Local", "Ollama"))
        assert head < local < other
        done.set()
        await wait_until(pilot, lambda: row_of(app, "So.") is not None)
        source = "".join(each.source for each in app.screen.query(Markdown))
        assert source == f"{HEAD}| Local | 0 |\n| Ollama | 3 |\n\nSo."


@pytest.mark.parametrize("theme", ["shammah-dark", "shammah-light", "shammah-contrast"])
async def test_what_is_different_in_code_has_different_colours(theme: str) -> None:
    app = Stage(claude=FakeBackend(CODE, CLAUDE_DONE), settings=Settings(theme=theme)).app()
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press(*"hi", "enter")

        def colours() -> dict[str, object]:
            return {
                segment.text.strip(): segment.style and (segment.style.color, segment.style.bold)
                for segment in segments(app)
                if segment.text.strip() in {"def", "hello", "# polite", "name"}
            }

        await wait_until(pilot, lambda: len(colours()) == 4)
        await wait_until(pilot, lambda: len(set(colours().values())) == 4)
