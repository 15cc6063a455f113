import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.command_runs import FILE, REPO, SPLIT, CommandRuns
from tests.loopback.hub import LoopbackHub

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
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "HF_ENDPOINT": hub.url,
            "HF_TOKEN": "hf_good",
        }
        runs = CommandRuns(home, hub, environment)
        with runs.stack:
            yield runs
