"""Asks for a title."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class Rename(ModalScreen[str | None]):
    """One line to be edited; Esc leaves it as it was.

    Args:
        title: The present title.
    """

    DEFAULT_CSS = """
    Rename {
        align: center middle;
        & > Vertical {
            width: 64;
            max-width: 90%;
            height: auto;
            padding: 1 2;
            border: round $border;
            background: $surface;
        }
        .hint { color: $text-muted; margin: 1 0 0 0; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "close", "Cancel")]

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        """The title in a line."""
        with Vertical():
            yield Static("Title", markup=False)
            yield Input(self._title, max_length=200)
            yield Static("Enter saves · Esc cancels", classes="hint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the new title."""
        self.dismiss(" ".join(event.value.split()) or None)

    def action_close(self) -> None:
        """Leave it as it was."""
        self.dismiss(None)
