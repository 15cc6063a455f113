"""Asks for a title."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input, Static

from shammah_tui.core.wording import notices
from shammah_tui.ui.panels.panel import Panel


class Rename(Panel[str]):
    """One line to be edited; Esc leaves it as it was."""

    DEFAULT_CSS = "Rename > Vertical { width: 64; }"
    HINT = notices.ENTER_SAVES
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "close", "Cancel")]

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def content(self) -> ComposeResult:
        yield Static("Title", markup=False)
        yield Input(self._title, max_length=200)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(" ".join(event.value.split()) or None)
