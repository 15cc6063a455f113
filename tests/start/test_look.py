"""What is found out before anything is imported."""

import os
from pathlib import Path
from typing import Any, cast

import pytest
from textual.theme import BUILTIN_THEMES, Theme

from shammah_tui.adapters.claude.claude_key import KEPT_FILE
from shammah_tui.adapters.files.remembered_name import RememberedName
from shammah_tui.start.look import Look, find_look, glance
from shammah_tui.ui.frame.theme import THEMES


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
    path = tmp_path / ".local" / "state" / "shammah" / "theme.json"
    RememberedName(path, "theme").choose("shammah-light")
    look = look_in(tmp_path)
    assert look is not None
    assert look.is_light
    configure(tmp_path, 'theme = "nord" # cold\n[keys]\nquit = "ctrl+x"\n')
    look = look_in(tmp_path, ANTHROPIC_API_KEY="key", COLORTERM="truecolor")
    assert look is not None
    assert (look.is_light, look.has_key, look.has_own_keys) == (False, True, True)
    assert look.colors == 1 << 24


@pytest.mark.parametrize("theme", [*THEMES, *BUILTIN_THEMES.values()], ids=lambda each: each.name)
def test_a_light_theme_is_told_by_its_name(tmp_path: Path, theme: Theme) -> None:
    configure(tmp_path, f'theme = "{theme.name}"')
    look = look_in(tmp_path)
    assert look is not None
    assert look.is_light == (not theme.dark)


def test_the_plain_mode_draws_no_first_picture(tmp_path: Path) -> None:
    configure(tmp_path, "plain = true")
    assert look_in(tmp_path) is None


@pytest.mark.parametrize(
    ("term", "colors"), [("xterm", 16), ("linux", 16), ("xterm-kitty", 256), ("tmux-256color", 256)]
)
def test_colors_of_the_terminal(tmp_path: Path, term: str, colors: int) -> None:
    look = look_in(tmp_path, TERM=term)
    assert look is not None
    assert look.colors == colors


@pytest.mark.parametrize("value", ["1", ""])
def test_without_colors(tmp_path: Path, value: str) -> None:
    look = look_in(tmp_path, NO_COLOR=value)
    assert look is not None
    assert look.colors == 0


@pytest.mark.parametrize(
    "variables", [{"TERM": ""}, {"TERM": "dumb"}, {"TERM": "dumb", "NO_COLOR": "1"}]
)
def test_terminals_that_get_no_first_picture(tmp_path: Path, variables: dict[str, str]) -> None:
    assert look_in(tmp_path, **variables) is None


def test_a_key_that_was_given_is_known_of(tmp_path: Path) -> None:
    look = look_in(tmp_path)
    assert look is not None
    assert not look.has_key
    path = tmp_path / ".local" / "state" / "shammah" / KEPT_FILE
    path.parent.mkdir(parents=True)
    path.write_text('{"place": "keyring"}')
    look = look_in(tmp_path)
    assert look is not None
    assert look.has_key
