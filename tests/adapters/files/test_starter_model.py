from pathlib import Path

import pytest

from shammah_tui.adapters.files import starter_model as module
from shammah_tui.adapters.files.starter_model import FILE_NAME, starter_model


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of that name; importing it fails the test."""
    folder = tmp_path / "a_starter"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise AssertionError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(module, "PACKAGE", "a_starter")
    monkeypatch.setattr(module, "FILE_BYTES", 8)
    return folder


def test_it_is_found_without_importing_its_package(package: Path) -> None:
    (package / FILE_NAME).write_bytes(b"GGUF0000")
    found = starter_model({})
    assert found is not None and found.is_starter
    assert found.local_path == str(package / FILE_NAME)
    assert (found.licence, found.native_context) == ("Apache-2.0", 8_192)


@pytest.mark.parametrize("content", [None, b"", b"GGUF000", b"GGUF00000", b"PK000000"])
def test_what_is_not_whole_is_none(package: Path, content: bytes | None) -> None:
    if content is not None:
        (package / FILE_NAME).write_bytes(content)
    assert starter_model({}) is None


def test_it_can_be_left_out(package: Path) -> None:
    (package / FILE_NAME).write_bytes(b"GGUF0000")
    assert starter_model({"SHAMMAH_STARTER": " Off "}) is None
    assert starter_model({"SHAMMAH_STARTER": "on"}) is not None


def test_without_its_package_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACKAGE", "no_such_package_at_all")
    assert starter_model({}) is None
