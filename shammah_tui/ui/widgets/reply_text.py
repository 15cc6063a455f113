"""The text of a reply while it comes: Markdown, and below it a code block that is still open."""

from typing import TYPE_CHECKING

from textual import work
from textual.containers import Vertical

from shammah_tui.core.fence_stream import Code, FenceStream, Prose
from shammah_tui.core.links import address_to_open
from shammah_tui.core.plain_text import plain
from shammah_tui.ui.browser import BrowserError, open_in_browser
from shammah_tui.ui.messages import Notice
from shammah_tui.ui.widgets.open_fence import OpenFence

if TYPE_CHECKING:
    from textual.widgets import Markdown

    from shammah_tui.ui.widgets.reply_markdown import ReplyMarkdown


class ReplyText(Vertical):
    """Text that is written piece by piece, and costs the same for each piece.

    A code block is plain lines until it closes: parsed and highlighted anew for each piece, it
    would cost the square of its length.
    """

    DEFAULT_CSS = """
    ReplyText {
        height: auto;
        Markdown { height: auto; padding: 0; margin: 0; background: transparent; }
        OpenFence { margin: 0 0 1 0; }
        OpenFence:first-child { margin: 1 0; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._stream = FenceStream()
        self._markdown: ReplyMarkdown | None = None
        self._fence: OpenFence | None = None
        self._goes_on = False

    async def append(self, text: str) -> None:
        """Show the next piece."""
        await self._show(self._stream.feed(text))

    async def finish(self) -> None:
        """Show what was held back, all of it as Markdown; more may be appended afterwards."""
        await self._show(self._stream.finish())
        self._goes_on = self._stream.is_open

    def on_markdown_link_clicked(self, event: "Markdown.LinkClicked") -> None:
        """Open what leads to the web or to a letter, and nothing else."""
        event.stop()
        address = address_to_open(event.href)
        if address is None:
            said = (
                f"Only web and mail addresses are opened, and not this: {plain(event.href)[:200]}"
            )
            self.notify(said, severity="warning", markup=False)
        else:
            self._open(address)

    @work(thread=True)
    def _open(self, address: str) -> None:
        try:
            open_in_browser(address)
        except BrowserError as error:
            self.post_message(Notice(str(error)))

    async def _show(self, pieces: list[Prose | Code]) -> None:
        # In one go: between a block's two forms the screen would show neither.
        with self.app.batch_update():
            for piece in pieces:
                match piece:
                    case Prose(text):
                        await self._write(text)
                        await self._close()
                    case Code(text):
                        await self._write_code(text)

    async def _write(self, text: str) -> None:
        if self._markdown is None:
            # Deferred: Markdown costs 50 ms to import, for which the first frame need not wait.
            from shammah_tui.ui.widgets.reply_markdown import ReplyMarkdown

            self._markdown = ReplyMarkdown()
            await self.mount(self._markdown, before=0 if self._fence else None)
        await self._markdown.append(text)

    async def _write_code(self, text: str) -> None:
        if self._fence is None:
            self._fence = OpenFence(shows_first=self._goes_on)
            await self.mount(self._fence)
        self._fence.append(text)

    async def _close(self) -> None:
        self._goes_on = False
        if self._fence is not None:
            await self._fence.remove()
            self._fence = None
