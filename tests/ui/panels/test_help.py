import importlib
import pkgutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static, TextArea

import shammah_tui.ui.panels
from shammah_tui.commands.arguments import program_parser
from shammah_tui.commands.config import sample
from shammah_tui.core.settings.settings import Settings
from shammah_tui.core.settings.settings_table import settings_from
from shammah_tui.ui.app import ShammahApp
from shammah_tui.ui.chat.chat_screen import ChatScreen
from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.frame.keys import KEY_IDS, SLASH_COMMANDS, UNBOUND, spoken
from shammah_tui.ui.panels.help import EDITING, PANELS, SETTINGS_ROWS, SHELL_ROWS, HelpPanel
from tests.services.turns import claude
from tests.ui.apps import Stage, wait_until
from tests.ui.looks import row_of, rows

KEYS = {"stop": "f4", "models": "ctrl+o", "theme": "f10", "help": "f5", "quit": "f10,ctrl+w"}


def told(app: ShammahApp) -> dict[str, str]:
    """What the help says, by what is pressed or written; in the chat where panels differ."""
    found: dict[str, str] = {}
    for row in app.screen.query(".row"):
        what, does = row.query(Static)
        found.setdefault(str(what.content), str(does.content))
    return found


async def test_it_names_the_keys_that_are_really_bound() -> None:
    """By Textual's own bindings with the keymap applied, not by the table that the help reads."""
    app = Stage(claude=claude(), settings=Settings(keys=KEYS)).app()
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.screen.query_one(Composer).has_focus)
        real: dict[str, set[str]] = {}
        for place in (app.screen.query_one(Composer), app.screen, app):
            applied = place._bindings.copy()
            applied.apply_keymap(KEYS)
            for key, there in applied.key_to_bindings.items():
                for binding in there:
                    if binding.id is not None and key != UNBOUND:
                        real.setdefault(binding.id, set()).add(spoken(key))
        await pilot.press("f5")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpPanel))
        shown = {frozenset(what.split(", ")) for what in told(app)}
        assert "f10" not in real and {"send", "stop", "quit", "help", "theme"} <= set(real)
        for command, keys in real.items():
            assert frozenset(keys) in shown, command
        assert told(app)["F4"] == "Stop the reply (keeps the text so far)"
        assert told(app)["F10, Ctrl+W"] == "Quit Shammah"


async def test_it_names_every_command_with_a_name() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpPanel))
        for command in SLASH_COMMANDS.values():
            assert told(app)[command.usage] == command.description
        assert "Undo" in told(app).values()


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (40, 12)])
@pytest.mark.parametrize("key", ["escape", "f1"])
async def test_it_scrolls_and_closes(size: tuple[int, int], key: str) -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"draft", "f1")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpPanel))
        await wait_until(pilot, lambda: row_of(app, "Enter") is not None)
        pane = app.screen.query_one(VerticalScroll)
        assert pane.max_scroll_x == 0 and pane.max_scroll_y > 0
        await pilot.press("end")
        await wait_until(pilot, lambda: row_of(app, "quit") is not None)
        await pilot.press(key)
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen))
        assert app.screen.query_one(Composer).text == "draft"


async def test_nothing_is_cut_off_at_eighty_columns() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test(size=(80, 240)) as pilot:
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpPanel))
        app.screen.query_one("HelpPanel > Vertical").styles.max_height = 240
        await wait_until(pilot, lambda: row_of(app, "[keys]") is not None)
        shown = " ".join(" ".join(rows(app)).replace("│", " ").split())
        for what, does in told(app).items():
            for words in (what, does):
                assert all(word in shown for word in words.split()), words


def test_it_names_what_there_is_in_the_shell_and_in_the_settings() -> None:
    """By the program's own parsers: nothing is named that is not there, no command is missing."""
    parser = program_parser()
    written = [what for what, _ in SHELL_ROWS if what.startswith("shammah ")]
    assert len(written) == len(SHELL_ROWS) - 1
    arguments = {
        "shammah ask QUESTION": ["ask", "Why?"],
        "shammah import FILE": ["import", "all.json"],
        "shammah --model WHAT": ["--model", "qwen3.5-4b"],
    }
    commands = set()
    for line in written:
        if line != "shammah --help":
            options = parser.parse_args(arguments.get(line, line.split()[1:]))
            commands.add(options.command)
    (choices,) = [each.choices for each in parser._actions if isinstance(each.choices, dict)]
    assert commands == {None, *choices}
    table = tomllib.loads("\n".join(what for what, _ in SETTINGS_ROWS) + "\n[keys]\nstop = 'f4'")
    settings, problems = settings_from(table)
    assert problems == () and settings.plain and settings.theme.endswith("light")
    assert settings.keys == {"stop": "f4"}


def test_bindings_are_of_the_kind_that_can_be_remapped() -> None:
    for place in (ChatScreen, ShammahApp, Composer):
        for binding in place.BINDINGS:
            assert isinstance(binding, Binding) and binding.id


README = Path(__file__).parents[3] / "README.md"


def test_the_readmes_settings_are_lines_of_the_sample_in_its_order() -> None:
    shown = README.read_text(encoding="utf-8").split("```toml\n")[1].split("\n```")[0]
    lines = iter(sample().split("\n"))
    assert all(line in lines for line in shown.split("\n"))
    assert tomllib.loads(shown) == {}


def panels() -> set[type[Screen[Any]]]:
    """Every screen of the program that opens over the chat."""
    for module in pkgutil.iter_modules(shammah_tui.ui.panels.__path__):
        importlib.import_module(f"shammah_tui.ui.panels.{module.name}")

    def below(kind: type[Screen[Any]]) -> Iterator[type[Screen[Any]]]:
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    return {
        each
        for each in below(Screen)
        if each.__module__.startswith("shammah_tui.ui.panels") and each.__dict__.get("BINDINGS")
    }


async def test_it_names_every_key_of_every_panel() -> None:
    assert {panel for _, panel in PANELS} == panels() - {HelpPanel}
    app = Stage(claude=claude()).app()
    async with app.run_test() as pilot:
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpPanel))
        shown = [
            tuple(str(each.content) for each in row.query(Static))
            for row in app.screen.query(".row")
        ]
        for _, panel in PANELS:
            for binding in panel.__dict__["BINDINGS"]:
                made = binding if isinstance(binding, Binding) else Binding(*binding)
                if made.id not in KEY_IDS:
                    names = ", ".join(map(spoken, made.key.split(",")))
                    assert (names, made.description) in shown
        assert told(app)["Ctrl+P"] == "Open the command palette"


def test_every_key_of_the_editor_is_told_in_our_words() -> None:
    there = {each.action for each in TextArea.BINDINGS if isinstance(each, Binding)}
    assert there <= set(EDITING)


async def test_what_is_typed_is_searched() -> None:
    app = Stage(claude=claude()).app()
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpPanel))
        await wait_until(pilot, lambda: row_of(app, "Ctrl+J") is not None)
        await pilot.press(*"rename")
        await wait_until(pilot, lambda: row_of(app, "Ctrl+J") is None)
        rows_shown = [row for row in app.screen.query(".row") if row.display]
        assert rows_shown
        for row in rows_shown:
            text = " ".join(str(each.content) for each in row.query(Static))
            assert "rename" in text.casefold()
        assert row_of(app, "In Conversations") is not None and row_of(app, "In Usage") is None
        await pilot.press(*"xyz")
        await wait_until(pilot, lambda: row_of(app, "Nothing found") is not None)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ChatScreen))
