"""An app in plain mode: no cursor blinks, and notices stay; in any mode they do not pile up."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from shammah_tui.ui.plain_mode import PLAIN_NOTICE_S
from shammah_tui.ui.sturdy_app import SturdyApp

if TYPE_CHECKING:
    from textual.events import DescendantFocus
    from textual.notifications import Notification, Notify, SeverityLevel


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
