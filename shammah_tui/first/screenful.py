"""What was last seen of a conversation: rows of styled text, as they lie in a small file."""

import os

FILE_NAME = "screenful"
FORMAT = "shammah-screenful-1"
"""Another one is another version's, which may draw a conversation differently."""

MOST_BYTES = 1_000_000
"""What is bigger was not written by this program: 500 columns and 200 rows take 0.3 MB."""

COLORLESS = "no-color"
"""The theme's name where NO_COLOR is set: all look the same then."""

NO_COLOR = "------"
"""Instead of a colour: none is set."""
OF_TERMINAL = "----"
"""Before the number of one of the sixteen colours that are the terminal's, in hexadecimal."""
DEFAULT_COLOR = "----FF"
"""The colour that the terminal has where none is set."""

_DIGITS = frozenset("0123456789ABCDEF")
_CODE = 14
"""Characters of a style: front and back (RGB) and its ``picture.ATTRIBUTES``, in hexadecimal."""


class Screenful:
    """The pane as it was seen; plain, because a dataclass costs 6 ms to import.

    Attributes:
        size: Columns and rows of the whole window.
        theme: The theme's name.
        conversation_id: What was seen.
        is_end: Whether its end was seen.
        rows: The pane's rows, spans of text with the code of their style.
        place: The first of these rows, and how many there are to scroll through.
    """

    def __init__(
        self,
        size: tuple[int, int],
        theme: str,
        conversation_id: int,
        rows: list[list[tuple[str, str]]],
        place: tuple[int, int],
        *,
        is_end: bool,
    ) -> None:
        self.size = size
        self.theme = theme
        self.conversation_id = conversation_id
        self.rows = rows
        self.place = place
        self.is_end = is_end

    def fits(self, columns: int, rows: int, theme: str, *, has_colors: bool = True) -> bool:
        """Return whether it would look the same in a window of this size."""
        seen = theme if has_colors else COLORLESS
        return self.size == (columns, rows) and self.theme == seen

    def in_room(self, room: int) -> list[list[tuple[str, str]]]:
        """Return as many of the rows as there is room for; fewer where there are not so many."""
        if not self.is_end:
            return self.rows[:room]
        return self.rows[max(0, len(self.rows) - room) :]


def is_safe(text: str) -> bool:
    """Return whether ``text`` holds no control characters and no overrides of the direction."""
    return text.isprintable() or not any(
        each < " "
        or "\x7f" <= each <= "\x9f"
        or "\u202a" <= each <= "\u202e"
        or "\u2066" <= each <= "\u2069"
        for each in text
    )


def to_bytes(screenful: Screenful) -> bytes:
    """Return what a file holds; ``from_bytes`` reads it."""
    end = "end" if screenful.is_end else "place"
    numbers = (*screenful.size, *screenful.place, screenful.conversation_id)
    head = f"{screenful.theme} {end} {' '.join(map(str, numbers))}"
    lines = ["\t".join(code + text for text, code in row) for row in screenful.rows]
    body = "\n".join([head, *lines]).encode()
    return f"{FORMAT} {sum(body)}\n".encode() + body


def from_bytes(data: bytes) -> Screenful | None:
    """Return what ``to_bytes`` was given; None where ``data`` is anything else."""
    try:
        head, _, body = data.partition(b"\n")
        if head.decode() != f"{FORMAT} {sum(body)}":
            return None
        said, *lines = body.decode().split("\n")
        theme, end, *numbers = said.split(" ")
        columns, rows, top, height, conversation_id = map(int, numbers)
        spans = [[_span(span) for span in line.split("\t")] for line in lines]
        if not (top >= 0 and top + len(spans) <= height and len(spans) <= rows):
            return None
        is_end = end == "end"
        return Screenful(
            (columns, rows), theme, conversation_id, spans, (top, height), is_end=is_end
        )
    except ValueError:
        return None


def read_screenful(path: str) -> Screenful | None:
    """Return what a file holds; None where there is none, or none that can be used."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return from_bytes(os.read(descriptor, MOST_BYTES))
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _span(written: str) -> tuple[str, str]:
    """Return text and code.

    Raises:
        ValueError: It is not what ``to_bytes`` writes, or would steer a terminal.
    """
    code, text = written[:_CODE], written[_CODE:]
    front, back, attributes = code[:6], code[6:12], code[12:]
    if not (front == NO_COLOR or _is_color(front)) or not _is_color(back):
        raise ValueError
    if len(code) != _CODE or not _DIGITS.issuperset(attributes) or not is_safe(text):
        raise ValueError
    return text, code


def _is_color(code: str) -> bool:
    if code.startswith(OF_TERMINAL):
        return code == DEFAULT_COLOR or (code[4:5] == "0" and code[5:] in _DIGITS)
    return _DIGITS.issuperset(code)
