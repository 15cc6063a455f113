"""Telling what a model thinks from what it replies, in a stream that holds both.

A thought stands between think tags, in any case of letters, where the reply begins. Often the chat
template has opened the block and nobody says so: then only the closing tag comes, in the middle of
what had to be taken for the reply. What stood before it becomes the thought when it comes
(``TextWasThought``). But a reply may also speak of the tags. A closing tag without its beginning
ends a thought where it stands as models write it:

- on a line of its own, or at the beginning of a line;
- at the end of a line or directly before text, glued to what it follows or after the end of a
  sentence (``Let me see.</think>``).

It is a word of the reply where it stands as people write about it:

- in a code block, or next to a quotation mark, backtick or bracket;
- before a comma, full stop or the like, or before a blank and a small letter (``</think> is``);
- after a blank in the middle of a sentence (``write </think>``);
- where an opening tag stands before it: in the same line, or at the beginning of a line for one
  that begins a line.

A closing tag with nothing but blanks before it is dropped, and so is one that is glued to the last
word of the whole reply: a thought would leave no reply.
"""

import re
from collections.abc import Iterable
from enum import Enum, auto

from shammah_tui.core.conversation.reply import TextDelta, TextWasThought, ThinkingDelta

OPENING, CLOSING = "<think>", "</think>"
"""The tags of the Qwen and DeepSeek families, and of those who follow them."""

_CLOSED_BY = {
    OPENING: CLOSING,
    "<thinking>": "</thinking>",
    "<seed:think>": "</seed:think>",
    "[think]": "[/think]",
    "◁think▷": "◁/think▷",
}
"""These tags and those of other families: prompts of others, Seed, Mistral and Kimi."""


def _one_of(tags: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, tags)), re.IGNORECASE | re.ASCII)


_OPENING, _CLOSING = _one_of(_CLOSED_BY), _one_of(_CLOSED_BY.values())
_QUOTED_BEFORE = frozenset("`\"'([{“‘«„")
_QUOTED_AFTER = frozenset("`\"')]}”’»,.;:!?")
_SENTENCE_ENDS = frozenset(".!?…:;。！？)\"'”»*")
_FENCES = ("```", "~~~")

Piece = TextDelta | ThinkingDelta | TextWasThought
"""``TextWasThought`` comes before the rest of the thought that it begins."""


class _Place(Enum):
    START = auto()
    OPENED = auto()
    THOUGHT = auto()
    GAP = auto()
    REPLY = auto()


class _Tag(Enum):
    """What a closing tag without its beginning is."""

    UNKNOWN = auto()
    """What follows tells."""
    TEXT = auto()
    END = auto()
    STRAY = auto()


class ThoughtSplitter:
    """Takes a stream apart; tags may be cut anywhere between its pieces.

    White space around the tags belongs to neither part; all other is kept.

    Args:
        begins_inside: Whether the prompt has opened the block, so that only its end is to come.

    Attributes:
        has_folded: Whether text turned out to have been a thought.
        has_closed: Whether a closing tag has ended a thought, be it empty.
    """

    def __init__(self, *, begins_inside: bool) -> None:
        self._begins_inside = begins_inside
        # Of a thought that was begun unseen, any tag is the end.
        self._end_tag = _CLOSING
        self._place = _Place.START
        self._held = ""
        self._said = _Said()
        self._is_below = False
        self.has_folded = self.has_closed = False

    def resume(self, text: str, *, is_thought: bool) -> None:
        """Go on from what has been shown before: what follows it is no beginning."""
        if text:
            self._place = _Place.THOUGHT if is_thought else _Place.REPLY
            if not is_thought:
                self._said.add(text)

    def take(self, text: str) -> list[Piece]:
        self._held += text
        return self._split(is_end=False)

    def rest(self) -> list[Piece]:
        """Return what is held at the end of the stream, as ``take`` does."""
        pieces = self._split(is_end=True)
        held, self._held = self._held, ""
        match self._place:
            case _Place.OPENED | _Place.GAP:
                return pieces
            case _Place.THOUGHT:
                return [*pieces, *_thought(held)]
            case _Place.START:
                return _thought(held) if self._begins_inside else _text(held)
            case _Place.REPLY:
                return [*pieces, *_text(held)]

    def _split(self, *, is_end: bool) -> list[Piece]:
        pieces: list[Piece] = []
        while True:
            before = (self._place, self._held)
            match self._place:
                case _Place.START:
                    self._leave_start()
                case _Place.OPENED:
                    self._held = self._held.lstrip()
                    if self._held:
                        self._place = _Place.THOUGHT
                case _Place.THOUGHT:
                    pieces += self._think()
                case _Place.GAP:
                    self._leave_gap()
                case _Place.REPLY:
                    pieces += self._say(is_end=is_end)
            if (self._place, self._held) == before:
                return pieces

    def _leave_start(self) -> None:
        written = self._held.lstrip()
        if not self._open(written) and not _may_open(written):
            self._place = _Place.OPENED if self._begins_inside else _Place.REPLY

    def _leave_gap(self) -> None:
        if not self._is_below:
            # In the line of the tag they belong to it; below it they indent.
            self._held = self._held.lstrip(" \t")
        held = self._held.lstrip("\r\n")
        self._is_below = self._is_below or held != self._held
        self._held = held
        written = held.lstrip()
        if not self._open(written) and not _may_open(written):
            self._place = _Place.REPLY

    def _open(self, written: str) -> bool:
        """Begin a thought where an opening tag stands; return whether one does."""
        found = _OPENING.match(written)
        if found is not None:
            self._end_tag = _one_of([_CLOSED_BY[found[0].lower()]])
            self._place, self._held = _Place.OPENED, written[found.end() :]
        return found is not None

    def _think(self) -> list[Piece]:
        if found := self._end_tag.search(self._held):
            thought = self._held[: found.start()]
            self._close(found.end())
            return _thought(thought)
        cut = len(self._held) - _begun(self._held)
        thought, self._held = self._held[:cut], self._held[cut:]
        return _thought(thought)

    def _say(self, *, is_end: bool) -> list[Piece]:
        found = _CLOSING.search(self._held)
        if found is None:
            cut = len(self._held) - (0 if is_end else _begun(self._held))
            return self._release(cut)
        before, after = self._held[: found.start()], self._held[found.end() :]
        match self._said.followed_by(before).kind_of_tag(after, is_end=is_end):
            case _Tag.UNKNOWN:
                return self._release(found.start())
            case _Tag.TEXT:
                return self._release(found.end())
            case _Tag.STRAY:
                self._held = before + after
                return self._release(len(self._held))
            case _Tag.END:
                return self._fold(before, found.end())

    def _fold(self, before: str, end: int) -> list[Piece]:
        """What was said so far was a thought."""
        pieces: list[Piece] = []
        if self._said:
            pieces.append(TextWasThought())
        if self._said or before.strip():
            self.has_folded = True
            pieces += _thought(before)
        self._said = _Said()
        self._close(end)
        return pieces

    def _close(self, end: int) -> None:
        self.has_closed, self._is_below = True, False
        self._place, self._held = _Place.GAP, self._held[end:]

    def _release(self, end: int) -> list[Piece]:
        """Say what is held up to ``end``; blanks alone wait for what they stand before."""
        text = self._held[:end]
        if not text or not (self._said or text.strip()):
            return []
        self._held = self._held[end:]
        self._said.add(text)
        return _text(text)


class _Said:
    """What the reply has said, as far as telling a tag from a word needs to know."""

    def __init__(self) -> None:
        self._line = ""
        self._is_any = self._in_fence = False
        self._opened = 0

    def __bool__(self) -> bool:
        return self._is_any

    def add(self, text: str) -> None:
        self._is_any = True
        *lines, last = text.split("\n")
        for line in lines:
            self._end_line(self._line + line)
            self._line = ""
        self._line += last

    def followed_by(self, text: str) -> "_Said":
        later = _Said()
        later._line, later._is_any = self._line, self._is_any
        later._in_fence, later._opened = self._in_fence, self._opened
        if text:
            later.add(text)
        return later

    def kind_of_tag(self, after: str, *, is_end: bool) -> _Tag:
        """Tell what a closing tag here is, by the rules at the top of this file.

        ``after`` is what follows it, as far as it has come.
        """
        if self._in_fence or _is_open(self._line):
            return _Tag.TEXT
        begins_line = not self._line.strip()
        if begins_line and self._opened:
            return _Tag.TEXT
        rest, newline, later = after.partition("\n")
        following = rest.lstrip()
        if not (following or newline or is_end):
            return _Tag.UNKNOWN
        if following and (
            rest[0] in _QUOTED_AFTER or (rest[0].isspace() and following[0].islower())
        ):
            return _Tag.TEXT
        if begins_line:
            return _Tag.END
        is_glued = not self._line[-1].isspace()
        if (is_glued and self._line[-1] in _QUOTED_BEFORE) or not (
            is_glued or self._line.rstrip()[-1] in _SENTENCE_ENDS
        ):
            return _Tag.TEXT
        if following or later.strip():
            return _Tag.END
        return _Tag.STRAY if is_end else _Tag.UNKNOWN

    def _end_line(self, line: str) -> None:
        written = line.strip()
        if written.startswith(_FENCES):
            self._in_fence = not self._in_fence
        elif _OPENING.match(written) and _is_open(written):
            self._opened += 1
        elif _CLOSING.match(written) and self._opened:
            self._opened -= 1


def _is_open(line: str) -> bool:
    return len(_OPENING.findall(line)) > len(_CLOSING.findall(line))


def _may_open(text: str) -> bool:
    return any(tag.startswith(text.lower()) for tag in _CLOSED_BY)


def _begun(text: str) -> int:
    """Return how many characters at the end of ``text`` may be the beginning of an end tag."""
    longest = max(map(len, _CLOSED_BY.values()))
    end = text[-longest:].lower()
    return next(
        (
            n
            for n in range(min(longest - 1, len(end)), 0, -1)
            if any(tag.startswith(end[-n:]) for tag in _CLOSED_BY.values())
        ),
        0,
    )


def _thought(text: str) -> list[Piece]:
    return [ThinkingDelta(text)] if text else []


def _text(text: str) -> list[Piece]:
    return [TextDelta(text)] if text else []
