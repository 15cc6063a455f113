import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.ask_runs import ENDLESS, KEY, MODEL, AskRuns
from tests.commands.command_runs import FILE, REPO, SPLIT, CommandRuns
from tests.gguf_models import build_model
from tests.loopback.hub import LoopbackHub
from tests.loopback.messages_api import LoopbackMessagesAPI

FILES: dict[str, bytes | Path] = {
    FILE: random.Random(31).randbytes(1_500_000),
    SPLIT[0]: random.Random(32).randbytes(700_000),
    SPLIT[1]: random.Random(33).randbytes(600_000),
    "mmproj-F16.gguf": b"GGUF companion",
    "README.md": b"# Tiny",
}


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[CommandRuns]:
    """An empty home and a hub with one repository."""
    home = tmp_path / "home"
    home.mkdir()
    with LoopbackHub() as hub:
        hub.add_repo(REPO, FILES)
        environment = {
            "HOME": str(home),
            "SHAMMAH_STARTER": "off",
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "HF_ENDPOINT": hub.url,
            "HF_TOKEN": "hf_good",
        }
        runs = CommandRuns(home, hub, environment)
        with runs.stack:
            yield runs


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with weights that llama.cpp really loads."""
    folder = tmp_path_factory.mktemp("models")
    build_model(folder / MODEL)
    build_model(folder / ENDLESS, reply="It goes again and again", endless=True)
    return folder


@pytest.fixture
def asks(tmp_path: Path, models: Path) -> Iterator[AskRuns]:
    """An empty home, a Messages API and weights."""
    home = tmp_path / "home"
    home.mkdir()
    with LoopbackMessagesAPI(key=KEY) as api:
        environment = {
            "HOME": str(home),
            "SHAMMAH_STARTER": "off",
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": api.url,
            # Nobody listens there: what is fetched is not to be had.
            "HF_ENDPOINT": "http://127.0.0.1:9",
        }
        asks = AskRuns(home, models, api, environment)
        with asks.stack:
            yield asks
