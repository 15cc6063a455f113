"""The terminal's own cursor, where input methods draw what is being composed."""

from __future__ import annotations

import logging
from time import time
from typing import TYPE_CHECKING

from textual.app import App
from textual.geometry import Offset
from textual.worker import WorkerFailed

from shammah_tui.ui.frame.plain_mode import PLAIN_NOTICE_S

if TYPE_CHECKING:
    from textual.events import DescendantFocus
    from textual.notifications import Notification, Notify, SeverityLevel


class CaretApp(App[None]):
    """An app whose cursor is at the caret of whoever has the focus, in each frame.

    Textual is told when a caret moves, and would leave the cursor behind when the composer grows
    or the window changes its size: the caret is asked for instead, when the frame is written.
    """

    _cursor_told = Offset(0, 0)

    @property
    def cursor_position(self) -> Offset:
        """Where the cursor is put with the next frame."""
        offset = getattr(self.focused, "cursor_screen_offset", None)
        return offset if isinstance(offset, Offset) else self._cursor_told

    @cursor_position.setter
    def cursor_position(self, offset: Offset) -> None:
        self._cursor_told = offset


log = logging.getLogger(__name__)


class SturdyApp(CaretApp):
    """An app in which a fault of its own costs as little as can be.

    Attributes:
        crash: What ended the app, for whoever ran it to tell.
    """

    crash: Exception | None = None

    def _handle_exception(self, error: Exception) -> None:
        """Go on where a worker failed; else end."""
        if isinstance(error, WorkerFailed):
            # Raised again by ``run_test``, in tests.
            self._exception = self._exception or error
            self.tell_fault(error.error)
        else:
            self.crash = self.crash or error
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End, and leave the telling to whoever runs the app.

        Textual would print the trace with all local variables, keys and passwords among them.
        """
        self._close_messages_no_wait()

    def tell_fault(self, error: BaseException) -> None:
        """Log a fault that ends nothing, and show a sentence on it."""
        log.error("Something failed beside the screen", exc_info=error)
        what = f"Something went wrong inside ({type(error).__name__}); the log file says more"
        self.notify(what, severity="error", timeout=15, markup=False)


SEEN_S = 2.0
"""Time after which a notice was seen by whoever goes on."""

MOST_NOTICES = 3
"""At once: more of them would cover what they speak of."""


class PlainApp(SturdyApp):
    """An app that may be in plain mode, which it is told before it starts."""

    _is_plain = False

    def _on_notify(self, event: Notify) -> None:
        """Have a notice take the place of what it makes old, before Textual shows it."""
        shown = list(self._notifications)
        old = [each for each in shown if _is_older(each, event.notification)]
        kept = [each for each in shown if each not in old]
        # Of those that stay, the first of the least weight goes where there are too many.
        kept.sort(key=lambda each: each.severity == "information")
        for each in (*old, *kept[MOST_NOTICES - 1 :]):
            self._unnotify(each, refresh=False)

    def go_on_from_notices(self) -> None:
        """Take away what was seen, for it would cover what comes; not in plain mode: it waits."""
        if not self._is_plain:
            for each in list(self._notifications):
                if time() - each.raised_at > SEEN_S:
                    self._unnotify(each, refresh=False)
            self._refresh_notifications()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Let no cursor blink in plain mode, whichever dialog it is in."""
        if self._is_plain and hasattr(event.widget, "cursor_blink"):
            event.widget.cursor_blink = False

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a notice; in plain mode long enough for a slow line or a screen reader."""
        if self._is_plain:
            timeout = max(PLAIN_NOTICE_S, timeout or 0.0)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)


def _is_older(old: Notification, new: Notification) -> bool:
    """Return whether ``new`` makes ``old`` old: it says the same, or what was done after that."""
    if (old.message, old.title) == (new.message, new.title):
        return True
    return old.title == new.title and old.severity == new.severity == "information"
