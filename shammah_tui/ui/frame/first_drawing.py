"""When the screen that Textual draws is as the first picture shows it."""

from collections.abc import Callable
from typing import Any

from textual.screen import Screen
from textual.widget import Widget


def call_when_drawn(
    screen: Screen[Any], pane: Widget, content: Widget, callback: Callable[[], None]
) -> None:
    """Call back as soon as ``content`` has been drawn in its place in ``pane``.

    A layout is drawn at once. Its changes are up to 8 ms later, for so often Textual draws, and
    nothing that can be seen changes then. Where there is no room for ``content``, it is then.
    """
    called: list[bool] = []

    def call() -> None:
        if not called:
            called.append(True)
            screen.screen_layout_refresh_signal.unsubscribe(content)
            # Not here: what goes wrong in a signal's subscriber goes no further.
            screen.call_next(callback)

    def laid_out(_: Screen[Any]) -> None:
        if pane.region.overlaps(content.region):
            call()

    screen.screen_layout_refresh_signal.subscribe(content, laid_out, immediate=True)
    screen.call_after_refresh(call)
    laid_out(screen)
