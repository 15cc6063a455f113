"""Telling what a model thinks from what it replies, in a stream that holds both."""

from enum import Enum, auto

OPENING, CLOSING = "<think>", "</think>"
"""The tags of the Qwen and DeepSeek families, and of those who follow them."""


class _Place(Enum):
    START = auto()
    OPENED = auto()
    THOUGHT = auto()
    GAP = auto()
    REPLY = auto()


class ThoughtSplitter:
    """Takes a stream apart; tags may be cut anywhere between its pieces.

    Only a block that begins the stream is a thought: a tag further on is something that the reply
    speaks of. White space around the tags belongs to neither; all other is kept.

    Args:
        begins_inside: Whether the prompt has opened the block, so that only its end is to come.
    """

    def __init__(self, *, begins_inside: bool) -> None:
        self._begins_inside = begins_inside
        self._place = _Place.START
        self._held = ""

    def take(self, text: str) -> tuple[str, str]:
        """Return what the next piece adds to the thought and to the reply, in this order."""
        thought = ""
        self._held += text
        if self._place is _Place.START:
            self._leave_start()
        if self._place is _Place.OPENED:
            self._held = self._held.lstrip()
            if self._held:
                self._place = _Place.THOUGHT
        if self._place is _Place.THOUGHT:
            thought, closed, rest = self._held.partition(CLOSING)
            if closed:
                self._place, self._held = _Place.GAP, rest
            else:
                cut = len(thought) - _begun(thought)
                thought, self._held = thought[:cut], thought[cut:]
        if self._place is _Place.GAP:
            self._held = self._held.lstrip("\r\n")
            if self._held:
                self._place = _Place.REPLY
        return thought, self._release() if self._place is _Place.REPLY else ""

    def rest(self) -> tuple[str, str]:
        """Return what is held at the end of the stream, as ``take`` does."""
        is_thought = self._place is _Place.THOUGHT or (
            self._place is _Place.START and self._begins_inside
        )
        held = self._release()
        if self._place is _Place.OPENED:
            held = ""
        return (held, "") if is_thought else ("", held)

    def _leave_start(self) -> None:
        written = self._held.lstrip()
        if written.startswith(OPENING):
            self._place = _Place.OPENED
            self._held = written.removeprefix(OPENING)
        elif OPENING.startswith(written):
            return
        elif self._begins_inside:
            self._place = _Place.OPENED
        else:
            self._place = _Place.REPLY

    def _release(self) -> str:
        held, self._held = self._held, ""
        return held


def _begun(text: str) -> int:
    """Return how many characters at the end of ``text`` may be the beginning of the end tag."""
    return next((n for n in range(len(CLOSING) - 1, 0, -1) if text.endswith(CLOSING[:n])), 0)
