"""The text of a reply while it comes: Markdown, and below it a code block that is still open."""

from typing import TYPE_CHECKING

from textual import work
from textual.containers import Vertical, VerticalScroll
from textual.events import Resize
from textual.widget import Widget

from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording import notices
from shammah_tui.ui.frame.base_app import Notice
from shammah_tui.ui.frame.textual_privates import driver_of
from shammah_tui.ui.reply.code_lines import OpenFence
from shammah_tui.ui.reply.fence_stream import Code, Fence, FenceStream, Piece
from shammah_tui.ui.reply.links import BrowserError, address_to_open, open_in_browser
from shammah_tui.ui.reply.passages import PassageCutter

if TYPE_CHECKING:
    from textual.widgets import Markdown

    from shammah_tui.ui.reply.reply_markdown import Definitions, ReplyMarkdown


class ReplyText(Vertical):
    """Text that is written piece by piece, and costs the same for each piece.

    It is cut into passages, of which only the last one is written to, and only those near the
    screen are laid out. A code block is plain lines until it closes: parsed anew for each piece,
    it would cost the square of its length.
    """

    DEFAULT_CSS = """
    ReplyText {
        height: auto;
        Markdown { height: auto; padding: 0; margin: 0; background: transparent; }
        MarkdownParagraph, MarkdownHeader, MarkdownList, MarkdownBlockQuote,
        MarkdownHorizontalRule { max-width: 100; }
        MarkdownH1 { content-align: left middle; }
        OpenFence { margin: 0 0 1 0; }
        OpenFence:first-child { margin: 1 0; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._stream = FenceStream()
        self._cutter = PassageCutter()
        self._passages: list[ReplyMarkdown] = []
        self._is_over = False
        self._width = 0
        self._fence: OpenFence | None = None
        self._goes_on = False
        self._definitions: Definitions | None = None

    async def append(self, text: str) -> None:
        for passage in self._passages[-1:]:
            passage.unfold()
            if self._is_over:
                # What goes on may be another thing than what was over.
                await passage.parse_anew()
        self._is_over = False
        await self._show(self._stream.feed(text))

    async def finish(self) -> None:
        """Show what was held back, all of it as Markdown; more may be appended afterwards."""
        await self._show(self._stream.finish())
        self._goes_on = self._stream.is_open
        self._is_over = True
        self.call_after_refresh(self.look)

    def on_markdown_link_clicked(self, event: "Markdown.LinkClicked") -> None:
        event.stop()
        address = address_to_open(event.href)
        if address is None:
            said = notices.not_opened_link(plain(event.href)[:200])
            self.notify(said, severity="warning", markup=False)
        elif (driver := driver_of(self.app)) is not None and driver.is_web:
            # In the browser that shows this, which may be another machine's.
            self.app.open_url(address)
        else:
            self._open(address)

    @work(thread=True)
    def _open(self, address: str) -> None:
        try:
            open_in_browser(address)
        except BrowserError as error:
            self.post_message(Notice(str(error)))

    def look(self) -> None:
        """Leave out of the layout what is further than half a screen from being seen."""
        # Not by what the screen shows, which is the place before a scroll that is under way.
        place, pane = 0, None
        for each in self.ancestors_with_self:
            if isinstance(each, VerticalScroll):
                pane = each
                break
            place += each.virtual_region.y if isinstance(each, Widget) else 0
        if pane is None or not (pane.size.height and self.size) or self.screen.selections:
            return
        near = pane.size.height // 2
        top = pane.scroll_y - place - near
        bottom = top + pane.size.height + 2 * near
        y = 0
        for passage in self._passages if self._is_over else self._passages[:-1]:
            height = passage.size.height
            if y + height < top or y > bottom:
                passage.fold()
            else:
                passage.unfold()
            y += height

    def on_resize(self, event: Resize) -> None:
        """Measure anew what is folded: its lines are as long as the screen is wide."""
        if event.size.width != self._width:
            self._width = event.size.width
            for passage in self._passages:
                passage.unfold()
        self.call_after_refresh(self.look)

    async def _show(self, pieces: list[Piece]) -> None:
        # In one go: between a block's two forms the screen would show neither.
        with self.app.batch_update():
            for piece in pieces:
                if isinstance(piece, Code):
                    await self._write_code(piece)
                else:
                    await self._write(piece.text, is_code=isinstance(piece, Fence))
                    await self._close()
            await self._resolve()

    async def _write(self, text: str, *, is_code: bool) -> None:
        first, *others = self._cutter.cut(text, is_code=is_code)
        passage = self._passages[-1] if self._passages else await self._begin_passage()
        await passage.append(first)
        for part in others:
            before, passage = passage, await self._begin_passage()
            await passage.append(part)
            before.goes_on_in(passage)

    async def _resolve(self) -> None:
        """Have links and footnotes lead to what has been defined since, wherever they stand."""
        new = {label for passage in self._passages for label in passage.new_labels}
        if not new:
            return
        for passage in self._passages:
            passage.new_labels.clear()
            if passage.mentions(new):
                await passage.parse_anew()

    async def _begin_passage(self) -> "ReplyMarkdown":
        # Deferred: Markdown costs 50 ms to import, for which the first frame need not wait.
        from shammah_tui.ui.reply.reply_markdown import Definitions, ReplyMarkdown

        self._definitions = self._definitions or Definitions()
        passage = ReplyMarkdown(self._definitions)
        await self.mount(passage, before=self._fence)
        self._passages.append(passage)
        return passage

    async def _write_code(self, piece: Code) -> None:
        if self._fence is None:
            self._fence = OpenFence(shows_first=self._goes_on, is_math=piece.is_math)
            await self.mount(self._fence)
        self._fence.append(piece.text)

    async def _close(self) -> None:
        self._goes_on = False
        if self._fence is not None:
            await self._fence.remove()
            self._fence = None
