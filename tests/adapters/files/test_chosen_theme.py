from pathlib import Path

import pytest

from shammah_tui.adapters.files.remembered_name import RememberedName


def test_it_is_there_for_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "state" / "theme.json"
    assert RememberedName(path, "theme").recall() == ""
    RememberedName(path, "theme").choose("shammah-light")
    RememberedName(path, "theme").choose("nord")
    assert RememberedName(path, "theme").recall() == "nord"


@pytest.mark.parametrize("content", ["", "[]", "{", '{"theme": 7}', '{"model": "x"}'])
def test_a_damaged_file_remembers_nothing(tmp_path: Path, content: str) -> None:
    path = tmp_path / "theme.json"
    path.write_text(content)
    assert RememberedName(path, "theme").recall() == ""
