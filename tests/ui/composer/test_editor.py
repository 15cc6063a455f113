import stat
from pathlib import Path

import pytest

from shammah_tui.ui.composer.editor import EditorError, edit_text


def script(folder: Path, body: str) -> str:
    path = folder / "my editor.sh"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return f"'{path}' --wait"


def test_the_text_comes_back_as_it_was_left(tmp_path: Path) -> None:
    editor = script(tmp_path, 'printf "%s and more" "$(cat "$2")" > "$2"')
    assert edit_text("draft ü", {"EDITOR": editor}) == "draft ü and more"


def test_visual_comes_first(tmp_path: Path) -> None:
    assert edit_text("x", {"VISUAL": "true", "EDITOR": "false"}) == "x"


@pytest.mark.parametrize("environment", [{}, {"EDITOR": ""}])
def test_without_an_editor_it_says_what_to_do(environment: dict[str, str]) -> None:
    with pytest.raises(EditorError, match="export EDITOR"):
        edit_text("x", environment)


def test_an_editor_that_fails_leaves_the_draft(tmp_path: Path) -> None:
    with pytest.raises(EditorError, match="status 3"):
        edit_text("x", {"EDITOR": script(tmp_path, "exit 3")})


@pytest.mark.parametrize("command", ["/no/such/editor", "'unbalanced"])
def test_an_editor_that_is_none_is_said(command: str) -> None:
    with pytest.raises(EditorError, match="cannot be used"):
        edit_text("x", {"EDITOR": command})


def test_what_is_no_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(EditorError, match="cannot be used"):
        edit_text("x", {"EDITOR": script(tmp_path, 'printf "\\377" > "$2"')})


def test_control_characters_do_not_come_back(tmp_path: Path) -> None:
    editor = script(tmp_path, """printf 'one\\033[31m\\r\\ntwo\\007' > "$2\"""")
    assert edit_text("x", {"EDITOR": editor}) == "one[31m\ntwo"
