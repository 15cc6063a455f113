"""The cache and the endpoint are where huggingface_hub itself has them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from shammah_tui.adapters.hub.hub_environment import hub_cache_dir, hub_endpoint

CASES: list[dict[str, str]] = [
    {},
    {"XDG_CACHE_HOME": "/xdg"},
    {"XDG_CACHE_HOME": "~/xdg"},
    {"HF_HOME": "/home/of/hub"},
    {"HF_HOME": "~/hub-home", "XDG_CACHE_HOME": "/xdg"},
    {"HF_HOME": "$MY_DISK/${MY_FOLDER}/hub", "MY_DISK": "/disk", "MY_FOLDER": "models"},
    {"HF_HOME": "$UNKNOWN_VARIABLE/hub"},
    {"HF_HUB_CACHE": "/cache", "HF_HOME": "/home/of/hub"},
    {"HF_HUB_CACHE": "~/cache"},
    {"HF_HUB_CACHE": "relative/cache"},
    {"HF_HUB_CACHE": "$HOME/cache"},
    {"HUGGINGFACE_HUB_CACHE": "/legacy"},
    {"HUGGINGFACE_HUB_CACHE": "~/legacy", "HF_HUB_CACHE": "/cache"},
    {"HF_ENDPOINT": "https://mirror.example/"},
    {"HF_ENDPOINT": "https://mirror.example/hub//"},
]


def test_as_the_library_does(tmp_path: Path) -> None:
    """One process for all: each case reloads the library's constants in its own environment."""
    code = (
        "import importlib, json, os, sys\n"
        "import huggingface_hub.constants as constants\n"
        "for case in json.loads(sys.argv[1]):\n"
        "    os.environ.clear(); os.environ.update(case)\n"
        "    importlib.reload(constants)\n"
        "    print(json.dumps([constants.HF_HUB_CACHE, constants.ENDPOINT]))\n"
    )
    cases = [{"HOME": str(tmp_path), **case} for case in CASES]
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(cases)], capture_output=True, text=True, check=True
    )
    for case, line in zip(cases, done.stdout.splitlines(), strict=True):
        cache, endpoint = json.loads(line)
        assert (str(hub_cache_dir(case)), hub_endpoint(case)) == (str(Path(cache)), endpoint), case


@pytest.mark.parametrize("home", ["/home/someone", "/home/someone/"])
def test_without_any_setting(home: str) -> None:
    assert hub_cache_dir({"HOME": home}) == Path("/home/someone/.cache/huggingface/hub")
    assert hub_endpoint({}) == "https://huggingface.co"
    # As where nothing is said, and as in .env files and copied lines.
    assert hub_endpoint({"HF_ENDPOINT": " "}) == "https://huggingface.co"
    assert hub_endpoint({"HF_ENDPOINT": ' "https://hub.example/"\n'}) == "https://hub.example"
