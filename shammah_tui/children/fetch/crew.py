"""The connections of one file: which fetches which blocks, and how fast all of them may be."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from shammah_tui.children.fetch.body import Body
from shammah_tui.children.fetch.faults import (
    ChangedUpstreamError,
    LastingError,
    PassingError,
    Patience,
)
from shammah_tui.children.fetch.partial import Partial


@dataclass(slots=True)
class Claim:
    """A stretch of blocks that one connection is fetching.

    Attributes:
        next: The block under way.
        end: The first block that is no longer its own; it may be moved nearer at any moment.
    """

    next: int
    end: int


class Claims:
    """Hands the missing blocks out, from the front, and never one to two connections.

    Missing blocks are stretches ``(first, end)``, in order.
    """

    def __init__(self, missing: list[tuple[int, int]]) -> None:
        self._gaps = missing
        self._active: list[Claim] = []

    def take(self, most: int | None, least: int) -> Claim | None:
        """Return the next stretch to fetch, or None when there is nothing left to hand out.

        When every missing block is already claimed, the longest claim is cut in two, so that one
        slow connection does not hold up the end.

        Args:
            most: Most blocks to hand out; None is without a bound.
            least: Fewest blocks that are worth a request of their own.
        """
        if not self._gaps:
            self._cut_longest(least)
        if not self._gaps:
            return None
        first, end = self._gaps.pop(0)
        if most is not None and end - first > most:
            self._gaps.insert(0, (first + most, end))
            end = first + most
        claim = Claim(first, end)
        self._active.append(claim)
        return claim

    def adopt(self, claim: Claim) -> None:
        self._active.append(claim)

    def release(self, claim: Claim) -> None:
        self._active.remove(claim)
        if claim.next < claim.end:
            self._insert(claim.next, claim.end)

    def narrow(self, most: int) -> None:
        """Cut every claim down to ``most`` blocks; the rest can be handed out again."""
        for claim in self._active:
            end = claim.next + most
            if claim.end > end:
                self._insert(end, claim.end)
                claim.end = end

    def _cut_longest(self, least: int) -> None:
        claim = max(self._active, key=lambda each: each.end - each.next, default=None)
        if claim is not None and claim.end - claim.next >= 2 * least:
            middle = claim.next + (claim.end - claim.next + 1) // 2
            self._insert(middle, claim.end)
            claim.end = middle

    def _insert(self, first: int, end: int) -> None:
        gaps = sorted([*self._gaps, (first, end)])
        merged: list[tuple[int, int]] = []
        for gap in gaps:
            if merged and merged[-1][1] == gap[0]:
                merged[-1] = (merged[-1][0], gap[1])
            else:
                merged.append(gap)
        self._gaps = merged


_LONGEST_CLAIM_BYTES = 256 * 2**20
"""With several connections: short enough that the digest, which needs the bytes in order, is never
far behind; long enough that opening a connection (a second at worst) does not count."""
_SHORTEST_CLAIM_BYTES = 2**20


@dataclass(slots=True)
class _Place:
    """One connection: its buffer, the bytes of the block under way, whether it shall stop."""

    buffer: bytearray
    dismissed: bool = False
    filled: int = 0


_BURST_S = 0.1


class TokenBucket:
    """Lets bytes through at a bounded rate, with bursts of a tenth of a second at most."""

    def __init__(self, bytes_per_s: int) -> None:
        self._rate = max(1, bytes_per_s)
        self._free_at = time.monotonic()
        self._lock = threading.Lock()

    @property
    def most_at_once(self) -> int:
        return max(1, int(self._rate * _BURST_S))

    def take(self, size_bytes: int) -> float:
        """Account for bytes that have arrived; return how long to pause before the next ones."""
        with self._lock:
            now = time.monotonic()
            self._free_at = max(self._free_at, now - _BURST_S) + size_bytes / self._rate
            return max(0.0, self._free_at - now)


class Crew:
    """Fetches what is missing of a partial file over one or more connections.

    Attributes:
        received_bytes: Bytes received, over all connections and attempts.
        changed: Set when a connection has ended.
    """

    def __init__(
        self,
        partial: Partial,
        open_body: Callable[[int, int], Body],
        patience: Patience,
        bucket: TokenBucket | None,
        hand_over: Callable[[int, bytearray], bytearray],
    ) -> None:
        self._partial = partial
        self._open_body = open_body
        self._patience = patience
        self._bucket = bucket
        self._hand_over = hand_over
        self._lock = threading.Lock()
        self._claims = Claims(_missing(partial))
        self._places: list[_Place] = []
        self._underway: dict[int, bytes] = {}
        self._trouble: Exception | None = None
        self._broke = False
        self.received_bytes = 0
        self.ranges_work = True
        self.changed = threading.Event()

    @property
    def size(self) -> int:
        return len(self._places)

    @property
    def done_bytes(self) -> int:
        """Bytes that are there, those of blocks that have begun to arrive included."""
        with self._lock:
            begun = sum(map(len, self._underway.values()))
            begun += sum(place.filled for place in self._places)
            return self._partial.done_bytes + begun

    def add(self) -> None:
        place = _Place(bytearray(self._partial.header.block_bytes))
        with self._lock:
            self._places.append(place)
            if len(self._places) > 1:
                self._claims.narrow(self._most_blocks())
        self.changed.clear()
        threading.Thread(target=self._work, args=(place,), daemon=True, name="connection").start()

    def dismiss(self) -> None:
        """Let the newest connection stop; what it has begun goes to the others."""
        with self._lock:
            for place in reversed(self._places):
                if not place.dismissed:
                    place.dismissed = True
                    return

    def begin_again(self) -> None:
        """Forget everything, for bytes that turned out wrong; no connection may be at work."""
        with self._lock:
            assert not self._places
            self._partial.reset()
            self._underway.clear()
            self._claims = Claims(_missing(self._partial))

    def take_broken(self) -> bool:
        """Return whether a connection broke since this was last asked."""
        with self._lock:
            broke, self._broke = self._broke, False
        return broke

    def trouble(self) -> Exception | None:
        """Return what ended the work: at once if there is no hope, else when all have ended."""
        with self._lock:
            passing = isinstance(self._trouble, PassingError | ChangedUpstreamError)
            if passing and self._places:
                return None
            trouble, self._trouble = self._trouble, None
        # What one connection could not do may have been done by another.
        return None if passing and self._partial.complete else trouble

    def _most_blocks(self) -> int:
        """Return the longest claim, in blocks; the lock is held."""
        left = self._partial.header.size_bytes - self._partial.done_bytes
        share = min(_LONGEST_CLAIM_BYTES, left // (2 * len(self._places)))
        return max(share, _SHORTEST_CLAIM_BYTES) // self._partial.header.block_bytes

    def _take(self) -> Claim | None:
        with self._lock:
            most = self._most_blocks() if len(self._places) > 1 else None
            least = _SHORTEST_CLAIM_BYTES // self._partial.header.block_bytes
            return self._claims.take(most, least)

    def _work(self, place: _Place) -> None:
        trouble: Exception | None = None
        try:
            while not place.dismissed and (claim := self._take()) is not None:
                self._fetch(claim, place)
        except (PassingError, LastingError, ChangedUpstreamError, OSError) as error:
            trouble = error
        finally:
            with self._lock:
                self._places.remove(place)
                if trouble is not None:
                    self._broke = True
                    if self._trouble is None or isinstance(self._trouble, PassingError):
                        self._trouble = trouble
            self.changed.set()

    def _fetch(self, claim: Claim, place: _Place) -> None:
        header = self._partial.header
        with self._lock:
            begun = self._underway.pop(claim.next, b"")
            place.filled = len(begun)
        place.buffer[: len(begun)] = begun
        try:
            start = claim.next * header.block_bytes + place.filled
            end = min(claim.end * header.block_bytes, header.size_bytes)
            body = self._open_body(start, end)
            try:
                if body.start != start:
                    self._begin_again(claim, place)
                elif not body.ranged:
                    self.ranges_work = False
                self._receive(body, claim, place)
            finally:
                body.close()
        finally:
            with self._lock:
                if place.filled and claim.next < claim.end:
                    self._underway[claim.next] = bytes(place.buffer[: place.filled])
                place.filled = 0
                self._claims.release(claim)

    def _begin_again(self, claim: Claim, place: _Place) -> None:
        """Start from the first byte, since the server ignores ranges; only one may be at work."""
        self.ranges_work = False
        with self._lock:
            if len(self._places) > 1:
                raise PassingError("the server, which ignores ranges")
            self._partial.reset()
            self._underway.clear()
            place.filled = 0
            self._claims = Claims([])
            claim.next, claim.end = 0, self._partial.header.block_count
            self._claims.adopt(claim)

    def _receive(self, body: Body, claim: Claim, place: _Place) -> None:
        watch = _Watch(self._patience)
        view = memoryview(place.buffer)
        while claim.next < claim.end and not place.dismissed:
            length = self._partial.header.length_of(claim.next)
            most = length - place.filled
            if self._bucket is not None:
                most = min(most, self._bucket.most_at_once)
            count = body.read_into(view[place.filled : place.filled + most])
            if count == 0:
                raise PassingError("the network")
            with self._lock:
                self.received_bytes += count
                place.filled += count
            if place.filled == length:
                self._partial.write(claim.next, view[:length])
                place.buffer = self._hand_over(claim.next, place.buffer)
                view = memoryview(place.buffer)
                with self._lock:
                    self._partial.count(claim.next)
                    place.filled = 0
                    claim.next += 1
            if self._bucket is not None:
                pause = self._bucket.take(count)
                watch.excuse(pause)
                time.sleep(pause)
            if watch.is_trickle(count):
                raise PassingError("the network, which is very slow")


class _Watch:
    """Notices a connection that gives bytes, but hardly any."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._since_s = time.monotonic()
        self._received = 0

    def excuse(self, pause_s: float) -> None:
        self._since_s += pause_s

    def is_trickle(self, received_bytes: int) -> bool:
        """Return whether the connection has been too slow for too long."""
        self._received += received_bytes
        span = time.monotonic() - self._since_s
        if span < self._patience.trickle_s:
            return False
        slow = self._received < self._patience.trickle_bytes_per_s * span
        self._since_s += span
        self._received = 0
        return slow


def _missing(partial: Partial) -> list[tuple[int, int]]:
    stretches: list[tuple[int, int]] = []
    first: int | None = None
    for block in range(partial.header.block_count):
        if partial.has(block):
            if first is not None:
                stretches.append((first, block))
            first = None
        elif first is None:
            first = block
    if first is not None:
        stretches.append((first, partial.header.block_count))
    return stretches
