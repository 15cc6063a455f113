"""A list of the themes, each shown while it is highlighted."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from shammah_tui.core.wording import notices
from shammah_tui.ui.panels.panel import Panel, closing


class ThemePanel(Panel[str]):
    """Returns the name of the theme that was chosen; None leaves the present one."""

    DEFAULT_CSS = """
    ThemePanel {
        align: right top;
        background: $background 0%;
        & > Vertical { width: 36; max-width: 100%; height: 100%; max-height: 24; padding: 0 1; }
        OptionList, OptionList:focus { border: none; padding: 0; background: $surface; }
        OptionList { height: 1fr; }
    }
    """
    TITLE = "Theme"
    HINT = notices.ENTER_CHOOSES
    BINDINGS: ClassVar[list[BindingType]] = closing(word="Cancel")

    def __init__(self, names: Sequence[str], present: str) -> None:
        super().__init__()
        self._names = tuple(names)
        self._present = present

    def content(self) -> ComposeResult:
        marked = ((name, "●" if name == self._present else " ") for name in self._names)
        yield OptionList(
            *(Option(f"{mark} {name}", id=name) for name, mark in marked), markup=False
        )

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = self._names.index(self._present)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_id is not None:
            self.app.theme = event.option_id

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)
