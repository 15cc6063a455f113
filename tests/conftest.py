"""Fixtures and settings for all tests."""

import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

# A shell starts its background jobs with SIGINT ignored, which every program the tests start, and
# interrupt, would take over.
signal.signal(signal.SIGINT, signal.default_int_handler)

WORKERS_AT_MOST = 6
"""Each holds 300 MB, and beside it run the programs, servers and engines of its test."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="record the demonstration anew")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Run the whole suite in more processes than there are cores; a part of it in this one.

    Half of the time tests wait: for a process that starts, a frame, a silence. Workers are worth
    the seconds in which each of them collects the tests only where there is much to do.
    """
    if config.args != config.getini("testpaths"):
        return 0
    return min(WORKERS_AT_MOST, (os.cpu_count() or 1) + 1)


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Have a worker's reports be text that can be sent.

    Tests also log and compare strings that are none, and what cannot be sent ends the whole run.
    """
    return sendable((yield))


def sendable(data: Any) -> Any:
    """Return data of which each lone surrogate is spelt out."""
    if isinstance(data, str):
        return data.encode("utf-8", "backslashreplace").decode()
    if isinstance(data, dict):
        return {key: sendable(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return type(data)(sendable(each) for each in data)
    return data


@pytest.fixture(autouse=True)
def own_home(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Give each test a home of its own, and no key, token or address of the developer's."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    # Its own tests have it; the others say who answers without it.
    monkeypatch.setenv("SHAMMAH_STARTER", "off")
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HF_ENDPOINT", "HF_TOKEN", "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    yield home
