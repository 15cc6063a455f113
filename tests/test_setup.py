"""What a name means with this machine's settings and files."""

import json
from pathlib import Path

import pytest

from shammah_tui.core.settings.settings import Settings
from shammah_tui.wiring import read_setup


def test_ollamas_file_has_ollamas_name_also_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shammah_tui.wiring.log_folder", lambda: tmp_path / "log")
    models = tmp_path / "ollama"
    named, other = (models / "blobs" / f"sha256-{digit * 64}" for digit in "ab")
    named.parent.mkdir(parents=True)
    for path in (named, other):
        path.write_bytes(b"GGUF")
    manifests = models / "manifests" / "registry.ollama.ai" / "library" / "llama3.2"
    manifests.mkdir(parents=True)
    layer = {"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{'a' * 64}"}
    (manifests / "3b").write_text(json.dumps({"layers": [layer]}))
    environment = {"HOME": str(tmp_path), "OLLAMA_MODELS": str(models)}
    setup = read_setup(environment, (Settings(), ()))
    assert setup.parse(str(named)).label == "llama3.2:3b"
    assert setup.parse(str(other)).label == f"sha256-{'b' * 12}…"
