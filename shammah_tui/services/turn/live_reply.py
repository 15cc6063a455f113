"""A reply while it streams: the one place where its pieces are put together."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from shammah_tui.core.conversation.conversation import Conversation
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.reply import TextDelta, TextWasThought, ThinkingDelta
from shammah_tui.core.routing.routing import Forward, ForwardReason, Local, RouteDecision


@dataclass(frozen=True, slots=True)
class CutReply:
    """A reply that did not come to its end, and what it takes to go on with it.

    Attributes:
        prompt: The whole conversation with the system prompt; the question is its last message.
        text: The reply so far; empty where the thoughts before it were cut.
        stays_here: Whether the reply so far stays on this machine.
    """

    side: Side
    decision: RouteDecision
    prompt: Conversation
    text: str = ""
    thought: str = ""
    is_private: bool = False
    pin: Side | None = None
    stays_here: bool = False

    @property
    def is_pinned(self) -> bool:
        """Whether nobody but ``side`` may go on."""
        match self.decision:
            case Local(pinned=pinned):
                return pinned
            case Forward(reason):
                return reason is ForwardReason.UserPinned


class LiveReply:
    """A reply while it streams.

    When a side takes over from one that broke off in the middle of its text, that text stays the
    reply until the first word of the new side.
    """

    def __init__(self, begun: CutReply) -> None:
        self.begun = begun
        self._side = begun.side
        self._stays_here = False
        self._text_before, self._thought_before = begun.text, begun.thought
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self._successor: tuple[Side, bool] | None = None
        self._held_back: list[str] = []

    def expect(self, side: Side, *, stays_here: bool) -> None:
        """Take pieces of this side from now on; the thoughts of another one go."""
        if self._texts:
            self._successor = side, stays_here
            return
        self._side, self._stays_here = side, stays_here
        self._thought_before = self.begun.thought if side is self.begun.side else ""
        self._thoughts.clear()

    def add(
        self, event: TextDelta | ThinkingDelta | TextWasThought
    ) -> Iterator[TextDelta | ThinkingDelta | TextWasThought]:
        """Add a piece; yield what of it is to be shown now."""
        match event:
            case ThinkingDelta(piece) if self._successor is not None:
                # Thoughts alone would take the place of a text.
                self._held_back.append(piece)
            case ThinkingDelta(piece) if piece:
                self._thoughts.append(piece)
                yield event
            case TextDelta(piece) if piece:
                if self._successor is not None:
                    self._begin_anew(*self._successor)
                    if any(self._thoughts):
                        yield ThinkingDelta("".join(self._thoughts))
                self._texts.append(piece)
                yield event
            case TextWasThought() if self.text and self._successor is None:
                self._thoughts += [self._text_before, *self._texts]
                self._texts.clear()
                self._text_before = ""
                yield event

    def _begin_anew(self, side: Side, stays_here: bool) -> None:
        self._side, self._stays_here = side, stays_here
        self._text_before = self._thought_before = ""
        self._texts.clear()
        self._thoughts, self._held_back = self._held_back, []
        self._successor = None

    @property
    def has_text(self) -> bool:
        """Whether text came, be it of a side that broke off."""
        return bool(self._texts)

    @property
    def is_taken_over(self) -> bool:
        """Whether a side that takes over was asked and has not said a word yet."""
        return self._successor is not None

    @property
    def text(self) -> str:
        """The whole text, that which is gone on with included."""
        return self._text_before + "".join(self._texts)

    @property
    def streamed(self) -> str:
        """Text and thoughts that came since the side was asked."""
        return "".join((*self._thoughts, *self._texts))

    def cut(self) -> CutReply:
        return replace(
            self.begun,
            side=self._side,
            text=self.text,
            thought=self._thought_before + "".join(self._thoughts),
            stays_here=self._stays_here,
        )
