"""How something goes on: one line that is redrawn on a terminal, a plain line now and then else."""

import math
import os
import time
from collections.abc import Callable
from typing import TextIO

from shammah_tui.core.wording.status import Part, fit

EVERY_S = 3.0
"""Least time between two lines where they are not redrawn."""
_BLOCKS = ("█", "░")
_ASCII = ("#", "-")
_MOST_BAR_CELLS = 30
_LEAST_BAR_CELLS = 8
_LINE_CELLS = 160
"""Width of a plain line, enough for everything that can be said."""
_CLEAR_LINE = "\r\x1b[2K"
_CLEAR_REST = "\x1b[K"


class ProgressLine:
    """Shows the newest of many figures; ``clock`` tells seconds that never go back."""

    def __init__(
        self, output: TextIO, *, redraws: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._output = output
        self._redraws = redraws
        self._clock = clock
        self._cells = _BLOCKS if _can_write(output, "".join(_BLOCKS)) else _ASCII
        self._shown_at_s = -math.inf
        self._is_drawn = False

    def show(self, parts: tuple[Part, ...], fraction: float | None) -> None:
        """Show ``parts``, and a bar where it is known how full it is (from 0 to 1)."""
        if self._redraws:
            width = _columns(self._output) - 1
            bar = self._bar(fraction, width)
            line = bar + fit(parts, width - len(bar))
            self._output.write(f"\r{line}{_CLEAR_REST}")
            self._is_drawn = True
        else:
            now = self._clock()
            if now - self._shown_at_s < EVERY_S:
                return
            self._shown_at_s = now
            self._output.write(f"{fit(parts, _LINE_CELLS)}\n")
        self._output.flush()

    def clear(self) -> None:
        if self._is_drawn:
            self._output.write(_CLEAR_LINE)
            self._output.flush()
            self._is_drawn = False

    def _bar(self, fraction: float | None, width: int) -> str:
        cells = min(_MOST_BAR_CELLS, width // 4)
        if fraction is None or cells < _LEAST_BAR_CELLS:
            return ""
        full, empty = self._cells
        # Rounded down: a full bar means that nothing is missing.
        filled = max(0, min(cells, math.floor(fraction * cells)))
        return full * filled + empty * (cells - filled) + "  "


def _columns(output: TextIO) -> int:
    try:
        # Zero is what a terminal says that does not know.
        return os.get_terminal_size(output.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def _can_write(output: TextIO, text: str) -> bool:
    try:
        text.encode(output.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
