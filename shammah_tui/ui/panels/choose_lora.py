"""Asks for an adapter on this disk."""

from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from shammah_tui.core.errors import InvalidAdapterError
from shammah_tui.core.model.model_spec import Lora
from shammah_tui.services.local.lora_shelf import LoraShelf
from shammah_tui.ui.panels.path_input import PathInput

HINT = "Tab completes the path · Enter adds it · Esc cancels"


class ChooseAdapter(ModalScreen[Lora | None]):
    """One path, asked for until there is an adapter at it; Esc adds none.

    Args:
        shelf: Takes it into its list.
    """

    DEFAULT_CSS = """
    ChooseAdapter {
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
        .hint { height: auto; color: $text-muted; margin: 1 0 0 0; }
        .hint.-refused { color: $warning; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "close", "Cancel")]

    @dataclass
    class Looked(Message):
        """The disk was looked at: an adapter, or why there is none."""

        lora: Lora | None
        refusal: str = ""

    def __init__(self, shelf: LoraShelf) -> None:
        super().__init__()
        self._shelf = shelf
        self._path = PathInput(".gguf")
        self._hint = Static(HINT, classes="hint", markup=False)

    def compose(self) -> ComposeResult:
        """The path, and what is wrong with it."""
        with Vertical() as panel:
            panel.border_title = "Add an adapter: a GGUF file on this disk"
            yield self._path
            yield self._hint

    def on_mount(self) -> None:
        """Have it typed."""
        self._path.focus()

    def on_input_changed(self) -> None:
        """What was wrong may be right now."""
        self._say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Look at the file."""
        if path := event.value.strip():
            self._add(path)

    @work(thread=True, exclusive=True)
    def _add(self, path: str) -> None:
        try:
            self.post_message(self.Looked(self._shelf.add(path)))
        except InvalidAdapterError as error:
            self.post_message(self.Looked(None, str(error)))

    def on_choose_adapter_looked(self, event: Looked) -> None:
        """Answer with it, or say why it cannot be."""
        if event.lora is not None:
            self.dismiss(event.lora)
        else:
            self._say(event.refusal)

    def action_close(self) -> None:
        """Add none."""
        self.dismiss(None)

    def _say(self, refusal: str) -> None:
        self._hint.set_class(bool(refusal), "-refused")
        self._hint.update(Content(refusal or HINT))
