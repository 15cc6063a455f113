from pathlib import Path

import pytest

from tests.ui.opened import TWO_BLOCKS, Opened


@pytest.fixture
def talk(tmp_path: Path) -> Opened:
    return Opened(tmp_path / "store.db", [("one", "1"), ("two", "2")])


@pytest.fixture
def code(tmp_path: Path) -> Opened:
    return Opened(tmp_path / "store.db", [("code?", TWO_BLOCKS)])
