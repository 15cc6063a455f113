"""What a person does on the chat's screen, and what is there to be read."""

from textual.pilot import Pilot
from textual.widgets import Markdown

from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.question import Question
from shammah_tui.ui.composer.composer import Composer
from tests.ui.apps import wait_until
from tests.ui.looks import row_of, rows


def composer(app: ShammahApp) -> Composer:
    return app.screen_stack[0].query_one(Composer)


def questions(app: ShammahApp) -> list[str]:
    return [str(each.content) for each in app.screen_stack[0].query(Question)]


def replies(app: ShammahApp) -> list[str]:
    return [each.source for each in app.screen_stack[0].query(Markdown)]


def notices(app: ShammahApp) -> str:
    return " | ".join(each.message for each in app._notifications)


async def write(pilot: Pilot[None], app: ShammahApp, text: str) -> None:
    """Send a text, or do a command, once one can write."""
    await wait_until(pilot, lambda: composer(app).has_focus)
    composer(app).load_text(text)
    composer(app).move_cursor(composer(app).document.end)
    await pilot.press("enter")
    await pilot.pause()


async def click(pilot: Pilot[None], app: ShammahApp, text: str) -> None:
    """Click on a text once it is there."""
    await wait_until(pilot, lambda: row_of(app, text) is not None)
    y = row_of(app, text)
    assert y is not None
    await pilot.click(offset=(rows(app)[y].index(text) + 1, y))
    await pilot.pause()
