"""A list of the themes, each shown while it is highlighted."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from shammah_tui.ui.frame.keys import bindings


class ThemePanel(ModalScreen[str | None]):
    """Returns the name of the theme that was chosen; None leaves the present one.

    Args:
        names: The themes, in the order of the list.
        present: The one that is in use, which is marked.
    """

    DEFAULT_CSS = """
    ThemePanel {
        align: right top;
        background: $background 0%;
        & > Vertical {
            width: 36;
            height: 100%;
            max-height: 24;
            padding: 0 1;
            border: round $border;
            border-title-color: $primary;
            background: $surface;
        }
        OptionList, OptionList:focus { border: none; padding: 0; background: $surface; }
        OptionList { height: 1fr; }
        .hint { height: auto; color: $text-muted; margin: 1 0 0 0; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Cancel"),
        *bindings("quit", show=False),
    ]

    def __init__(self, names: Sequence[str], present: str) -> None:
        super().__init__()
        self._names = tuple(names)
        self._present = present

    def compose(self) -> ComposeResult:
        """The list over the keys."""
        with Vertical() as panel:
            panel.border_title = "Theme"
            yield OptionList(
                *(
                    Option(f"{'●' if name == self._present else ' '} {name}", id=name)
                    for name in self._names
                ),
                markup=False,
            )
            yield Static("Enter chooses · Esc cancels", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Begin at the theme in use."""
        themes = self.query_one(OptionList)
        themes.focus()
        themes.highlighted = self._names.index(self._present)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the theme."""
        if event.option_id is not None:
            self.app.theme = event.option_id

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose it."""
        self.dismiss(event.option_id)

    def action_close(self) -> None:
        """Leave the theme as it was."""
        self.dismiss(None)
