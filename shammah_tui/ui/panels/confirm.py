"""A question that is answered with yes or no."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Static

from shammah_tui.ui.panels.panel import Panel


class Confirm(Panel[bool]):
    """Asks before something that cannot be undone; anything but yes is no."""

    DEFAULT_CSS = """
    Confirm {
        & > Vertical { width: 64; border: round $warning; }
        Horizontal { height: auto; align-horizontal: right; margin: 1 0 0 0; }
        Button { margin: 0 0 0 2; }
    }
    """

    HINT = ""
    # Enter is harmless.
    AUTO_FOCUS = "#no"

    BINDINGS: ClassVar[list[BindingType]] = [
        ("y", "answer(True)", "Yes"),
        ("n,escape", "answer(False)", "No"),
        ("left,right", "other_button", "Other button"),
    ]

    def __init__(self, question: str, yes: str) -> None:
        super().__init__()
        self._question = question
        self._yes = yes

    def content(self) -> ComposeResult:
        yield Static(Content(self._question), markup=False)
        with Horizontal():
            yield Button("No (n)", id="no", compact=True)
            yield Button(f"{self._yes} (y)", id="yes", variant="warning", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)

    def action_other_button(self) -> None:
        self.focus_next(Button)
