"""An app in plain mode: no cursor blinks, and notices stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shammah_tui.ui.plain_mode import PLAIN_NOTICE_S
from shammah_tui.ui.sturdy_app import SturdyApp

if TYPE_CHECKING:
    from textual.events import DescendantFocus
    from textual.notifications import SeverityLevel


class PlainApp(SturdyApp):
    """An app that may be in plain mode, which it is told before it starts."""

    _is_plain = False

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
