"""What a reply says, put together as it comes."""

from dataclasses import replace

from shammah_tui.core.conversation.repetition import one_round
from shammah_tui.core.conversation.reply import StopReason, TextDelta, TextWasThought, ThinkingDelta
from shammah_tui.core.text.blank import is_blank
from shammah_tui.core.wording.labels import ReplyOrigin
from shammah_tui.services.turn.turn_events import (
    CutReply,
    Finished,
    Relabelled,
    Routed,
    TakenOver,
    TurnEvent,
    Unanswered,
)


class SaidText:
    """The text of one reply; from the first word of a side that takes over, it is that side's.

    Args:
        begun: What was said before, where a cut reply goes on.
    """

    def __init__(self, begun: CutReply | None = None) -> None:
        self._asked = begun
        self._begun = "" if begun is None else begun.text
        self._begun_thought = "" if begun is None else begun.thought
        self._pieces: list[str] = []
        self._thoughts: list[str] = []
        self._is_over = False
        self._broken: CutReply | None = None
        self._is_broken = False
        self._origin: ReplyOrigin | None = None
        self._next_origin: ReplyOrigin | None = None

    def note(self, event: TurnEvent) -> None:
        """Take what an event says of the text."""
        match event:
            case Routed(cut=cut):
                self._next_origin = event.origin
                self._asked = self._asked or cut
            case Relabelled():
                self._next_origin = event.origin
                self._thoughts.clear()
            case ThinkingDelta(piece):
                self._begin_anew()
                self._thoughts.append(piece)
            case TextDelta(piece):
                self._begin_anew()
                self._pieces.append(piece)
            case TextWasThought():
                self._thoughts += [self._begun, *self._pieces]
                self._pieces.clear()
                self._begun = ""
            case TakenOver():
                self._next_origin = event.origin
                self._is_broken, self._broken = True, event.broken.cut
            case Unanswered():
                self._is_over = True
            case Finished():
                self._is_over = True
                if event.stop_reason is StopReason.REPEATED and event.text:
                    # One round of a loop is enough for whoever is asked next.
                    self._begun, self._pieces = "", [one_round(event.text)]

    def _begin_anew(self) -> None:
        """Somebody says something: he replies from now on."""
        self._origin = self._next_origin
        if self._is_broken:
            self._pieces.clear()
            self._thoughts.clear()
            self._begun = self._begun_thought = ""
            self._is_broken = False

    @property
    def has_come(self) -> bool:
        """Whether anything was said that can be seen."""
        return bool(self._pieces) and not is_blank(self.text)

    @property
    def stays_here(self) -> bool:
        """Whether it stays on this machine."""
        return self._origin is not None and self._origin.stays_here

    @property
    def text(self) -> str:
        """All of it."""
        return self._begun + "".join(self._pieces)

    @property
    def stopped(self) -> CutReply | None:
        """What it takes to go on with it, where it was stopped after it had begun; else None."""
        if self._is_over or self._asked is None:
            return None
        if self._is_broken:
            return self._broken
        if self._origin is None or not (self._pieces or self._thoughts):
            return None
        # Of another side's thoughts it has none.
        begun = self._begun_thought if self._origin.side is self._asked.side else ""
        return replace(self._asked, text=self._begun).with_more(
            self._origin.side, self._pieces, (begun, *self._thoughts), self.stays_here
        )
