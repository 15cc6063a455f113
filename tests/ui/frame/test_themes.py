from dataclasses import dataclass

import pytest
from textual.color import Color

from shammah_tui.core.settings.settings import Settings
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_screen import ChatScreen
from shammah_tui.ui.frame.theme import THEME_NAMES
from shammah_tui.ui.panels.conversations import Conversations
from shammah_tui.ui.panels.help import HelpPanel
from shammah_tui.ui.panels.model_panel import ModelPanel
from shammah_tui.ui.panels.theme_panel import ThemePanel
from tests.services.fakes import FakeBackend
from tests.services.turns import CLAUDE_DONE, claude
from tests.snapshots.scene import REPLY
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import row_of, rows, segments
from tests.ui.steps import notices, write

AA, AAA = 4.5, 7.0
"""Contrast of text that WCAG 2.2 asks for at its two levels."""

CHOSEN = Color.parse("#003a80")
"""Background of the chosen line, in which the less important words are dimmed."""


@dataclass
class NotedTheme:
    """Remembers in memory."""

    name: str = ""

    def recall(self) -> str:
        return self.name

    def choose(self, name: str) -> None:
        self.name = name


@pytest.mark.parametrize(
    ("name", "theme"),
    [
        ("light", "shammah-light"),
        ("Contrast", "shammah-contrast"),
        ("shammah-light", "shammah-light"),
        ("nord", "nord"),
    ],
)
async def test_a_theme_chosen_by_name_is_there_the_next_time(name: str, theme: str) -> None:
    memory = NotedTheme()
    app = Stage(claude=claude(), themes=memory).app()
    async with app.run_test() as pilot:
        assert app.theme == "shammah-dark" and memory.name == ""
        await write(pilot, app, f"/theme {name}")
        await wait_until(pilot, lambda: app.theme == theme)
        assert memory.name == theme
        assert notices(app) == ""
    again = Stage(claude=claude(), themes=memory).app()
    async with again.run_test():
        assert again.theme == theme


async def test_the_list_shows_each_theme_as_one_moves_and_keeps_the_chosen_one() -> None:
    memory = NotedTheme()
    app = Stage(claude=claude(), themes=memory).app()
    async with app.run_test() as pilot:
        await write(pilot, app, "/theme")
        await wait_until(pilot, lambda: isinstance(app.screen, ThemePanel))
        await wait_until(pilot, lambda: row_of(app, "● shammah-dark") is not None)
        listed = [row for row in rows(app) if "shammah-" in row]
        assert [row.split("shammah-")[1].split()[0] for row in listed][:3] == [
            "dark",
            "light",
            "contrast",
        ]
        await pilot.press("down")
        await wait_until(pilot, lambda: app.theme == "shammah-light")
        assert memory.name == ""
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen))
        assert app.theme == memory.name == "shammah-light"


async def test_leaving_the_list_leaves_the_theme() -> None:
    memory = NotedTheme()
    app = Stage(claude=claude(), themes=memory).app()
    async with app.run_test() as pilot:
        await write(pilot, app, "/theme")
        await wait_until(pilot, lambda: isinstance(app.screen, ThemePanel))
        await pilot.press("down", "down")
        await wait_until(pilot, lambda: app.theme == "shammah-contrast")
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen))
        assert app.theme == "shammah-dark" and memory.name == ""


async def test_what_the_settings_name_comes_back_and_that_is_said() -> None:
    memory = NotedTheme("nord")
    app = Stage(claude=claude(), settings=Settings(theme="shammah-light"), themes=memory).app()
    async with app.run_test() as pilot:
        assert app.theme == "shammah-light"
        await write(pilot, app, "/theme dark")
        await wait_until(pilot, lambda: app.theme == "shammah-dark")
        said = "shammah-dark for this session; the settings set shammah-light"
        assert notices(app) == said
        assert memory.name == "nord"


async def test_an_unknown_theme_is_said_and_one_that_is_gone_is_forgotten() -> None:
    app = Stage(claude=claude(), themes=NotedTheme("no-such-theme")).app()
    async with app.run_test() as pilot:
        assert app.theme == "shammah-dark"
        await write(pilot, app, "/theme nrd")
        await wait_until(pilot, lambda: "no theme nrd; did you mean nord?" in notices(app))
        assert app.theme == "shammah-dark"


async def test_the_contrast_theme_has_contrast_everywhere() -> None:
    stage = Stage(
        claude=FakeBackend(REPLY, CLAUDE_DONE), settings=Settings(theme="shammah-contrast")
    )
    app = stage.app()
    async with app.run_test(size=(100, 40)) as pilot:
        assert weak(app) == []
        await write(pilot, app, "How?")
        await wait_until(pilot, lambda: row_of(app, "fn longest") is not None)
        await app.workers.wait_for_complete()
        await pilot.press("slash")
        await wait_until(pilot, lambda: row_of(app, "/editor") is not None)
        assert weak(app) == []
        await pilot.press("backspace")
        for key, screen in (("f1", HelpPanel), ("f2", ModelPanel), ("f3", Conversations)):
            await pilot.press(key)
            await wait_until(pilot, lambda screen=screen: isinstance(app.screen, screen))  # type: ignore[misc]
            await pilot.pause(0.2)
            assert weak(app) == [], screen
            await pilot.press("escape")
            await pilot.pause()


def weak(app: ShammahApp) -> list[tuple[str, str, float]]:
    """Return the words on the screen that have too little contrast."""
    found = []
    for segment in segments(app):
        text, style = segment.text.strip(), segment.style
        letters = any(each.isalnum() for each in text)
        if not letters or style is None or style.color is None or style.bgcolor is None:
            continue
        front, back = (Color.from_rich_color(each) for each in (style.color, style.bgcolor))
        if style.reverse:
            front, back = back, front
        contrast = contrast_of(front, back)
        # A key that does nothing now is dimmed on purpose (WCAG 1.4.6 leaves those out).
        if contrast < (AA if back == CHOSEN else AAA) and text not in {"⏎", "Send"}:
            found.append((text, str(style), round(contrast, 1)))
    return found


def contrast_of(one: Color, other: Color) -> float:
    """Return the contrast ratio as WCAG 2.2 defines it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: Color) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (color.r / 255, color.g / 255, color.b / 255)
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


async def test_no_color_sends_none_and_still_marks_what_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Stage(claude=FakeBackend(REPLY, CLAUDE_DONE)).app()
    async with app.run_test(size=(100, 40)) as pilot:
        await write(pilot, app, "How?")
        await wait_until(pilot, lambda: row_of(app, "fn longest") is not None)
        await app.workers.wait_for_complete()
        assert colours(app) == set()
        assert row_of(app, "Claude Sonnet 5.5 · ") is not None
        await pilot.press("slash")
        await wait_until(pilot, lambda: "/claude" in marked(app))
        assert colours(app) == set()
        await pilot.press("backspace", "f2")
        await wait_until(pilot, lambda: isinstance(app.screen, ModelPanel))
        await wait_until(pilot, lambda: "Qwen3.5" in marked(app))
        assert colours(app) == set()


def colours(app: ShammahApp) -> set[str]:
    styles = [segment.style for segment in segments(app) if segment.style is not None]
    used = [colour for style in styles for colour in (style.color, style.bgcolor)]
    return {colour.name for colour in used if colour is not None and not colour.is_default}


def marked(app: ShammahApp) -> str:
    return " ".join(
        segment.text
        for segment in segments(app)
        if segment.style is not None and (segment.style.reverse or segment.style.underline)
    )


@pytest.mark.parametrize("theme", THEME_NAMES)
async def test_every_theme_that_can_be_named_can_be_shown(theme: str) -> None:
    app = Stage(claude=claude(), settings=Settings(theme=theme)).app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: row_of(app, "Ask anything") is not None)
