"""One file of a transfer, brought into its place, and what the app is told of it and the others."""

import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from shammah_tui.children.fetch.blob_lock import BlobLock, HeartbeatLock
from shammah_tui.children.fetch.body import Body, open_body
from shammah_tui.children.fetch.cache_folder import CacheFolder
from shammah_tui.children.fetch.crew import Crew, TokenBucket
from shammah_tui.children.fetch.faults import (
    ChangedUpstreamError,
    LastingError,
    PassingError,
    Patience,
    Retries,
)
from shammah_tui.children.fetch.file_digest import FileDigest
from shammah_tui.children.fetch.hub import Hub, RemoteFile
from shammah_tui.children.fetch.partial import Flusher, Partial
from shammah_tui.children.fetch.widening import Widening
from shammah_tui.core.protocol.fetch_messages import (
    Checked,
    FetchEvent,
    FetchProblem,
    Progressed,
    Waiting,
)
from shammah_tui.core.protocol.wire import encode

_MOST_WRONG_DIGESTS = 2
_COUNTDOWN_S = 1.0
_SIGN_IN = "you to sign in to this network, in a browser"
"""In another network than the one it began in; it goes on as soon as it is let in."""


class RateWindow:
    """Rate over a sliding window of ``window_s`` that begins with the attempt, never before it."""

    # A rate over less than this is noise: the first bytes come in a burst.
    _SHORTEST_S = 1.0

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._samples: deque[tuple[float, int]] = deque()

    def add(self, now_s: float, received_bytes: int) -> None:
        self._samples.append((now_s, received_bytes))
        while len(self._samples) > 2 and self._samples[1][0] <= now_s - self._window_s:
            self._samples.popleft()

    def clear(self) -> None:
        self._samples.clear()

    @property
    def bytes_per_s(self) -> float | None:
        """The rate, or None while it is unknown or nothing has arrived."""
        if not self._samples:
            return None
        (first_s, first), (last_s, last) = self._samples[0], self._samples[-1]
        if last_s - first_s < min(self._SHORTEST_S, self._window_s) or last <= first:
            return None
        return (last - first) / (last_s - first_s)


class Reporter:
    """Keeps the figures over all parts, and tells the app: one event a line.

    Args:
        descriptor: Where to; nothing else writes there.
        patience: Over which time the rate is measured, and how seldom an event may come again.
    """

    def __init__(self, descriptor: int, patience: Patience) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._rate = RateWindow(patience.rate_window_s)
        self._tick_s = patience.tick_s
        self._done: list[int] = [0]
        self._sizes: list[int] = [0]
        self._part = 0
        self._checked_at_s = 0.0

    @property
    def done_bytes(self) -> int:
        return sum(self._done)

    @property
    def total_bytes(self) -> int:
        """Bytes of all parts; 0 while unknown."""
        return sum(self._sizes)

    def begin(self, done: Sequence[int], sizes: Sequence[int]) -> None:
        """Set what is there of each part, and the parts' sizes (0 for unknown)."""
        self._done, self._sizes, self._part = list(done), list(sizes), 0

    def set_done(self, part: int, done_bytes: int) -> None:
        """Set what is there of one part, counted from 0."""
        self._done[part] = done_bytes

    def begin_attempt(self) -> None:
        self._rate.clear()

    def progressed(self, part: int, done_bytes: int, received_bytes: int) -> None:
        """Report on a part under way, counted from 0."""
        self._done[part] = done_bytes
        self._part = part
        self._rate.add(time.monotonic(), received_bytes)
        self.emit(self._progress(self._rate.bytes_per_s))

    def checked(self, part: int, checked_bytes: int, kept_bytes: int) -> None:
        """Report on reading a part again, unless the last report is too fresh."""
        now = time.monotonic()
        if now - self._checked_at_s < self._tick_s and checked_bytes < kept_bytes:
            return
        self._checked_at_s = now
        others = self.done_bytes - self._done[part]
        self.emit(Checked(others + checked_bytes, others + kept_bytes))

    def waiting(self, waits_for: str, retry_in_s: float) -> None:
        self.emit(Waiting(waits_for, retry_in_s, self._progress()))

    def emit(self, event: FetchEvent) -> None:
        """Write one event.

        Raises:
            BrokenPipeError: The app is gone.
        """
        line = memoryview(encode(event).encode() + b"\n")
        with self._lock:
            while line:
                line = line[os.write(self._descriptor, line) :]

    def _progress(self, rate_bytes_per_s: float | None = None) -> Progressed:
        parts = len(self._sizes)
        return Progressed(
            self.done_bytes, self.total_bytes, rate_bytes_per_s, self._part + 1, parts
        )


@dataclass(eq=False)
class Pauses:
    """Waits between tries, cut short by the user, and tells once a second what is waited for."""

    _retries: Retries
    _reporter: Reporter
    _retry_now: threading.Event

    def after(self, fault: PassingError) -> None:
        """Wait as long as is right after ``fault``.

        Raises:
            LastingError: There is no hope any more.
        """
        self.wait(fault.waits_for, self._retries.pause_after(fault))

    def wait(self, waits_for: str, seconds: float) -> None:
        until = time.monotonic() + seconds
        self._reporter.begin_attempt()
        self._retry_now.clear()
        while (left := until - time.monotonic()) > 0:
            self._reporter.waiting(waits_for, left)
            if self._retry_now.wait(min(left, _COUNTDOWN_S)):
                return


@dataclass(eq=False)
class PartTransfer:
    """Downloads one file into the cache, over as many connections as help."""

    _hub: Hub
    _patience: Patience
    _retries: Retries
    _reporter: Reporter
    _pauses: Pauses
    _bucket: TokenBucket | None
    _received_before: int = field(default=0, init=False)

    def run(self, folder: CacheFolder, number: int, file: RemoteFile, *, signed_now: bool) -> Path:
        """Fetch ``file``, part ``number`` (from 0), and return its path in the cache.

        Raises:
            LastingError: It cannot be had.
            ChangedUpstreamError: It is no longer the same.
            OSError: The disk is full, or fails.
        """
        self._folder, self._number, self._file = folder, number, file
        self._fresh = signed_now
        patience = self._patience
        fallback = HeartbeatLock(folder.heartbeat(file.etag), patience.beat_s, patience.stale_s)
        with BlobLock(folder.lock(file.etag), fallback, self._wait_for_other_program):
            path = self._place_at_once() or self._fetch()
        self._reporter.set_done(number, file.size_bytes)
        return path

    def _wait_for_other_program(self, by_heartbeat: bool) -> None:
        self._fresh = False
        lock = f" ({self._folder.heartbeat(self._file.etag)})" if by_heartbeat else ""
        reason = f"another program that is downloading this file{lock}"
        self._pauses.wait(reason, self._patience.lock_poll_s)

    def _place_at_once(self) -> Path | None:
        file = self._file
        if self._folder.has(file.commit, file.name, file.size_bytes):
            return self._folder.pointer(file.commit, file.name)
        blob = self._folder.blob(file.etag)
        try:
            if blob.stat().st_size != file.size_bytes:
                return None
        except FileNotFoundError:
            return None
        self._folder.drop_partial(file.etag)
        return self._folder.link(file.etag, file.commit, file.name)

    def _fetch(self) -> Path:
        file = self._file
        partial = Partial(self._folder.blobs, file.name, file.etag, file.size_bytes)
        partial.check(lambda checked, kept: self._reporter.checked(self._number, checked, kept))
        self._reporter.set_done(self._number, partial.done_bytes)
        digest = FileDigest(partial, file.etag)
        crew = Crew(partial, self._open, self._patience, self._bucket, digest.hand_over)
        flusher = Flusher(partial)
        try:
            self._receive_and_verify(partial, digest, crew)
        finally:
            digest.stop()
            flusher.stop()
        self._publish(partial)
        self._received_before += crew.received_bytes
        partial.close()
        return self._folder.link(file.etag, file.commit, file.name)

    def _publish(self, partial: Partial) -> None:
        blob = self._folder.blob(self._file.etag)
        try:
            partial.publish(blob)
        except FileNotFoundError:
            if not blob.is_file():
                raise LastingError(
                    FetchProblem.INTERNAL,
                    f"Another program deleted {self._file.name} during the download: try again.",
                    retryable=True,
                ) from None
            # Another program was quicker with the same bytes.

    def _receive_and_verify(self, partial: Partial, digest: FileDigest, crew: Crew) -> None:
        wrong_digests = 0
        while True:
            try:
                if not partial.complete:
                    if not self._fresh:
                        self._sign_again()
                    self._receive(partial, crew)
                if digest.matches(self._report_digest, self._patience.tick_s):
                    return
                wrong_digests += 1
                self._throw_away(crew, wrong_digests)
            except PassingError as error:
                self._fresh = False
                self._reporter.set_done(self._number, crew.done_bytes)
                self._pauses.after(error)

    def _throw_away(self, crew: Crew, wrong_digests: int) -> NoReturn:
        """Begin again at zero: which of the bytes are wrong cannot be known."""
        crew.begin_again()
        self._reporter.set_done(self._number, 0)
        if wrong_digests < _MOST_WRONG_DIGESTS:
            raise PassingError("a sound copy, since the bytes were wrong")
        raise LastingError(
            FetchProblem.CORRUPT,
            f"{self._file.name} was downloaded with wrong bytes {wrong_digests} times and "
            "deleted: something on the way changes it, try another network.",
            retryable=True,
        )

    def _report_digest(self, hashed_bytes: int) -> None:
        self._reporter.checked(self._number, hashed_bytes, self._file.size_bytes)

    def _sign_again(self) -> None:
        """Ask for a fresh address, and whether it is still the same file."""
        old = self._file
        try:
            new = self._hub.resolve(old.name, old.commit, self._retries.connect_s())
        except LastingError as refusal:
            if refusal.problem is FetchProblem.NOT_FOUND:
                raise ChangedUpstreamError from refusal
            if refusal.problem is FetchProblem.CAPTIVE_PORTAL:
                raise PassingError(_SIGN_IN) from refusal
            raise
        if (new.etag, new.size_bytes) != (old.etag, old.size_bytes):
            raise ChangedUpstreamError
        self._file = replace(old, location=new.location)

    def _open(self, start: int, end: int) -> Body:
        connect_s = self._retries.connect_s()
        try:
            return open_body(self._hub, self._file, start, end, connect_s, self._patience.silence_s)
        except LastingError as refusal:
            on_the_way = not self._retries.before_first_byte
            if on_the_way and refusal.problem is FetchProblem.CAPTIVE_PORTAL:
                raise PassingError(_SIGN_IN) from refusal
            raise

    def _receive(self, partial: Partial, crew: Crew) -> None:
        """Receive what is missing, with as many connections as help; raises what broke the last."""
        widening = Widening(self._patience.settle_s, self._patience.widen_again_s)
        crew.add()
        next_tick_s = time.monotonic()
        while True:
            now = time.monotonic()
            self._retries.note_received(self._received_before + crew.received_bytes)
            if now >= next_tick_s:
                self._report(crew)
                next_tick_s = max(next_tick_s + self._patience.tick_s, now)
                if self._bucket is None and crew.ranges_work:
                    self._widen(widening, crew, partial)
            trouble = crew.trouble()
            if trouble is not None:
                raise trouble
            if crew.size == 0:
                if partial.complete:
                    break
                # The last one left for lack of work while another gave its own back.
                crew.add()
            crew.changed.wait(max(0.0, next_tick_s - time.monotonic()))
            crew.changed.clear()
        self._report(crew)

    def _report(self, crew: Crew) -> None:
        received = self._received_before + crew.received_bytes
        self._reporter.progressed(self._number, crew.done_bytes, received)

    def _widen(self, widening: Widening, crew: Crew, partial: Partial) -> None:
        now = time.monotonic()
        if crew.take_broken():
            widening.lost_one(now)
        left = partial.header.size_bytes - partial.done_bytes
        change = widening.decide(now, crew.received_bytes, left, crew.size)
        for _ in range(change):
            crew.add()
        for _ in range(-change):
            crew.dismiss()
