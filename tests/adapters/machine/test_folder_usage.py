import os
import shutil
from pathlib import Path

from shammah_tui.adapters.machine.folder_usage import folder_usage

MEGABYTE = 1_000_000


def test_counts_each_file_once_and_only_what_it_takes(tmp_path: Path) -> None:
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshots" / "commit"
    blobs.mkdir()
    snapshot.mkdir(parents=True)
    (blobs / "a").write_bytes(os.urandom(MEGABYTE))
    (snapshot / "model.gguf").symlink_to(blobs / "a")
    (snapshot / "loop").symlink_to(tmp_path)
    with (blobs / "b.shammah").open("wb") as partial:
        partial.truncate(1000 * MEGABYTE)
    usage = folder_usage(tmp_path)
    assert MEGABYTE <= usage.used_bytes < 1.5 * MEGABYTE
    assert usage.exists
    assert usage.is_writable


def test_a_folder_that_is_not_there_is_judged_by_the_one_above(tmp_path: Path) -> None:
    usage = folder_usage(tmp_path / "not" / "there")
    assert (usage.exists, usage.used_bytes, usage.is_writable) == (False, 0, True)
    assert usage.free_bytes is not None
    assert 0 < usage.free_bytes <= shutil.disk_usage(tmp_path).total


def test_below_a_file_there_can_be_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not folder_usage(tmp_path / "file" / "cache").is_writable
