"""The digest that follows the blocks, in whatever order and from however many threads they come."""

import hashlib
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shammah_tui.children.fetch.file_digest import FileDigest
from shammah_tui.children.fetch.partial import GROWTH_BLOCKS, Partial
from shammah_tui.core.model.hub_names import MAP_SUFFIX
from shammah_tui.core.protocol.block_map import WRITTEN, checksum, decode_entries

BLOCK = 65536
SIZE = 120 * BLOCK + 17
CONTENT = random.Random(16).randbytes(SIZE)
ETAG = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def partial(tmp_path: Path) -> Iterator[Partial]:
    """Return an empty partial file."""
    found = Partial(tmp_path, "model.gguf", ETAG, SIZE)
    yield found
    found.close()


class Feeder:
    """Gives blocks as a connection does."""

    def __init__(self, partial: Partial, digest: FileDigest, lock: threading.Lock) -> None:
        self.partial, self.digest, self.lock = partial, digest, lock
        self.buffer = bytearray(BLOCK)

    def feed(self, block: int) -> None:
        length = self.partial.header.length_of(block)
        self.buffer[:length] = CONTENT[block * BLOCK :][:length]
        self.partial.write(block, memoryview(self.buffer)[:length])
        self.buffer = self.digest.hand_over(block, self.buffer)
        with self.lock:
            self.partial.count(block)


def assert_right(partial: Partial, digest: FileDigest) -> None:
    assert digest.matches(lambda _: None, 0.1)
    # The checksums come when nothing else does.
    for _ in range(1000):
        content = (partial.map_path.parent / f"{ETAG}{MAP_SUFFIX}").read_bytes()
        entries = decode_entries(content, partial.header)
        if WRITTEN not in entries:
            break
        time.sleep(0.01)
    blocks = [CONTENT[start : start + BLOCK] for start in range(0, SIZE, BLOCK)]
    assert list(entries) == [checksum(block) for block in blocks]


@pytest.mark.parametrize("seed", range(6))
def test_any_order_from_several_threads(partial: Partial, seed: int) -> None:
    chance = random.Random(seed)
    digest = FileDigest(partial, ETAG)
    lock = threading.Lock()
    blocks = list(range(partial.header.block_count))
    shares: list[list[int]] = [[], [], []]
    while blocks:
        # Stretches, as connections take them; the first is the longest.
        taken = blocks[: chance.randrange(1, 30)]
        del blocks[: len(taken)]
        chance.choice(shares).extend(taken)
    threads = [
        threading.Thread(
            target=lambda mine=mine: list(map(Feeder(partial, digest, lock).feed, mine))
        )
        for mine in shares
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    assert_right(partial, digest)
    digest.stop()


def test_the_block_that_all_wait_for_does_not_wait_for_them(partial: Partial) -> None:
    digest = FileDigest(partial, ETAG)
    lock = threading.Lock()
    ahead = [Feeder(partial, digest, lock) for _ in range(20)]
    # They take every buffer there is, and none can be hashed before the first block is here.
    for number, feeder in enumerate(ahead):
        feeder.feed(number + 1)
    first = threading.Thread(target=lambda: Feeder(partial, digest, lock).feed(0))
    first.start()
    first.join(30)
    assert not first.is_alive()
    for block in range(21, partial.header.block_count):
        ahead[0].feed(block)
    assert_right(partial, digest)
    digest.stop()


def test_blocks_too_few_to_tell_of_do_not_hold_a_connection_up(partial: Partial) -> None:
    digest = FileDigest(partial, ETAG)
    lock = threading.Lock()
    ahead, next_in_order = Feeder(partial, digest, lock), Feeder(partial, digest, lock)
    # Another connection and the first blocks take every buffer, before the digest has been told.
    for block in range(GROWTH_BLOCKS, 9):
        ahead.feed(block)
    for block in range(GROWTH_BLOCKS - 1):
        next_in_order.feed(block)
    thread = threading.Thread(target=lambda: next_in_order.feed(GROWTH_BLOCKS - 1), daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    for block in range(9, partial.header.block_count):
        next_in_order.feed(block)
    assert_right(partial, digest)
    digest.stop()


def test_begun_again_in_the_middle(partial: Partial) -> None:
    digest = FileDigest(partial, ETAG)
    feeder = Feeder(partial, digest, threading.Lock())
    for block in range(40):
        feeder.feed(block)
    partial.reset()
    for block in range(partial.header.block_count):
        feeder.feed(block)
    assert_right(partial, digest)
    digest.stop()


def test_one_that_waits_for_a_buffer_ends_with_the_digest(partial: Partial) -> None:
    digest = FileDigest(partial, ETAG)
    digest.stop()
    feeder = Feeder(partial, digest, threading.Lock())
    # Nobody hashes any more; nobody is held up either.
    for block in range(40):
        feeder.feed(block)
    assert partial.prefix_bytes == 40 * BLOCK


def test_a_wrong_byte_is_noticed(partial: Partial) -> None:
    digest = FileDigest(partial, "0" * 64)
    feeder = Feeder(partial, digest, threading.Lock())
    for block in range(partial.header.block_count):
        feeder.feed(block)
    assert not digest.matches(lambda _: None, 0.1)
    digest.stop()
