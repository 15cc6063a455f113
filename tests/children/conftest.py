"""Fixtures for the engine's tests."""

from collections.abc import Iterator

import pytest

from tests.loopback.hub import LoopbackHub


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    """Return a running loopback hub."""
    with LoopbackHub() as running:
        yield running
