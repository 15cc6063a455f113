"""All that is used of Textual without being public there, but for its Markdown.

Nothing else of ours uses any of it, nor what ``ui/reply/textual_markdown.py`` has of its Markdown:
an upgrade of Textual that takes one of these names fails in this file's test, which has a case for
each.
"""

from collections.abc import Iterable
from typing import Any

from textual._styles_cache import StylesCache
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.binding import BindingsMap
from textual.dom import DOMNode
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region
from textual.notifications import Notification
from textual.screen import Screen
from textual.widget import Widget

__all__ = (
    "FaultApp",
    "WriterDriver",
    "XTermParser",
    "bindings_from_focus",
    "driver_of",
    "forget_notices",
    "forget_styles",
    "notices_of",
    "region_drawn",
)


class FaultApp(App[None]):
    """Textual's app with its faults in the hands of a subclass, which overrides ``take_fault``."""

    def take_fault(self, error: Exception) -> None:
        """Take what a handler or a worker raised; by default it ends the app."""
        super()._handle_exception(error)

    def keep_fault(self, error: Exception) -> None:
        """Have ``run_test`` raise a fault that ends nothing."""
        self._exception = self._exception or error

    def _handle_exception(self, error: Exception) -> None:
        self.take_fault(error)

    def _fatal_error(self) -> None:
        # Textual would print the trace with all local variables, keys and passwords among them:
        # whoever runs the app tells of the fault.
        self._close_messages_no_wait()


class WriterDriver(LinuxDriver):
    """Textual's driver with another writer than its own, which has the loop wait for it."""

    def make_writer(self) -> Any:
        """Return what has ``write(str)`` and ``stop()``; called when the app takes the terminal."""
        raise NotImplementedError

    writer: Any = None
    """What ``make_writer`` returned; None before."""

    @property
    def _writer_thread(self) -> Any:
        return self.writer

    @_writer_thread.setter
    def _writer_thread(self, theirs: object) -> None:
        if theirs is not None:
            self.writer = self.make_writer()


def driver_of(app: App[Any]) -> Driver | None:
    """Return what reads and writes the terminal for an app that runs."""
    return app._driver


def notices_of(app: App[Any]) -> list[Notification]:
    """Return the notices that are shown."""
    return list(app._notifications)


def forget_notices(
    app: App[Any], notices: Iterable[Notification], *, refresh: bool = False
) -> None:
    """Take notices away; without ``refresh`` they are gone with the next one that is shown."""
    for each in notices:
        app._unnotify(each, refresh=False)
    if refresh:
        app._refresh_notifications()


def forget_styles() -> None:
    """Forget the colours of the last 1,024 widgets, and by that their lines."""
    StylesCache.get_inner_outer.cache_clear()


def bindings_from_focus(screen: Screen[Any]) -> list[tuple[DOMNode, BindingsMap]]:
    """Return who may take a key, with their keys, from what has the focus up."""
    return screen._modal_binding_chain


def region_drawn(widget: Widget) -> Region | None:
    """Return where a widget was last drawn, also while the screen is laid out anew.

    Asked in the usual way, the compositor would begin another layout.
    """
    geometry = widget.screen._compositor._full_map.get(widget)
    return None if geometry is None else geometry.region
