from collections.abc import AsyncIterator, Iterator

import pytest

from shammah_tui.adapters.claude.claude import Claude
from tests.adapters.claude_client import KEY, make
from tests.loopback.messages_api import LoopbackMessagesAPI


@pytest.fixture
def api() -> Iterator[LoopbackMessagesAPI]:
    with LoopbackMessagesAPI(key=KEY) as api:
        yield api


@pytest.fixture
async def claude(api: LoopbackMessagesAPI) -> AsyncIterator[Claude]:
    claude = make(api)
    yield claude
    await claude.aclose()
