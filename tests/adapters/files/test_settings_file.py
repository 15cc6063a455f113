from pathlib import Path

import pytest

from shammah_tui.adapters.files.settings_file import (
    ClaudeSettingsFile,
    load_settings,
    settings_path,
)
from shammah_tui.core.settings.settings import ClaudeSettings, Settings
from shammah_tui.core.settings.settings_table import Known


def test_the_path_follows_the_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = settings_path()
    assert path.parts[-2:] == ("shammah", "config.toml")
    assert path.is_relative_to(tmp_path)


def test_no_file_is_all_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "config.toml") == (Settings(), ())


def test_each_problem_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("them = 'x'\n[local]\nthreads = 'x'\n[claude]\nmodel = 'claude-x'\n")
    settings, problems = load_settings(path)
    assert settings.claude.model == "claude-x"
    assert len(problems) == 2
    assert problems[0] == f"{path}: them is not a setting; did you mean theme?"
    assert problems[1].startswith(f"{path}: [local] threads must be")


def test_names_known_to_the_caller_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("theme = 'x'\n[keys]\nstop = 'f3'\n")
    settings, problems = load_settings(path, Known(keys=("quit",), themes=("nord",)))
    assert (settings.theme, settings.keys) == ("", {})
    assert [problem.removeprefix(f"{path}: ").split()[0] for problem in problems] == [
        "theme",
        "[keys]",
    ]


def test_a_syntax_error_names_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("theme = 'nord'\nclaude model = 3\n")
    settings, problems = load_settings(path)
    assert settings == Settings()
    assert len(problems) == 1
    assert problems[0].startswith(f"{path}: ")
    assert "line 2, column 8" in problems[0]


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbftheme = 'nord'\r\n")
    settings, problems = load_settings(path)
    assert (settings.theme, problems) == ("nord", ())


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"theme = 'n\xf6rd'\n")
    assert load_settings(path) == (
        Settings(),
        (f"{path}: is not UTF-8 at byte 10; defaults are used",),
    )


def test_unreadable(tmp_path: Path) -> None:
    # A folder in its place: root, as which checks may run, can read any file.
    path = tmp_path / "config.toml"
    path.mkdir()
    settings, problems = load_settings(path)
    assert settings == Settings()
    assert problems == (f"{path}: cannot be read (Is a directory); defaults are used",)


def test_what_stands_in_the_file_cannot_draw_on_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('"\\u001b[2Jx\\n" = 1\n"\\u202etheme" = 2\n')
    _, problems = load_settings(path)
    assert len(problems) == 2
    assert all(problem.isprintable() for problem in problems)


def test_what_is_said_of_claude_is_read_again_once_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    told = ClaudeSettingsFile(path, ClaudeSettings())
    assert told.newest() == ClaudeSettings()
    path.write_text("[claude]\nmodel = 'claude-x'\n")
    assert told.newest().model == "claude-x"
    for half_written in ("[claude", "[claude]\nmodel = 'claude-longer"):
        path.write_text(half_written)
        assert told.newest().model == "claude-x"
    path.unlink()
    assert told.newest().model == "claude-x"
