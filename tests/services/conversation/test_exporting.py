"""A file that takes its name once it is whole."""

import errno
import os
from pathlib import Path

import pytest

from shammah_tui.services.conversation.exporting import whole_file


def test_it_is_there_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.md"
    with whole_file(path, overwrite=False) as file:
        file.write("half")
        assert not path.exists()
        file.write(" and half")
    assert path.read_text() == "half and half"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_one_that_comes_meanwhile_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "out.md"
    with pytest.raises(FileExistsError), whole_file(path, overwrite=False) as file:
        file.write("mine")
        path.write_text("another's")
    assert path.read_text() == "another's"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("there", [False, True])
def test_where_the_file_system_has_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    def refuse(self: Path, target: str) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = tmp_path / "out.md"
    if there:
        path.write_text("precious")
        with pytest.raises(FileExistsError), whole_file(path, overwrite=False) as file:
            file.write("mine")
        assert path.read_text() == "precious"
    else:
        with whole_file(path, overwrite=False) as file:
            file.write("mine")
        assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "out.md"
    path.write_text("the one before")
    with pytest.raises(OSError, match="full"), whole_file(path) as file:
        file.write("mine")
        raise OSError(errno.ENOSPC, "The disk is full")
    assert path.read_text() == "the one before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_pipe_behind_another_name_is_written_to() -> None:
    reading, writing = os.pipe()
    try:
        with whole_file(Path(f"/dev/fd/{writing}")) as file:
            file.write("all of it")
        assert os.read(reading, 100) == b"all of it"
    finally:
        os.close(reading)
        os.close(writing)
