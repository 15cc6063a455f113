"""The one file of bytecode: what it gives is what Python would have found by itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, sys
from shammah_tui.start.bytecode import StartFinder, keep_bytecode, use_bytecode

file, folder, *more = sys.argv[1:]
sys.path.insert(0, folder)
use_bytecode(file)
told = {"used": any(isinstance(each, StartFinder) for each in sys.meta_path)}
import pack.part
told |= {
    "value": pack.part.VALUE,
    "from": type(pack.part.__loader__).__name__,
    "file": pack.part.__file__,
    "cached": pack.part.__cached__,
    "path": list(pack.__path__),
    "package": pack.part.__package__,
    "in_code": pack.part.where.__code__.co_filename,
}
for name in more:
    __import__(name)
keep_bytecode(["pack", "pack.part", "sys", "__main__", "not.there", *more], file)
told["left"] = any(isinstance(each, StartFinder) for each in sys.meta_path)
print(json.dumps(told))
"""
PART = "VALUE = {}\n\ndef where():\n    pass\n"
OURS, PYTHONS = "_Loader", "SourceFileLoader"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("")
    (tmp_path / "pack" / "part.py").write_text(PART.format(1))
    return tmp_path


def start(folder: Path, *options: str, more: str | None = None) -> dict[str, object]:
    """Start a program that needs ``pack.part`` and ``more``; return what it tells of the former."""
    arguments = [str(folder / "start"), str(folder), *([more] if more else [])]
    done = subprocess.run(
        [sys.executable, *options, "-c", PROGRAM, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        # Without what would keep Python from writing bytecode.
        env={name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
    )
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_the_second_start_has_all_from_it_and_sees_no_difference(folder: Path) -> None:
    first, second = start(folder), start(folder)
    assert (first.pop("used"), first.pop("from")) == (False, PYTHONS)
    assert (second.pop("used"), second.pop("from")) == (True, OURS)
    assert first == second
    assert first["value"] == 1
    assert first["in_code"] == str(folder / "pack" / "part.py")
    assert not first["left"]


def test_it_is_written_once(folder: Path) -> None:
    start(folder)
    before = (folder / "start").stat()
    start(folder)
    after = (folder / "start").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_module_that_has_changed_is_read_anew_and_then_kept(folder: Path) -> None:
    start(folder)
    part = folder / "pack" / "part.py"
    part.write_text(PART.format(22))
    changed, next_one = start(folder), start(folder)
    assert (changed["value"], changed["from"]) == (22, PYTHONS)
    assert (next_one["value"], next_one["from"]) == (22, OURS)
    # The same number of bytes, but another time.
    part.write_text(PART.format(33))
    os.utime(part, ns=(1, 1))
    assert start(folder)["value"] == 33


def test_a_module_that_is_gone_is_not_found(folder: Path) -> None:
    start(folder)
    (folder / "pack" / "part.py").unlink()
    with pytest.raises(subprocess.CalledProcessError) as failed:
        start(folder)
    assert "ModuleNotFoundError" in failed.value.stderr


@pytest.mark.parametrize("length", [0, 5, 8, 40, 200, -3])
def test_a_torn_file_changes_nothing(folder: Path, length: int) -> None:
    start(folder)
    whole = (folder / "start").read_bytes()
    (folder / "start").write_bytes(whole[:length])
    assert start(folder)["value"] == 1


def test_a_file_of_zeros_changes_nothing(folder: Path) -> None:
    start(folder)
    whole = (folder / "start").read_bytes()
    (folder / "start").write_bytes(bytes(len(whole)))
    told = start(folder)
    assert (told["value"], told["from"]) == (1, PYTHONS)


def test_another_python_has_another_one(folder: Path) -> None:
    start(folder)
    told = start(folder, "-O")
    assert (told["value"], told["from"]) == (1, PYTHONS)


def test_where_python_writes_no_bytecode_nothing_is_written(folder: Path) -> None:
    start(folder, "-B")
    assert not (folder / "start").exists()


def test_what_only_other_starts_need_stays(folder: Path) -> None:
    for name in ("one", "two"):
        (folder / f"{name}.py").write_text("")
        start(folder, more=name)
    both = (folder / "start").stat()
    start(folder, more="one")
    start(folder, more="two")
    assert (folder / "start").stat().st_ino == both.st_ino


def test_what_was_left_half_written_is_removed(folder: Path) -> None:
    left, under_way = folder / "start.1", folder / "start.2"
    left.touch()
    under_way.touch()
    os.utime(left, (1, 1))
    start(folder)
    assert sorted(each.name for each in folder.iterdir()) == ["pack", "start", "start.2"]


def test_a_folder_that_cannot_be_written_is_no_matter(folder: Path) -> None:
    (folder / "start").mkdir()
    (folder / "start" / "full").touch()
    assert start(folder)["value"] == 1
    assert sorted(each.name for each in folder.iterdir()) == ["pack", "start"]
