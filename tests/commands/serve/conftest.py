from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.commands.serve.served import Served, serving


@pytest.fixture(autouse=True)
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no program that a test starts ask the Hub."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")


@pytest.fixture
async def served(monkeypatch: Any) -> AsyncIterator[Served]:
    async with serving() as served:
        yield served
