"""Adapters on the disk: real files, looked for and looked at."""

import os
from pathlib import Path

import gguf
import pytest

from shammah_tui.adapters.files.lora_files import LoraFiles
from shammah_tui.core.errors import InvalidLoraError
from tests.gguf_lora import build_lora
from tests.gguf_models import build_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_model(tmp_path_factory.mktemp("loras") / "model.gguf")


@pytest.fixture
def lora(tmp_path: Path, model: Path) -> Path:
    return build_lora(tmp_path / "style.gguf", model, "Ġmachine")


@pytest.fixture
def files(tmp_path: Path) -> LoraFiles:
    return LoraFiles(tmp_path / "adapters", tmp_path / "hub")


def test_one_in_the_home_folder_is_taken(
    files: LoraFiles, lora: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(lora.parent))
    assert files.check("~/style.gguf") == files.check(str(lora)) == str(lora)
    monkeypatch.chdir(lora.parent)
    assert files.check("style.gguf") == str(lora)


def test_what_is_none_is_refused_with_the_reason(
    files: LoraFiles, model: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.gguf"
    page.write_text("<!doctype html>")
    other = build_lora(tmp_path / "o.gguf", model, "Ġmachine", adapter_type="control_vector")
    whole = build_lora(tmp_path / "m.gguf", model, "Ġmachine", kind=gguf.GGUFType.MODEL)
    pipe = tmp_path / "pipe.gguf"
    os.mkfifo(pipe)
    for path, words in (
        (page, "page.gguf is not a GGUF file: convert it"),
        (model, "model.gguf is a GGUF file, but not a LoRA adapter"),
        (other, "not a LoRA adapter"),
        (whole, "not a LoRA adapter"),
        (tmp_path, "is a folder"),
        (tmp_path / "none.gguf", "There is no file"),
        (pipe, "There is no file"),
        ("nul\0.gguf", "There is no file"),
        ("~nobody-by-this-name/x.gguf", "cannot be read"),
        ("x" * 5_000, "cannot be read: File name too long|There is no file"),
        ("\x1b[31mred.gguf", "There is no file"),
    ):
        with pytest.raises(InvalidLoraError, match=words) as caught:
            files.check(str(path))
        assert "\x1b" not in str(caught.value)


def test_they_are_found_in_the_folder_and_in_the_cache_each_once(
    files: LoraFiles, lora: Path, model: Path, tmp_path: Path
) -> None:
    assert files.found() == ()
    folder = tmp_path / "adapters"
    folder.mkdir()
    (folder / "b.gguf").write_bytes(lora.read_bytes())
    (folder / "model.gguf").symlink_to(model)
    (folder / "gone.gguf").symlink_to(tmp_path / "nowhere")
    (folder / "notes.txt").write_bytes(lora.read_bytes())
    (folder / "empty.gguf").touch()
    repo = tmp_path / "hub" / "models--me--style"
    (repo / "blobs").mkdir(parents=True)
    blob = repo / "blobs" / "0123"
    blob.write_bytes(lora.read_bytes())
    for commit in ("1" * 40, "2" * 40):
        snapshot = repo / "snapshots" / commit
        snapshot.mkdir(parents=True)
        (snapshot / "a.gguf").symlink_to(blob)
    found = [Path(path) for path in files.found()]
    assert found == [repo / "snapshots" / ("1" * 40) / "a.gguf", folder / "b.gguf"]
    assert files.folder == str(folder)
