"""The panel in which the LoRA adapters of the settings are switched."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList, Static

from shammah_tui.core.lora import Lora
from shammah_tui.core.plain_text import plain
from shammah_tui.services.bootstrap import BootstrapLoader
from shammah_tui.services.local_side import Adapters, Snapshot
from shammah_tui.ui.keys import bindings
from shammah_tui.ui.screens.model_screen import ModelScreen


class AdapterPanel(ModelScreen[None], ModalScreen[None]):
    """The adapters there are, each on or off, and what came of it.

    Args:
        loader: Who applies them.
        loras: Those that the settings name.
    """

    DEFAULT_CSS = """
    AdapterPanel {
        align: center middle;
        background: $background 60%;
        & > Vertical {
            width: 72;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 0 1;
            border: round $border;
            border-title-color: $primary;
            background: $surface;
        }
        OptionList, OptionList:focus {
            height: auto;
            max-height: 12;
            border: none;
            background: $surface;
        }
        Static { height: auto; min-height: 2; margin: 1 1 0 1; color: $text-muted; }
        Footer { background: $surface; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("space", "switch", "On or off"),
        ("escape,l", "close", "Close"),
        *bindings("quit", show=False),
    ]

    def __init__(self, loader: BootstrapLoader, loras: tuple[Lora, ...]) -> None:
        super().__init__(loader)
        self._loras = loras
        wanted = {lora.path for lora in self.snapshot.adapters.wanted}
        self._on = [lora.path in wanted for lora in loras]
        self._list = OptionList(*map(self._line, range(len(loras))), markup=False)
        self._said = Static(markup=False)

    def compose(self) -> ComposeResult:
        """The list, and what came of the last switch."""
        with Vertical() as panel:
            panel.border_title = "Adapters"
            yield self._list
            yield self._said
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin on the first one."""
        self._list.highlighted = 0
        self._list.focus()
        self._say()

    def watch_snapshot(self, before: Snapshot, after: Snapshot) -> None:
        """Say what came of it."""
        super().watch_snapshot(before, after)
        if self.is_mounted:
            self._say()

    def action_switch(self) -> None:
        """Switch the adapter under the cursor."""
        self._list.action_select()

    @on(OptionList.OptionSelected)
    def _switch(self, event: OptionList.OptionSelected) -> None:
        number = event.option_index
        self._on[number] = not self._on[number]
        self._list.replace_option_prompt_at_index(number, self._line(number))
        self.loader.set_adapters(
            tuple(lora for lora, is_on in zip(self._loras, self._on, strict=True) if is_on)
        )

    def action_close(self) -> None:
        """Go back to the models."""
        self.dismiss(None)

    def _line(self, number: int) -> str:
        lora = self._loras[number]
        scale = "" if lora.scale == 1.0 else f" × {lora.scale:g}"
        return f"{'[x]' if self._on[number] else '[ ]'} {plain(lora.name)}{scale}"

    def _say(self) -> None:
        has_model = self.snapshot.active is not None
        self._said.update(Content(_sentence(self.snapshot.adapters, has_model=has_model)))


def _sentence(adapters: Adapters, *, has_model: bool) -> str:
    if not has_model:
        return "They are applied when a model has been loaded."
    if adapters.pending:
        return "Applying…"
    if adapters.refusals:
        return "\n".join(plain(each) for each in adapters.refusals)
    if not adapters.applied:
        return "None is applied: the model replies as it was made."
    return f"Applied: {', '.join(plain(lora.name) for lora in adapters.applied)}"
