"""What is found out before anything is imported."""

import os
from pathlib import Path
from typing import Any, cast

import pytest

from shammah_tui.adapters.chosen_theme import FILE_NAME, ChosenThemeFile
from shammah_tui.first.look import COLORLESS, Look, find_look, glance


def look_in(home: Path, **environment: str) -> Look | None:
    variables = {"HOME": str(home), "TERM": "xterm-256color", **environment}
    return find_look(cast("os._Environ[str]", cast(Any, variables)))


def configure(home: Path, toml: str) -> None:
    path = home / ".config" / "shammah" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(toml)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ([], ("", False, False)),
        (["--offline", "--model", "qwen"], ("qwen", True, False)),
        (["--model=a/b"], ("a/b", False, False)),
        (["--model"], None),
        (["--model", "--offline"], None),
        (["-c"], ("", False, True)),
        (["--offline", "--continue"], ("", True, True)),
        (["--continued"], None),
        (["--plain"], None),
        (["--help"], None),
        (["doctor"], None),
    ],
)
def test_glance(arguments: list[str], found: tuple[str, bool, bool] | None) -> None:
    assert glance(arguments) == found


def test_the_theme_of_the_settings_comes_first(tmp_path: Path) -> None:
    ChosenThemeFile(tmp_path / ".local" / "state" / "shammah" / FILE_NAME).choose("shammah-light")
    look = look_in(tmp_path)
    assert look is not None
    assert look.theme == "shammah-light"
    configure(tmp_path, 'theme = "nord" # cold\n[keys]\nquit = "ctrl+x"\n')
    look = look_in(tmp_path, ANTHROPIC_API_KEY="key", COLORTERM="truecolor")
    assert look is not None
    assert (look.theme, look.has_key, look.has_own_keys) == ("nord", True, True)
    assert look.colors == 1 << 24


@pytest.mark.parametrize("toml", ["plain = true", 'theme = "no-color"', 'theme = "no-such"'])
def test_settings_that_draw_no_first_picture(tmp_path: Path, toml: str) -> None:
    configure(tmp_path, toml)
    assert look_in(tmp_path) is None


@pytest.mark.parametrize(
    ("term", "colors"), [("xterm", 16), ("linux", 16), ("xterm-kitty", 256), ("tmux-256color", 256)]
)
def test_colors_of_the_terminal(tmp_path: Path, term: str, colors: int) -> None:
    look = look_in(tmp_path, TERM=term)
    assert look is not None
    assert look.colors == colors


@pytest.mark.parametrize("value", ["1", ""])
def test_without_colors_no_theme_has_its_own(tmp_path: Path, value: str) -> None:
    configure(tmp_path, 'theme = "ansi-dark"')
    look = look_in(tmp_path)
    assert look is not None
    assert look.theme == "ansi-dark"
    look = look_in(tmp_path, NO_COLOR=value)
    assert look is not None
    assert look.theme == COLORLESS


@pytest.mark.parametrize(
    "variables", [{"TERM": ""}, {"TERM": "dumb"}, {"TERM": "dumb", "NO_COLOR": "1"}]
)
def test_terminals_that_get_no_first_picture(tmp_path: Path, variables: dict[str, str]) -> None:
    assert look_in(tmp_path, **variables) is None
