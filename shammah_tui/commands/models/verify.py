"""``shammah models verify``: are the bytes on this disk those that they should be?"""

import hashlib
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from shammah_tui.adapters.hub.hub_listing import CachedPart
from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.models.inventory import Holding, Inventory, complain_missing
from shammah_tui.commands.models.progress_line import ProgressLine
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import (
    format_duration,
    format_percent,
    format_rate,
    format_size,
    format_sizes,
)
from shammah_tui.core.wording import commands as words
from shammah_tui.core.wording.status import Part

_TICK_S = 0.125
_READ_BYTES = 1 << 20
_SHA256_DIGITS = 64


class Verdict(StrEnum):
    """What was found of one model; the wording of its line."""

    SOUND = "ok"
    DAMAGED = "damaged"
    UNKNOWN = "unknown"
    PARTIAL = "partial"


def verify(inventory: Inventory, console: Console, what: str | None) -> ExitStatus:
    """Check the model that ``what`` names, or all that are in the cache.

    Raises:
        InvalidModelError: It names none.
        MissingFileError: It is a path without a file.
    """
    if what is None:
        holdings = [each for each in inventory.holdings if each.cached is not None]
    else:
        holding = inventory.find(what)
        if holding.model.local_path is not None:
            console.complain(words.own_file_unknown(holding.model.local_path))
            return ExitStatus.FAILED
        if holding.cached is None or not holding.cached.is_whole:
            complain_missing(console, holding)
            return ExitStatus.NOT_HERE
        holdings = [holding]
    if not holdings:
        console.complain(words.NONE_TO_CHECK)
        return ExitStatus.DONE
    return _Check(console, holdings).run()


class _Check:
    def __init__(self, console: Console, holdings: list[Holding]) -> None:
        self._console = console
        self._holdings = holdings
        self._progress = ProgressLine(console.output, redraws=console.redraws)
        self._total_bytes = sum(
            part.kept_bytes
            for each in holdings
            if each.cached is not None and each.cached.is_whole
            for part in each.cached.parts
        )
        self._read_bytes = 0
        self._began_s = self._shown_at_s = time.monotonic()

    def run(self) -> ExitStatus:
        damaged = []
        try:
            for holding in self._holdings:
                verdict, detail = self._judge(holding)
                self._progress.clear()
                line = f"{verdict:<8} {plain(holding.what)}  {detail}"
                self._console.tell(line)
                if verdict is Verdict.DAMAGED:
                    damaged.append(holding)
        finally:
            self._progress.clear()
        for holding in damaged:
            base = holding.what.partition("@")[0]
            self._console.complain(words.damaged(holding.model.label, holding.what, base))
        return ExitStatus.FAILED if damaged else ExitStatus.DONE

    def _judge(self, holding: Holding) -> tuple[Verdict, str]:
        """Return what is the matter with a model, and what more to say about it."""
        assert holding.cached is not None
        if not holding.cached.is_whole:
            return Verdict.PARTIAL, holding.amount()
        sizes = {file.name: file.size_bytes for file in holding.model.files}
        digests = {file.name: file.sha256 for file in holding.model.files}
        unknown = False
        for part in holding.cached.parts:
            name, expected = plain(part.name), sizes.get(part.name)
            if expected not in (None, part.size_bytes):
                assert expected is not None
                return Verdict.DAMAGED, words.wrong_size(name, part.kept_bytes, expected)
            digest = digests.get(part.name) or part.etag
            if digest is None:
                unknown = True
                continue
            try:
                found = self._digest(part, digest, holding.model.label)
            except OSError as error:
                return Verdict.DAMAGED, words.unreadable_part(name, error.strerror or str(error))
            if found != digest:
                return Verdict.DAMAGED, words.wrong_digest(name)
        if unknown:
            # A cache without links: the blob's name, which is its digest, is gone.
            return Verdict.UNKNOWN, words.UNKNOWN_DIGEST
        return Verdict.SOUND, format_size(holding.kept_bytes)

    def _digest(self, part: CachedPart, expected: str, label: str) -> str:
        assert part.path is not None
        before = self._read_bytes
        show: Callable[[int], None] = lambda read: self._show(label, before + read)  # noqa: E731
        found = _digest_of(part.path, part.kept_bytes, expected, show)
        self._read_bytes = before + part.kept_bytes
        return found

    def _show(self, label: str, read_bytes: int) -> None:
        now = time.monotonic()
        if now - self._shown_at_s < _TICK_S:
            return
        self._shown_at_s = now
        fraction = min(1.0, read_bytes / self._total_bytes)
        rate = read_bytes / (now - self._began_s)
        left = format_duration((self._total_bytes - read_bytes) / rate)
        parts = (
            Part(f"Checking {plain(label)}", shrink_to=20),
            Part(format_percent(fraction), 1, "  "),
            Part(format_sizes(read_bytes, self._total_bytes), 3, "  "),
            Part(format_rate(rate), 4, "  "),
            Part(f"{left} left", 2, "  "),
        )
        self._progress.show(parts, fraction)


def _digest_of(path: Path, size_bytes: int, like: str, on_read: Callable[[int], None]) -> str:
    """Return a file's digest in hexadecimal; ``on_read`` hears of every megabyte.

    ``like`` is the one that is expected: 64 digits are a SHA-256, 40 the SHA-1 that Git gives to
    the small files that the Hub keeps in Git itself.

    Raises:
        OSError: The file cannot be read.
    """
    digest = hashlib.sha256()
    if len(like) != _SHA256_DIGITS:
        digest = hashlib.sha1(b"blob %d\0" % size_bytes, usedforsecurity=False)
    buffer = memoryview(bytearray(_READ_BYTES))
    read = 0
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            digest.update(buffer[:count])
            read += count
            on_read(read)
    return digest.hexdigest()
