"""Noticing that a reply says the same again and again, and shortening it to one round.

Small models fall into loops and stay there to the end of the context. A loop is told by its
period: each token is the one that stood a round before. Numbers count as equal at first, so that
``118. China 119. China`` is a loop; then they must stay the same or go up by one from round to
round. What repeats without a loop is let be for longer, or for good: rulers and tables of numbers,
rows of a Markdown table, data that counts up (``1,Berlin``), and in a code block what has few words
or counts up (``case 1: case 2:``).
Whatever has come back only once or twice is none: a quotation, a refrain, a program before and
after it was mended.
"""

import re
from collections.abc import Iterator

LEAST_TOKENS = 150
"""So many tokens must have come a second time, so that a loop is noticed within 200 of its own."""
ONCE_MORE_TOKENS = 60
"""Of a long round all must have come twice, and so much a third time."""

_GRAM = 4
"""Tokens by which the place is found where the same was said before."""
_NUMBER = "\0"
_LONGEST_NUMBER = 15
_CHECK_EVERY = 16
_CUT_UNITS = 4

ROW_TOKENS, ROWS = 600, 48
"""What is allowed of equal lines without words, of rows of a table, and of code that counts up."""
LINE_CHARACTERS, LINE_TOKENS, CODE_LINE_CHARACTERS = 400, 180, 1_500
"""What is allowed of a ruler or the like in one line; of zeros in a line of code."""
FEW_WORDS = 3

_ROW = re.compile(r"\|")
_DATA = re.compile(r"[|{}\[\]\"]|[^,;\t]+([,;\t])[^\s,;](?:[^,;\t]*\1(?! ))*[^,;\t]*$")
"""A row of a Markdown table; of one, of JSON or of comma-separated values."""

_WORD = re.compile(r"[^\W\d_\u2e80-\uffff]{2,}|[\u2e80-\uffff]")
_UNIT = re.compile(r"\d{1,15}| ?[^\W\d_\u2e80-\uffff]{1,16}|\s{1,4}|.", re.DOTALL)
"""About a token, where there is only text: a number, a word with the blank before it, a sign."""


class RepetitionWatch:
    """Looks at a reply token by token; about 2 µs each."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._keys: list[str] = []
        self._tokens: list[int] = [0]
        """Tokens before each piece, and in all."""
        self._last: dict[tuple[str, ...], int] = {}
        self._period = self._run = 0
        self._next_check = 0
        self._line = ""
        self._in_fence = False

    def add(self, piece: str, tokens: int = 1) -> bool:
        """Take the next token's text; tell whether the reply goes round in a loop.

        ``tokens`` is more than one where those before it were only parts of a character.
        """
        self._follow_lines(piece)
        written = piece.strip()
        if written.isdecimal():
            if self._continues_number(piece):
                self._pieces[-1] += piece
                self._tokens[-1] += tokens
                return False
            key = piece.replace(written, _NUMBER)
        else:
            key = piece
        self._pieces.append(piece)
        self._keys.append(key)
        self._tokens.append(self._tokens[-1] + tokens)
        self._follow_period()
        return self._is_long_enough() and self._is_loop()

    @property
    def first_round_end(self) -> int | None:
        """How many characters there are up to the end of a loop's first round; None outside one."""
        if self._run < self._period or self._tokens_of_last(self._run) < ONCE_MORE_TOKENS:
            return None
        return sum(map(len, self._pieces[: len(self._pieces) - self._run]))

    def _continues_number(self, piece: str) -> bool:
        return (
            bool(self._keys)
            and self._keys[-1].endswith(_NUMBER)
            and piece[0].isdecimal()
            and len(self._pieces[-1]) < _LONGEST_NUMBER
        )

    def _follow_lines(self, piece: str) -> None:
        if "\n" not in piece:
            self._line += piece
            return
        *lines, self._line = (self._line + piece).split("\n")
        for line in lines:
            if line.lstrip().startswith(("```", "~~~")):
                self._in_fence = not self._in_fence

    def _follow_period(self) -> None:
        keys, at = self._keys, len(self._keys) - 1
        if self._period and keys[at] == keys[at - self._period]:
            self._run += 1
        else:
            self._period = self._run = 0
        gram = tuple(keys[-_GRAM:])
        if not self._period and (before := self._last.get(gram)) is not None:
            self._period = at - before
            most = before + 1
            while self._run < most and keys[at - self._run] == keys[before - self._run]:
                self._run += 1
        self._last[gram] = at

    def _tokens_of_last(self, pieces: int) -> int:
        return self._tokens[-1] - self._tokens[len(self._keys) - pieces]

    def _is_long_enough(self) -> bool:
        if not self._period or self._run < self._period or self._tokens[-1] < self._next_check:
            return False
        round_ = self._tokens_of_last(self._period)
        repeated = self._tokens_of_last(self._run)
        return repeated >= max(LEAST_TOKENS, round_ + min(round_, ONCE_MORE_TOKENS))

    def _is_loop(self) -> bool:
        self._next_check = self._tokens[-1] + _CHECK_EVERY
        round_ = self._pieces[-self._period :]
        steps = self._steps()
        if not steps <= {0, 1}:
            return False
        text = "".join(round_)
        words = set(_WORD.findall(text.lower()))
        counts = 1 in steps
        if not words and counts:
            return False
        is_code = self._in_fence and (counts or len(words) <= FEW_WORDS)
        if words and not is_code and not self._is_table(_DATA if counts else _ROW):
            return True
        if "\n" in text:
            rows = self._run // self._period * text.count("\n")
            return rows >= ROWS and self._tokens_of_last(self._run) >= ROW_TOKENS
        if not self._in_fence and self._tokens_of_last(self._run) >= LINE_TOKENS:
            return True
        longest = CODE_LINE_CHARACTERS if self._in_fence else LINE_CHARACTERS
        return sum(map(len, self._pieces[-self._run :])) >= longest

    def _steps(self) -> set[int]:
        """Return by how much the numbers of the last rounds differ from those a round before."""
        steps: set[int] = set()
        end, period = len(self._keys), self._period
        for at in range(end - min(self._run, 3 * period), end):
            if self._keys[at].endswith(_NUMBER):
                steps.add(int(self._pieces[at]) - int(self._pieces[at - period]))
        return steps

    def _is_table(self, row: re.Pattern[str]) -> bool:
        lines = "".join(self._pieces[-2 * self._period :]).split("\n")[1:-1]
        return bool(lines) and all(row.match(line.strip()) for line in lines)


class TextRepetitionWatch:
    """The same where text comes in any pieces, and nobody tells of tokens."""

    def __init__(self) -> None:
        self._watch = RepetitionWatch()
        self._held = ""

    def add(self, text: str) -> bool:
        """Take the next piece of text; tell whether it goes round in a loop."""
        *units, self._held = _units(self._held + text) or [""]
        return any(self._watch.add(unit) for unit in units)


def one_round(text: str) -> str:
    """Return a reply that repeats itself at its end, without all but the first round of that."""
    watch = RepetitionWatch()
    units = _units(text)
    end: int | None = None
    for at, unit in enumerate(units):
        watch.add(unit)
        # The last of them may be cut in their middle.
        if at >= len(units) - _CUT_UNITS:
            end = watch.first_round_end or end
    return text if end is None else text[:end].rstrip()


def _units(text: str) -> list[str]:
    found: Iterator[re.Match[str]] = _UNIT.finditer(text)
    return [each.group() for each in found]
