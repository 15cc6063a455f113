"""Shows the events of one turn in its reply."""

from dataclasses import replace

from shammah_tui.core.conversation.reply import (
    ReplyBegun,
    StopReason,
    TextDelta,
    TextWasThought,
    ThinkingDelta,
)
from shammah_tui.core.wording import notices
from shammah_tui.core.wording.ending import ending_note, next_step
from shammah_tui.services.turn.turn_events import (
    Finished,
    Relabelled,
    Routed,
    TakenOver,
    TurnEvent,
    Unanswered,
)
from shammah_tui.ui.chat.generator_header import GeneratorHeader
from shammah_tui.ui.reply.reply_view import ReplyView


class TurnRenderer:
    """Shows one turn, event by event.

    Attributes:
        note: What is to stand below the reply, were it the end now.
        is_answered: Whether somebody replied, or may still.
        is_over: Whether somebody has replied, be it by nothing.
        is_unanswered: Whether nobody could reply.
        help_line: Where to find help, where that is shown.
        has_versions: Whether the reply is one of several, since somebody else broke off.
    """

    def __init__(self, view: ReplyView, header: GeneratorHeader) -> None:
        self._view = view
        self._header = header
        self._taken_over: TakenOver | None = None
        self._be_stoppable()
        self.is_answered = True
        self.is_over = self.is_unanswered = self.has_versions = False
        self.help_line: str | None = None

    async def show(self, event: TurnEvent) -> None:
        view = self._view
        match event:
            case Routed() | Relabelled():
                if isinstance(event, Relabelled) and not view.text:
                    await view.forget_thoughts()
                self._show_label(event)
                await self._show_help_line(event.help_line)
            case TakenOver():
                # Until somebody else says a word, what there is stays to be read.
                self._taken_over = event
                self.note, self.step = event.broken.note, event.broken.step
                view.show_label(event.asking)
            case ReplyBegun(label=label) if label and self._taken_over is not None:
                self._taken_over = replace(self._taken_over, label=label)
            case ReplyBegun(label=label) if label:
                view.show_label(label)
            case ThinkingDelta(piece):
                await self._begin_anew()
                view.think(piece)
            case TextDelta(piece):
                await self._begin_anew()
                view.append(piece)
            case TextWasThought():
                await view.text_was_thought()
            case Finished():
                self._taken_over = None
                view.show_label(event.label, left_out=event.left_out)
                self.is_over = True
                self.note, self.step = event.note, event.step
                self._header.context_use = event.context_use or self._header.context_use
            case Unanswered():
                view.show_label("")
                self.note, self.step = event.sentence, ""
                await self._show_help_line(event.help_line)
                self.is_answered, self.is_unanswered = False, True

    async def finish(self) -> None:
        if self._taken_over is not None:
            broken = self._taken_over.broken
            self._view.show_label(broken.label, left_out=broken.left_out)
        await self._view.finish(self.note, self.step)

    def fail(self, error: Exception) -> None:
        """Take a fault in the program for the end of the turn."""
        self.note = notices.inside(error)
        self.step = ""
        self.is_answered = False

    async def _begin_anew(self) -> None:
        """Take away what a side said that broke off, where another one says its first word."""
        event, self._taken_over = self._taken_over, None
        if event is not None:
            self._be_stoppable()
            self.has_versions = True
            await self._view.begin_anew()
            self._show_label(event)

    def _be_stoppable(self) -> None:
        stopped = StopReason.STOPPED
        self.note, self.step = ending_note(stopped), next_step(stopped, "", "")

    def _show_label(self, event: Routed | Relabelled | TakenOver) -> None:
        side, left_out = (
            (event.origin.side, event.origin.left_out) if event.origin else (None, None)
        )
        self._view.show_label(event.label, side, left_out)

    async def _show_help_line(self, help_line: str | None) -> None:
        self.help_line = help_line or self.help_line
        await self._view.show_help_line(help_line)
