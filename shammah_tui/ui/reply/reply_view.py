"""A reply: label, thoughts, the text as Markdown while it streams, and what went wrong."""

import asyncio
import time

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import StoredMessage
from shammah_tui.core.text.plain_text import plain_lines
from shammah_tui.core.wording.ending import note_of, step_of
from shammah_tui.ui.chat.held_scroll import HeldScroll
from shammah_tui.ui.chat.message_box import MessageBox
from shammah_tui.ui.frame.plain_mode import PLAIN_INTERVAL_S, is_plain
from shammah_tui.ui.reply.reply_label import ReceiptView, RouterLabel
from shammah_tui.ui.reply.reply_text import ReplyText
from shammah_tui.ui.reply.thought_block import ThoughtBlock

WRITE_INTERVAL_S = 1 / 15
"""Shortest time between two writes: each costs a parse and a picture, whatever its size."""

SHARE = 1 / 3
"""Of the time that writing may take: on a slow or busy machine, keys still find their turn."""


class ReplyView(Vertical, MessageBox, can_focus=True):
    """One reply from its first label to its last word; one that was kept is shown whole."""

    DEFAULT_CSS = """
    ReplyView {
        height: auto;
        margin: 1 1 0 1;
        padding: 0 1;
        .help-line { height: auto; color: $warning; margin: 1 0 0 0; }
        .starter-note { height: auto; color: $text-muted; margin: 0 0 1 0; }
        .waiting { color: $text-muted; margin: 0 0 1 0; }
        .end { height: auto; color: $warning; margin: 0 0 1 0; }
        .later-turns { height: auto; color: $text-muted; margin: 1 0 0 0; }
        border-title-align: right;
        border-title-color: $text-muted;
        border-title-background: $background;
        &.-titled { margin: 0 1 0 1; border-top: blank $background; }
        &:focus { margin: 0; border: round $border; }
    }
    """

    class Labelled(Message):
        """Who replies and why is shown, or has changed."""

    def __init__(self, message: StoredMessage | None = None) -> None:
        super().__init__()
        self.set_reactive(MessageBox.message, message)
        self.is_last = message is None
        self._note = ""
        self._said: list[str] = []
        self._label = RouterLabel()
        self._waiting = Static("…", classes="waiting", markup=False)
        self._text: ReplyText | None = None
        self._pending: list[str] = []
        self._thoughts: ThoughtBlock | None = None
        self._pending_thoughts: list[str] = []
        self._writer: Timer | None = None
        self._free_s = 0.0
        self._writing = asyncio.Lock()

    def compose(self) -> ComposeResult:
        yield self._label
        yield self._waiting

    async def on_mount(self) -> None:
        if (message := self.message) is not None:
            if (receipt := message.receipt) is not None:
                self.show_label(receipt.label, receipt.side)
            if message.thought:
                self._thoughts = ThoughtBlock(is_kept=True)
                await self._add(self._thoughts, self._waiting)
                if self._thoughts.is_attached:
                    await self._thoughts.append(message.thought)
            self._take(message.text)
            await self.finish(note_of(message), step_of(message))

    def show_label(self, label: str, side: Side | None = None, left_out: int | None = None) -> None:
        """Say who replies and why, in the side's colour; what is None stays as it is."""
        self.left_out = self.left_out if left_out is None else left_out
        self._label.side = side or self._label.side
        self._label.label = label
        self.post_message(self.Labelled())

    @property
    def label(self) -> str:
        return self._label.label

    @property
    def text(self) -> str:
        return "".join(self._said)

    @property
    def has_come(self) -> bool:
        return bool(self._said or self._pending_thoughts or self._thoughts)

    @property
    def has_thoughts(self) -> bool:
        return self._thoughts is not None

    @property
    def can_be_remade(self) -> bool:
        """Whether its message has all that is shown: a line on where to find help it has not."""
        return super().can_be_remade and not self.query(".help-line")

    def look(self) -> None:
        if self._text is not None:
            self._text.look()

    async def watch_later_turns(self, words: str) -> None:
        await self.query(".later-turns").remove()
        if words:
            await self._add(Static(Content(words), classes="later-turns", markup=False))

    async def show_receipt(self) -> None:
        """Show the receipt under the label, or no longer; nothing where there is none."""
        shown = self.query(ReceiptView)
        if shown:
            await shown.remove()
        elif self.receipt is not None:
            view = ReceiptView(self.receipt)
            await self.mount(view, after=self._label)
            # After it was wrapped to its width, too.
            self.call_after_refresh(self.call_after_refresh, self._bring_into_view, view)

    def _bring_into_view(self, receipt: ReceiptView) -> None:
        """Scroll to the label where it, or the end of the receipt below it, is out of sight."""
        pane = next((each for each in self.ancestors if isinstance(each, HeldScroll)), None)
        if pane is None or not receipt.is_attached:
            return
        top = self.virtual_region.y
        bottom = top + receipt.virtual_region.bottom + 1
        if top < pane.scroll_y or bottom > pane.scroll_y + pane.size.height:
            pane.release_anchor()
            pane.scroll_to(y=top, animate=False, force=True)

    async def on_click(self, event: Click) -> None:
        if self._label.region.contains_point(event.screen_offset):
            await self.show_receipt()

    def _take(self, text: str) -> None:
        self._said.append(plain_lines(text))
        self._pending.append(self._said[-1])

    async def show_help_line(self, help_line: str | None) -> None:
        if help_line and not self.query(".help-line"):
            line = Static(Content(help_line), classes="help-line", markup=False)
            await self.mount(line, after=self._label)

    async def show_starter_note(self, note: str) -> None:
        if note:
            line = Static(Content(note), classes="starter-note", markup=False)
            await self.mount(line, after=self._label)

    def append(self, text: str) -> None:
        """Add the next piece; it is on the screen after ``WRITE_INTERVAL_S``, or a little later."""
        self._take(text)
        self._write_soon()

    def think(self, text: str) -> None:
        self._pending_thoughts.append(text)
        self._write_soon()

    async def text_was_thought(self) -> None:
        async with self._writing:
            moved = "".join(self._said)
            await self._remove_text()
        self.think(moved)

    async def _remove_text(self) -> None:
        self._pending.clear()
        self._said.clear()
        text, self._text = self._text, None
        if text is not None:
            await text.remove()
        self._waiting.display = True

    async def forget_thoughts(self) -> None:
        async with self._writing:
            self._pending_thoughts.clear()
            block, self._thoughts = self._thoughts, None
            if block is not None:
                await block.remove()

    async def begin_anew(self) -> None:
        """Take away what somebody said who broke off: somebody else says it."""
        async with self._writing:
            await self._remove_text()
        await self.forget_thoughts()

    async def resume(self) -> None:
        await self.query(".end").remove()
        self._waiting = Static("…", classes="waiting", markup=False)
        await self.mount(self._waiting)

    def _write_soon(self) -> None:
        if self._writer is None:
            # Also where it could be done at once: keys and pieces that wait come first.
            delay_s = max(0.001, self._free_s - time.monotonic())
            self._writer = self.set_timer(delay_s, self._write_in_turn)

    async def _write_in_turn(self) -> None:
        began_s = time.monotonic()
        await self._write()
        self.call_after_refresh(self._written, began_s)

    def _written(self, began_s: float) -> None:
        """Have the next write wait by what this one took, its picture included."""
        took_s = time.monotonic() - began_s
        interval_s = PLAIN_INTERVAL_S if is_plain(self) else WRITE_INTERVAL_S
        self._free_s = began_s + max(interval_s, took_s / SHARE)
        self._writer = None
        if self._pending or self._pending_thoughts:
            self._write_soon()

    async def finish(self, note: str = "", step: str = "") -> None:
        """Write what is left and, under it, what happened when the reply did not end by itself.

        What to do next is said while the reply is the end of the conversation.
        """
        self._note = note
        await self._write()
        if self._text is not None:
            await self._text.finish()
        if self._thoughts is not None:
            self._thoughts.end()
        await self._waiting.remove()
        if note:
            said = f"{note.rstrip('.')}. {step}" if step and self.is_last else note
            await self._add(Static(Content(said), classes="end", markup=False))

    async def no_longer_last(self) -> None:
        await super().no_longer_last()
        for end in self.query(".end").results(Static):
            end.update(Content(self._note))

    async def _add(self, widget: Widget, before: Widget | None = None) -> None:
        """Mount a widget, unless this one was taken away: one may leave while it is made."""
        if self.is_attached:
            await self.mount(widget, before=before)

    async def _write(self) -> None:
        # The end comes on the worker's task while a timer's write may wait for its mount: the
        # later piece would overtake the earlier one.
        async with self._writing:
            await self._write_thoughts()
            text = "".join(self._pending)
            self._pending.clear()
            if not text:
                return
            if self._text is None:
                self._text = ReplyText()
                await self._add(self._text, self._waiting)
            if not self._text.is_attached:
                return
            self._waiting.display = False
            if self._thoughts is not None:
                self._thoughts.end()
            await self._text.append(text)

    async def _write_thoughts(self) -> None:
        text = "".join(self._pending_thoughts)
        self._pending_thoughts.clear()
        if not text:
            return
        if self._thoughts is None:
            self._thoughts = ThoughtBlock()
            await self._add(self._thoughts, self._text or self._waiting)
            if not self._thoughts.is_attached:
                return
            # There is something to unfold now.
            self.screen.refresh_bindings()
        self._thoughts.resume()
        await self._thoughts.append(text)
