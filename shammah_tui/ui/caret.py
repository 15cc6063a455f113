"""The terminal's own cursor, where input methods draw what is being composed."""

from textual.app import App
from textual.geometry import Offset


class CaretApp(App[None]):
    """An app whose cursor is at the caret of whoever has the focus, in each frame.

    Textual is told when a caret moves, and would leave the cursor behind when the composer grows
    or the window changes its size: the caret is asked for instead, when the frame is written.
    """

    _cursor_told = Offset(0, 0)

    @property
    def cursor_position(self) -> Offset:
        """Where the cursor is put with the next frame."""
        offset = getattr(self.focused, "cursor_screen_offset", None)
        return offset if isinstance(offset, Offset) else self._cursor_told

    @cursor_position.setter
    def cursor_position(self, offset: Offset) -> None:
        self._cursor_told = offset
