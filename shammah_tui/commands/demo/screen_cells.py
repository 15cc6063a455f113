"""The characters that a terminal shows, from what a full-screen program writes to it."""

import codecs
import re

from wcwidth import wcwidth

_TOKEN = re.compile(
    r"\x1b\[(?P<given>[0-?]*)[ -/]*(?P<act>[@-~])"  # moves the cursor, erases, sets a mode
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # a title, a question
    r"|\x1b[ -/]*(?![\[\]PX^_])[0-~]"
    r"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f])"
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
)


class ScreenCells:
    """What stands where; no colours, and only the sequences that matter for it.

    Attributes:
        is_alternate: Whether it is the screen of a full-screen program, not the shell's.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        self.is_alternate = False
        self._columns = self._rows = 0
        self.fit(columns, rows)

    def fit(self, columns: int, rows: int) -> None:
        """Take a size; another one starts blank, for the program draws all of it again."""
        if (columns, rows) != (self._columns, self._rows):
            self._columns, self._rows = columns, rows
            self._x = self._y = 0
            self._cells = [self._blank() for _ in range(rows)]

    @property
    def lines(self) -> list[str]:
        return ["".join(row).rstrip() for row in self._cells]

    def feed(self, data: bytes) -> None:
        written = self._rest + self._decode(data)
        at = 0
        while match := _TOKEN.match(written, at):
            at = match.end()
            if match["act"]:
                self._obey(match["act"], match["given"])
            elif match["control"]:
                self._move(match["control"])
            elif match["text"]:
                self._write(match["text"])
        # A sequence whose end has not come yet.
        self._rest = written[at:]

    def _blank(self) -> list[str]:
        return [" "] * self._columns

    def _write(self, text: str) -> None:
        for character in text:
            width = wcwidth(character)
            if width == 0 and self._x:
                self._cells[self._y][self._x - 1] += character
            if width <= 0:
                continue
            self._x = min(self._x, self._columns - width)
            self._cells[self._y][self._x : self._x + width] = [character, ""][:width]
            self._x += width

    def _move(self, control: str) -> None:
        match control:
            case "\r":
                self._x = 0
            case "\b":
                self._x = max(0, self._x - 1)
            case "\n" if self._y + 1 < self._rows:
                self._y += 1
            case "\n":
                self._cells = [*self._cells[1:], self._blank()]

    def _obey(self, act: str, given: str) -> None:
        if given == "?1049":
            self.is_alternate = act == "h"
            self._cells = [self._blank() for _ in range(self._rows)]
        if given[:1] in ("?", ">", "<", "="):
            return
        numbers = [int(each) if each.isdecimal() else 0 for each in given.split(";")]
        first, by = numbers[0], max(1, numbers[0])
        row, column = self._y, self._x
        match act:
            case "H" | "f":
                row, column = by - 1, max(1, numbers[1]) - 1 if len(numbers) > 1 else 0
            case "A":
                row -= by
            case "B":
                row += by
            case "C":
                column += by
            case "D":
                column -= by
            case "G":
                column = by - 1
            case "d":
                row = by - 1
            case "J" if first == 2:
                self._cells = [self._blank() for _ in range(self._rows)]
            case "J" if first == 0:
                self._erase(self._y, self._x, self._columns)
                self._cells[self._y + 1 :] = [self._blank() for _ in self._cells[self._y + 1 :]]
            case "K" if first < 3:
                start, end = ((self._x, self._columns), (0, self._x + 1), (0, self._columns))[first]
                self._erase(self._y, start, end)
        self._y = min(max(0, row), self._rows - 1)
        self._x = min(max(0, column), self._columns - 1)

    def _erase(self, row: int, start: int, end: int) -> None:
        self._cells[row][start:end] = [" "] * (end - start)
