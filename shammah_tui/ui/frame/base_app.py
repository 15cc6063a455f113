"""What this program changes in Textual's App: cursor, faults, notices, suspending."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import time

from textual.events import DescendantFocus
from textual.geometry import Offset
from textual.message import Message
from textual.notifications import Notification, Notify, SeverityLevel
from textual.worker import WorkerFailed

from shammah_tui.core.errors import ShammahError
from shammah_tui.core.wording import notices
from shammah_tui.ui.frame.plain_mode import PLAIN_NOTICE_S
from shammah_tui.ui.frame.textual_privates import FaultApp, forget_notices, notices_of

log = logging.getLogger(__name__)

SEEN_S = 2.0
"""Time after which a notice was seen by a user who goes on."""

MOST_NOTICES = 3
"""At once: more would cover what they speak of."""


# Plain: a dataclass costs 1 ms before the first frame.
class Notice(Message):
    """A sentence from another thread that the user should read."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class BaseApp(FaultApp):
    """Textual's app with changes that do not depend on what it shows.

    Attributes:
        crash: What ended the app, for whoever ran it to tell.
        failure: Why the program could not begin, once it has ended for that.
    """

    crash: Exception | None = None
    failure: ShammahError | None = None
    _is_plain = False
    _cursor_told = Offset(0, 0)

    # The terminal's own cursor is where input methods draw what is being composed. Textual is told
    # when a caret moves, and would leave the cursor behind when the composer grows or the window
    # changes its size: the focused widget is asked for its caret when the frame is written.

    @property
    def cursor_position(self) -> Offset:
        offset = getattr(self.focused, "cursor_screen_offset", None)
        return offset if isinstance(offset, Offset) else self._cursor_told

    @cursor_position.setter
    def cursor_position(self, offset: Offset) -> None:
        self._cursor_told = offset

    def take_fault(self, error: Exception) -> None:
        """Go on where one piece of work failed; else end."""
        if isinstance(error, WorkerFailed):
            self.keep_fault(error)
            self.tell_fault(error.error)
        else:
            self.crash = self.crash or error
            super().take_fault(error)

    def tell_fault(self, error: BaseException) -> None:
        """Log a fault that ends nothing, and show a sentence on it."""
        log.error("Something failed beside the screen", exc_info=error)
        what = notices.inside(error)
        self.notify(what, severity="error", timeout=15, markup=False)

    @contextmanager
    def suspend(self) -> Iterator[None]:
        """Lend the terminal and take it back, also after an error, as Textual does not."""
        failure: BaseException | None = None
        with super().suspend():
            try:
                yield
            except BaseException as error:  # noqa: BLE001 - raised below, with the terminal back
                failure = error
        if failure is not None:
            raise failure

    def on_notice(self, message: Notice) -> None:
        self.notify(message.sentence, severity="warning", timeout=15, markup=False)

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

    def on_notify(self, event: Notify) -> None:
        """Remove the notices that a new one replaces, before Textual shows it."""
        shown = notices_of(self)
        replaced = [each for each in shown if _is_replaced(each, event.notification)]
        kept = [each for each in shown if each not in replaced]
        # Where too many stay, the first of the least weight goes.
        kept.sort(key=lambda each: each.severity == "information")
        forget_notices(self, (*replaced, *kept[MOST_NOTICES - 1 :]))

    def remove_seen_notices(self) -> None:
        """Remove notices that were seen and would cover what comes; not in plain mode."""
        if not self._is_plain:
            seen = [each for each in notices_of(self) if time() - each.raised_at > SEEN_S]
            forget_notices(self, seen, refresh=True)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        if self._is_plain and hasattr(event.widget, "cursor_blink"):
            event.widget.cursor_blink = False


def _is_replaced(old: Notification, new: Notification) -> bool:
    """Return whether ``new`` says the same as ``old``, or what was done after that."""
    if (old.message, old.title) == (new.message, new.title):
        return True
    return old.title == new.title and old.severity == new.severity == "information"
