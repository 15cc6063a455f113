"""``shammah config`` as a person starts it, and the file that it writes."""

import os
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from shammah_tui.commands.config import sample
from shammah_tui.core.settings.settings import (
    ClaudeSettings,
    EndpointSettings,
    LocalSettings,
    Settings,
)
from shammah_tui.core.settings.settings_table import Known, settings_from
from shammah_tui.ui.frame.key_clashes import key_clashes
from shammah_tui.ui.frame.keys import KEY_IDS
from shammah_tui.ui.frame.theme import THEME_NAMES
from tests.children.fetch_runs import clean_environment
from tests.commands.command_runs import Said

TOML_NAMES = {"download_limit_bytes_per_s": "download_limit"}


@dataclass
class Home:
    """An empty home, and the program in it."""

    folder: Path

    @property
    def settings(self) -> Path:
        return self.folder / ".config" / "shammah" / "config.toml"

    def run(self, *arguments: str, **environment: str) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "shammah_tui", *arguments],
            env=clean_environment(self.folder, **{"PATH": os.defpath, **environment}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def uncommented(text: str) -> str:
    """Return the sample as it is with every setting taken."""
    lines = text.split("\n\n", 1)[1].splitlines()
    return "\n".join(re.sub(r"^# ", "", line) for line in lines)


def test_the_sample_changes_nothing() -> None:
    assert settings_from(tomllib.loads(sample())) == (Settings(), ())


def test_every_line_of_the_sample_can_be_used() -> None:
    known = Known(KEY_IDS, THEME_NAMES, key_clashes)
    settings, problems = settings_from(tomllib.loads(uncommented(sample())), known)
    assert problems == ()
    assert settings.local.lora and settings.models and settings.endpoint.url and settings.keys


def test_the_sample_has_every_setting() -> None:
    table = tomllib.loads(uncommented(sample()))
    sections = {"claude": ClaudeSettings, "local": LocalSettings, "endpoint": EndpointSettings}
    for section, kind in sections.items():
        names = {TOML_NAMES.get(each.name, each.name) for each in fields(kind)}
        assert set(table[section]) == names
    assert set(table) == {each.name for each in fields(Settings)}


def test_init_writes_it_once(home: Home) -> None:
    said = home.run("config", "init")
    assert (said.status, said.errors) == (0, "")
    assert str(home.settings) in said.output
    assert home.settings.read_text() == sample()
    home.settings.write_text("plain = true\n")
    again = home.run("config", "init")
    assert again.status == 1 and "exists" in again.errors
    assert home.settings.read_text() == "plain = true\n"


def test_init_says_where_it_cannot_write(home: Home) -> None:
    (home.folder / ".config").write_text("a file")
    said = home.run("config", "init")
    assert said.status == 1 and "cannot be written" in said.errors


def test_check_names_each_mistake(home: Home) -> None:
    absent = home.run("config", "check")
    assert absent.status == 0 and "the defaults are used" in absent.output
    home.settings.parent.mkdir(parents=True)
    home.settings.write_text('plain = 3\n[keys]\nstopp = "f4"\n[local]\nmodel = "no such"\n')
    said = home.run("config")
    assert said.status == 1
    assert len(said.errors.splitlines()) == 3
    for told in ("plain must be true or false", "did you mean stop?", "local.model"):
        assert told in said.errors
    home.settings.write_text("plain = true\n")
    fine = home.run("config", "check")
    assert (fine.status, fine.errors) == (0, "") and "no problems" in fine.output


def test_edit_writes_opens_and_checks(home: Home) -> None:
    editor = home.folder / "my editor"
    editor.write_text('#!/bin/sh\nsed -i "s/^# plain.*/plain = 3/" "$1"\n')
    editor.chmod(0o700)
    said = home.run("config", "edit", EDITOR=f"'{editor}'")
    assert said.status == 1
    assert "plain must be true or false" in said.errors
    assert "\nplain = 3\n" in home.settings.read_text()


@pytest.mark.parametrize(
    ("editor", "told"),
    [("no-such-editor", "cannot be started"), ("false", "ended with status 1"), ("'", "EDITOR")],
)
def test_an_editor_that_fails_is_told(home: Home, editor: str, told: str) -> None:
    said = home.run("config", "edit", EDITOR=editor)
    assert said.status == 1 and told in said.errors


def test_without_any_editor_the_path_is_told(home: Home) -> None:
    said = home.run("config", "edit", PATH=str(home.folder))
    assert said.status == 1 and str(home.settings) in said.errors
