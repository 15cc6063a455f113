"""A reply: the router's label, the text as Markdown while it streams, and what went wrong."""

import asyncio
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from shammah_tui.core.plain_text import plain_lines
from shammah_tui.ui.widgets.router_label import RouterLabel

if TYPE_CHECKING:
    from textual.widgets import Markdown

WRITE_INTERVAL_S = 1 / 15
"""Time between two writes: each costs a parse of the last block, whatever its size."""


class ReplyView(Vertical):
    """One reply from its first label to its last word."""

    DEFAULT_CSS = """
    ReplyView {
        height: auto;
        margin: 1 1 0 1;
        padding: 0 1;
        Markdown { height: auto; padding: 0; margin: 0; background: transparent; }
        Markdown > :last-child { margin-bottom: 0; }
        .help-line { height: auto; color: $warning; margin: 1 0 0 0; }
        .waiting { color: $text-muted; }
        .end { height: auto; color: $warning; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._label = RouterLabel()
        self._waiting = Static("…", classes="waiting", markup=False)
        self._markdown: Markdown | None = None
        self._pending: list[str] = []
        self._writer: Timer | None = None
        self._writing = asyncio.Lock()

    def compose(self) -> ComposeResult:
        """The label, and a sign that something is to come."""
        yield self._label
        yield self._waiting

    def show_label(self, label: str) -> None:
        """Say who replies and why; may change while the reply comes."""
        self._label.label = label

    async def show_help_line(self, help_line: str | None) -> None:
        """Show where to find help, once."""
        if help_line and not self.query(".help-line"):
            line = Static(Content(help_line), classes="help-line", markup=False)
            await self.mount(line, after=self._label)

    def append(self, text: str) -> None:
        """Add the next piece; it is on the screen within ``WRITE_INTERVAL_S``."""
        self._pending.append(plain_lines(text))
        if self._writer is None:
            self._writer = self.set_interval(WRITE_INTERVAL_S, self._write)
            self.call_later(self._write)

    async def finish(self, note: str = "") -> None:
        """Write what is left and, under it, ``note`` when the reply did not end by itself."""
        if self._writer is not None:
            self._writer.stop()
        await self._write()
        await self._waiting.remove()
        if note:
            await self.mount(Static(Content(note), classes="end", markup=False))

    async def _write(self) -> None:
        # The end comes on the worker's task while a timer's write may wait for its mount: the
        # later piece would overtake the earlier one.
        async with self._writing:
            text = "".join(self._pending)
            self._pending.clear()
            if not text:
                return
            if self._markdown is None:
                # Deferred: the Markdown widget costs 50 ms to import.
                from textual.widgets import Markdown

                self._markdown = Markdown(open_links=False)
                await self.mount(self._markdown, before=self._waiting)
                self._waiting.display = False
            await self._markdown.append(text)
