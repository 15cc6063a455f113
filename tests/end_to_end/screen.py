"""What a terminal shows and which of its modes are on, from the bytes that a program writes."""

import re

import pyte

KITTY = "kitty keyboard"

_SEQUENCE = re.compile(rb"\x1b\[(?:\?([\d;]+)([hl])|\?(\d+)\$p|([<>])[\d;]*u)")
_UNFINISHED = re.compile(rb"\x1b(?:\[[\d;?<>=$ ]*)?\Z")
_SWITCH = 1049
_KNOWN_QUERIES = {2026}


class EmulatedScreen:
    """The two screens of a terminal; pyte draws them, what pyte lacks is added here.

    pyte 0.8 knows no alternate screen, takes the kitty keyboard's sequences for others and answers
    no questions about modes.

    Args:
        columns: Width in cells.
        rows: Height in cells.

    Attributes:
        private_modes: Numbers of the private modes that are on, other than the alternate screen.
        kitty_depth: How often the kitty keyboard was switched on and not off again.
        is_alternate: Whether the alternate screen is shown.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self._screens = [pyte.Screen(columns, rows) for _ in range(2)]
        self._streams = [pyte.ByteStream(screen) for screen in self._screens]
        self._unfinished = b""
        self.private_modes = {7, 25}
        self.kitty_depth = 0
        self.is_alternate = False

    @property
    def screen(self) -> pyte.Screen:
        """The screen that is shown, with its colours."""
        return self._screens[self.is_alternate]

    @property
    def lines(self) -> list[str]:
        """The rows that are shown, without the white space at their ends."""
        return [line.rstrip() for line in self._screens[self.is_alternate].display]

    def row(self, number: int) -> str:
        """Return one row, without the white space at its end; much cheaper than all of them."""
        screen = self._screens[self.is_alternate]
        cells = screen.buffer[number]
        return "".join(cells[column].data for column in range(screen.columns)).rstrip()

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the cursor, from 0."""
        cursor = self._screens[self.is_alternate].cursor
        return cursor.x, cursor.y

    @property
    def modes(self) -> frozenset[str]:
        """Everything that a program must put back, by name or number."""
        modes = {str(mode) for mode in self.private_modes}
        modes |= {KITTY} if self.kitty_depth else set()
        return frozenset(modes | ({str(_SWITCH)} if self.is_alternate else set()))

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, as a window does; the program is not told."""
        for screen in self._screens:
            screen.resize(rows, columns)

    def feed(self, data: bytes) -> bytes:
        """Take what the program wrote; return what the terminal answers to its questions."""
        data = self._unfinished + data
        unfinished = _UNFINISHED.search(data)
        end = unfinished.start() if unfinished else len(data)
        self._unfinished = data[end:]
        answers, done = b"", 0
        for match in _SEQUENCE.finditer(data, 0, end):
            self._draw(data[done : match.start()])
            done = match.end()
            answers += self._obey(match)
        self._draw(data[done:end])
        return answers

    def _draw(self, data: bytes) -> None:
        if not data:
            return
        try:
            self._streams[self.is_alternate].feed(data)
        except (TypeError, UnboundLocalError):
            # A program that was killed stops in the middle of a sequence, and what the shell
            # writes makes nonsense of it: pyte's parser is over then.
            self._streams[self.is_alternate] = pyte.ByteStream(self._screens[self.is_alternate])

    def _obey(self, match: re.Match[bytes]) -> bytes:
        modes, change, query, kitty = match.groups()
        if query:
            # Known and off, or not known at all.
            state = 2 if int(query) in _KNOWN_QUERIES else 0
            return b"\x1b[?%s;%d$y" % (query, state)
        if kitty:
            self.kitty_depth += 1 if kitty == b">" else -1
            return b""
        for mode in map(int, modes.split(b";")):
            if mode == _SWITCH:
                self.is_alternate = change == b"h"
                if self.is_alternate:
                    self._screens[self.is_alternate].reset()
            elif change == b"h":
                self.private_modes.add(mode)
            else:
                self.private_modes.discard(mode)
        return b""
