"""What a reply says, put together as it comes."""

from shammah_tui.core.labels import ReplyOrigin
from shammah_tui.core.repetition import one_round
from shammah_tui.core.reply import StopReason
from shammah_tui.services.turn_events import (
    Delta,
    Finished,
    Relabelled,
    Routed,
    TakenOver,
    TurnEvent,
    WasThought,
)


class SaidText:
    """The text of one reply; from the first word of a side that takes over, it is that side's.

    Args:
        begun: What was said before, where a cut reply goes on.
    """

    def __init__(self, begun: str = "") -> None:
        self._begun = begun
        self._pieces: list[str] = []
        self._is_broken = False
        self._origin: ReplyOrigin | None = None
        self._next_origin: ReplyOrigin | None = None

    def note(self, event: TurnEvent) -> None:
        """Take what an event says of the text."""
        match event:
            case Routed() | Relabelled():
                self._next_origin = event.origin
            case Delta(piece):
                self._origin = self._next_origin
                if self._is_broken:
                    self._pieces.clear()
                    self._begun, self._is_broken = "", False
                self._pieces.append(piece)
            case WasThought():
                self._pieces.clear()
                self._begun = ""
            case Finished(stop_reason=StopReason.REPEATED, text=text) if text:
                # One round of a loop is enough for whoever is asked next.
                self._begun, self._pieces = "", [one_round(text)]
            case TakenOver():
                self._next_origin = event.origin
                self._is_broken = True

    @property
    def has_come(self) -> bool:
        """Whether anything was said."""
        return bool(self._pieces)

    @property
    def stays_here(self) -> bool:
        """Whether it stays on this machine."""
        return self._origin is not None and self._origin.stays_here

    @property
    def text(self) -> str:
        """All of it."""
        return self._begun + "".join(self._pieces)
