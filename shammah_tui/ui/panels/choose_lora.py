"""Asks for a LoRA on this disk."""

from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from shammah_tui.core.errors import InvalidLoraError
from shammah_tui.core.model.model_spec import Lora
from shammah_tui.services.local.lora_shelf import LoraShelf
from shammah_tui.ui.panels.panel import Panel
from shammah_tui.ui.panels.path_input import PathInput


class ChooseLora(Panel[Lora]):
    """One path, asked for until there is a LoRA at it; Esc adds none.

    Args:
        shelf: Takes it into its list.
    """

    DEFAULT_CSS = "ChooseLora .hint.-refused { color: $warning; }"
    TITLE = "Add an adapter: a GGUF file on this disk"
    HINT = "Tab completes the path · Enter adds it · Esc cancels"

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "close", "Cancel")]

    @dataclass
    class Looked(Message):
        """The disk was looked at: a LoRA, or why there is none."""

        lora: Lora | None
        refusal: str = ""

    def __init__(self, shelf: LoraShelf) -> None:
        super().__init__()
        self._shelf = shelf

    def content(self) -> ComposeResult:
        yield PathInput(".gguf")

    def on_input_changed(self) -> None:
        self._say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if path := event.value.strip():
            self._add(path)

    @work(thread=True, exclusive=True)
    def _add(self, path: str) -> None:
        try:
            self.post_message(self.Looked(self._shelf.add(path)))
        except InvalidLoraError as error:
            self.post_message(self.Looked(None, str(error)))

    def on_choose_lora_looked(self, event: Looked) -> None:
        if event.lora is not None:
            self.dismiss(event.lora)
        else:
            self._say(event.refusal)

    def _say(self, refusal: str) -> None:
        hint = self.query_one(".hint", Static)
        hint.set_class(bool(refusal), "-refused")
        hint.update(Content(refusal or self.HINT))
