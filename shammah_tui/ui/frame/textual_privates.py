"""All that is used of Textual without being public there, and nothing else of ours uses any of it.

An upgrade of Textual that takes one of these names fails in this file's test, which has a case for
each.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from textual._styles_cache import StylesCache
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markdown_it.token import Token
    from textual.binding import BindingsMap
    from textual.dom import DOMNode
    from textual.driver import Driver
    from textual.geometry import Region
    from textual.notifications import Notification
    from textual.screen import Screen
    from textual.widget import Widget
    from textual.widgets._markdown import (
        Markdown,
        MarkdownBlock,
        MarkdownBlockQuote,
        MarkdownBullet,
        MarkdownBulletList,
        MarkdownList,
        MarkdownListItem,
        MarkdownOrderedList,
        MarkdownOrderedListItem,
        MarkdownParagraph,
    )

__all__ = (
    "FaultApp",
    "MarkdownBlockQuote",
    "MarkdownBullet",
    "MarkdownBulletList",
    "MarkdownList",
    "MarkdownListItem",
    "MarkdownOrderedList",
    "MarkdownOrderedListItem",
    "MarkdownParagraph",
    "WriterDriver",
    "XTermParser",
    "bindings_from_focus",
    "blocks_from",
    "driver_of",
    "forget_notices",
    "forget_styles",
    "made_from",
    "notices_of",
    "region_drawn",
    "set_source",
)


def __getattr__(name: str) -> Any:
    # Deferred: Markdown costs 50 ms, and only whoever shows a reply needs its blocks.
    if name in __all__ and name.startswith("Markdown"):
        return getattr(import_module("textual.widgets._markdown"), name)
    raise AttributeError(name)


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


def driver_of(app: App[Any]) -> "Driver | None":
    """Return what reads and writes the terminal for an app that runs."""
    return app._driver


def notices_of(app: App[Any]) -> "list[Notification]":
    """Return the notices that are shown."""
    return list(app._notifications)


def forget_notices(
    app: App[Any], notices: "Iterable[Notification]", *, refresh: bool = False
) -> None:
    """Take notices away; without ``refresh`` they are gone with the next one that is shown."""
    for each in notices:
        app._unnotify(each, refresh=False)
    if refresh:
        app._refresh_notifications()


def forget_styles() -> None:
    """Forget the colours of the last 1,024 widgets, and by that their lines."""
    StylesCache.get_inner_outer.cache_clear()


def bindings_from_focus(screen: "Screen[Any]") -> "list[tuple[DOMNode, BindingsMap]]":
    """Return who may take a key, with their keys, from what has the focus up."""
    return screen._modal_binding_chain


def region_drawn(widget: "Widget") -> "Region | None":
    """Return where a widget was last drawn, also while the screen is laid out anew.

    Asked in the usual way, the compositor would begin another layout.
    """
    geometry = widget.screen._compositor._full_map.get(widget)
    return None if geometry is None else geometry.region


def set_source(markdown: "Markdown", text: str) -> None:
    """Give a Markdown widget its text without having it parsed."""
    markdown._markdown = text


def blocks_from(markdown: "Markdown", tokens: "Sequence[Token]") -> "list[MarkdownBlock]":
    """Return the blocks that tokens of a Markdown widget's parser make."""
    return list(markdown._parse_markdown(tokens))


def made_from(block: "MarkdownBlock") -> "tuple[Markdown, Token]":
    """Return the widget that a block is for, and the token that it was made from."""
    return block._markdown, block._token
