"""Keeps what people and models write from being read as special tokens.

A message that quotes ``<|im_end|>`` must not end its own turn. Each such spelling is replaced by
one private-use character before the chat template sees the message. A single character passes
through any template whole or not at all, whatever the template trims, splits or compares; after
rendering it marks the places where the spelling is tokenized as ordinary text.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

FIRST_MARK, LAST_MARK = 0xF0000, 0xFFFFD
"""Supplementary private-use area A of Unicode."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of a rendered prompt.

    Attributes:
        text: What it says.
        quoted: Whether it spells a special token that is only meant as text.
    """

    text: str
    quoted: bool


class SpecialTextMarks:
    """Marks for the special spellings that occur in one conversation."""

    def __init__(self, special_texts: Iterable[str], texts: Sequence[str]) -> None:
        # The longest first, as the tokenizer itself looks for them.
        ordered = sorted(special_texts, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None
        self._taken = {c for text in texts for c in text if FIRST_MARK <= ord(c) <= LAST_MARK}
        self._mark_of: dict[str, str] = {}
        self._next = FIRST_MARK

    def hide(self, text: str) -> str:
        """Return ``text`` with marks in place of special spellings."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._mark(found.group()), text)

    def fragments(self, rendered: str) -> list[Fragment]:
        """Cut a rendered prompt at the marks."""
        if not self._mark_of:
            return [Fragment(rendered, quoted=False)]
        spelled = {mark: text for text, mark in self._mark_of.items()}
        cut = re.split(f"([{''.join(spelled)}])", rendered)
        return [Fragment(spelled.get(text, text), quoted=text in spelled) for text in cut if text]

    def _mark(self, text: str) -> str:
        if text not in self._mark_of:
            while chr(self._next) in self._taken:
                self._next += 1
            self._mark_of[text] = chr(self._next)
            self._next += 1
        return self._mark_of[text]
