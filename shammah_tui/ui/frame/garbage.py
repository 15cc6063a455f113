"""When Python collects garbage, and how much it looks through.

Python looks through everything that lives as soon as a quarter of it is new. With the SDKs that
took 80 to 105 ms, in the middle of a reply or between two keys; without what lives to the end
anyway it takes 10 to 20.
"""

from __future__ import annotations

import gc

from textual.message_pump import MessagePump
from textual.timer import Timer

from shammah_tui.ui.frame.textual_privates import forget_styles

YOUNG, MIDDLE = 2_000, 10
"""New objects after which the new ones are looked through: 0.2 ms, and every tenth time 2 ms."""
OLD_WHILE_STARTING, OLD = 1_000, 6
"""After so many times the latter, everything is."""
QUIET_S = 1.0
"""How long after the last page that was turned what is left of others is looked for."""


def resume_collection() -> None:
    """Switch collection on; what lives now lives to the end and is not looked at again."""
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD_WHILE_STARTING)
    gc.enable()


def skip_living() -> None:
    """Leave what was imported since out of later collections, too."""
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)


class DelayedCollection:
    """Collects what removed widgets leave behind, once nothing has been removed for a while."""

    def __init__(self, pump: MessagePump) -> None:
        self._pump = pump
        self._quiet: Timer | None = None

    def schedule(self) -> None:
        """Drop the cached styles of widgets just removed now, and collect the rest soon.

        What Textual remembers of their lines is 25 MB. The rest, 1,400 objects a message, lies in
        circles that only collection finds. It waits until ``QUIET_S`` after the last ones went: it
        takes 60 ms, which would hold up a page if it came by itself.
        """
        forget_styles()
        if self._quiet is None:
            self._quiet = self._pump.set_timer(QUIET_S, self._collect)
        else:
            self._quiet.reset()

    def _collect(self) -> None:
        self._quiet = None
        gc.collect()
