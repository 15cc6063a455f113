import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.world import CLAUDE_REPLY, FILE, KEY, MODEL_BYTES, OTHER_REPLY, REPO, World
from tests.gguf_models import build_model
from tests.loopback.hub import LoopbackHub
from tests.loopback.messages_api import LoopbackMessagesAPI


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the weights that the hub serves and that are loaded from here."""
    folder = tmp_path_factory.mktemp("models")
    build_model(folder / FILE, size_bytes=MODEL_BYTES)
    build_model(folder / "endless.gguf", reply="It goes again and again", endless=True)
    build_model(folder / "other.gguf", reply=OTHER_REPLY, size_bytes=MODEL_BYTES // 2)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def hub(models: Path) -> Iterator[LoopbackHub]:
    with LoopbackHub() as hub:
        hub.add_repo(REPO, {FILE: models / FILE})
        yield hub


@pytest.fixture
def api() -> Iterator[LoopbackMessagesAPI]:
    with LoopbackMessagesAPI(key=KEY) as api:
        api.reply_with(CLAUDE_REPLY)
        yield api


@pytest.fixture
def environment(home: Path, hub: LoopbackHub, api: LoopbackMessagesAPI) -> dict[str, str]:
    """The program's whole environment: nothing of whoever runs the tests comes through."""
    return {
        "HOME": str(home),
        "SHAMMAH_STARTER": "off",
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_BASE_URL": api.url,
        "HF_ENDPOINT": hub.url,
    }


@pytest.fixture
def world(
    home: Path,
    models: Path,
    hub: LoopbackHub,
    api: LoopbackMessagesAPI,
    environment: dict[str, str],
) -> Iterator[World]:
    world = World(home, models, hub, api, environment)
    with world.stack:
        yield world
