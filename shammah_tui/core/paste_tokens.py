"""Large pastes as one short token each, so that the composer stays readable."""

import re

FOLD_LINES = 10
FOLD_CHARACTERS = 1_000
"""A paste of more lines or characters than this is folded."""

_TOKEN = r"\[pasted (\d+): [\d,]+ (?:lines|characters)\]"
"""Compiled when it is first looked for; that and a dataclass cost 0.4 ms of the program's start."""


class PasteTokens:
    """The texts behind the tokens of one draft.

    A token that the user changes is text like any other: it no longer stands for its paste.

    Attributes:
        texts: By the number in the token.
    """

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}

    def fold(self, text: str) -> str:
        """Return what to insert for a paste: itself, or a token when it is large."""
        lines = text.count("\n") + 1
        if lines <= FOLD_LINES and len(text) <= FOLD_CHARACTERS:
            return text
        number = max(self.texts, default=0) + 1
        self.texts[number] = text
        size = f"{lines:,} lines" if lines > FOLD_LINES else f"{len(text):,} characters"
        return f"[pasted {number}: {size}]"

    def expand(self, draft: str) -> str:
        """Return ``draft`` with every token replaced by what was pasted."""
        return re.sub(_TOKEN, lambda match: self.texts.get(int(match[1]), match[0]), draft)

    def token_before(self, line: str, column: int) -> int:
        """Return how many characters of a token end at ``column``; 0 where none does."""
        for match in re.finditer(_TOKEN, line):
            if match.end() == column and int(match[1]) in self.texts:
                return len(match[0])
        return 0
