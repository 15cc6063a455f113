"""A reply is the same picture while it comes, once it is over, and when it is opened again."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ui.replies import LONG, REPLIES
from tests.ui.reply_page import ReplyPage

SIZE = (70, 120)


@pytest.mark.parametrize("name", REPLIES)
async def test_a_reply_that_is_cut_anywhere_looks_as_when_it_is_opened(name: str) -> None:
    reply = REPLIES[name]
    page = ReplyPage()
    async with page.run_test(size=SIZE) as pilot:
        opened = await page.show(pilot, [reply])
        assert await page.show(pilot, list(reply)) == opened
        for cut in range(1, len(reply), max(1, len(reply) // 12)):
            assert await page.show(pilot, [reply[:cut], reply[cut:]]) == opened, cut


async def test_a_long_reply_looks_the_same_in_pieces_of_any_size() -> None:
    page = ReplyPage()
    async with page.run_test(size=(70, 500)) as pilot:
        opened = await page.show(pilot, [LONG])
        assert "the first (https://example.org/1)" in " ".join(opened)
        for size in (5, 64, 700):
            pieces = [LONG[at : at + size] for at in range(0, len(LONG), size)]
            assert await page.show(pilot, pieces) == opened, size


_LINES = sorted({line for reply in REPLIES.values() for line in reply.splitlines()})
_PARTS = st.one_of(
    st.sampled_from(sorted(REPLIES.values())),
    st.lists(st.sampled_from(_LINES), min_size=1, max_size=6).map("\n".join),
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(st.lists(_PARTS, min_size=1, max_size=4), st.lists(st.integers(1, 40), min_size=1))
def test_any_reply_in_any_pieces_looks_as_when_it_is_opened(
    parts: list[str], sizes: list[int]
) -> None:
    reply = "\n".join(parts)
    pieces, at, number = [], 0, 0
    while at < len(reply):
        size = sizes[number % len(sizes)]
        pieces.append(reply[at : at + size])
        at, number = at + size, number + 1

    async def compare() -> None:
        page = ReplyPage()
        async with page.run_test(size=(60, 200)) as pilot:
            opened = await page.show(pilot, [reply])
            assert await page.show(pilot, pieces) == opened

    asyncio.run(compare())
