"""The base of all panels: a frame over the chat, with a title, content, and what the keys do."""

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from shammah_tui.ui.frame.key_line import PanelKeys
from shammah_tui.ui.frame.keys import bindings

Result = TypeVar("Result")


def closing(keys: str = "escape", word: str = "Close") -> list[BindingType]:
    """Return the last bindings of a panel: those that close it, and the one that quits."""
    return [Binding(keys, "close", word), *bindings("quit", show=False)]


class Panel(ModalScreen[Result | None]):
    """A panel; closed by its keys, it returns nothing.

    A subclass sets ``TITLE``, writes ``content``, and gives its frame, a ``Vertical``, a size where
    it is not that of a dialog.
    """

    HINT: ClassVar[str | None] = None
    """The line below the content; None: the keys and what they do now."""

    DEFAULT_CSS = """
    Panel {
        align: center middle;
        & > Vertical {
            width: 72;
            max-width: 90%;
            height: auto;
            padding: 1 2;
            border: round $border;
            border-title-color: $primary;
            background: $surface;
        }
        .hint { color: $text-muted; margin: 1 0 0 0; }
    }
    """

    def compose(self) -> ComposeResult:
        with Vertical() as frame:
            frame.border_title = self.TITLE
            yield from self.content()
            if self.HINT is None:
                yield PanelKeys()
            elif self.HINT:
                yield Static(self.HINT, classes="hint", markup=False)

    def content(self) -> ComposeResult:
        """Yield what is between the title and the last line."""
        raise NotImplementedError

    def action_close(self) -> None:
        self.dismiss(None)
