"""A page with one reply, to look at what is shown of it."""

from collections.abc import Sequence

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.pilot import Pilot

from shammah_tui.ui.reply.reply_text import ReplyText


class ReplyPage(App[None]):
    """Shows replies one after the other, as the chat does."""

    CSS = "Screen { layout: vertical; }"

    def compose(self) -> ComposeResult:
        yield VerticalScroll()

    async def show(self, pilot: Pilot[None], pieces: Sequence[str]) -> list[str]:
        """Show a reply that comes in pieces; return its rows, without blanks at their ends."""
        pane = self.query_one(VerticalScroll)
        await pane.remove_children()
        text = ReplyText()
        await pane.mount(text)
        for piece in pieces:
            await text.append(piece)
        await text.finish()
        rows: list[str] | None = None
        while rows != self.lines():
            rows = self.lines()
            await pilot.pause()
        return self.lines()

    def lines(self) -> list[str]:
        """Return the rows that are shown, but for empty ones at the end."""
        rows = [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]
        while rows and not rows[-1]:
            rows.pop()
        return rows
