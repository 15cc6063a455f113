"""The panel in which LoRAs are chosen and switched, and the one that asks for a file."""

import asyncio
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from shammah_tui.core.errors import InvalidLoraError
from shammah_tui.core.local.generator import Snapshot
from shammah_tui.core.model.model_spec import Lora
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording import notices
from shammah_tui.services.local.bootstrap import BootstrapLoader
from shammah_tui.services.local.lora_list import LoraList
from shammah_tui.ui.chat.generator_header import ModelScreen
from shammah_tui.ui.panels.panel import Panel, closing
from shammah_tui.ui.panels.path_input import PathInput, home_path

_CACHED = "models--"


class ChooseLora(Panel[Lora]):
    """One path, asked for until there is a LoRA at it; Esc adds none."""

    DEFAULT_CSS = "ChooseLora .hint.-refused { color: $warning; }"
    TITLE = notices.ADD_LORA
    HINT = notices.TAB_COMPLETES

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "close", "Cancel")]

    def __init__(self, listed: LoraList) -> None:
        super().__init__()
        self._listed = listed

    def content(self) -> ComposeResult:
        yield PathInput(".gguf")

    def on_input_changed(self) -> None:
        self._say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if path := event.value.strip():
            self._add(path)

    @work(exclusive=True)
    async def _add(self, path: str) -> None:
        try:
            self.dismiss(await asyncio.to_thread(self._listed.add, path))
        except InvalidLoraError as error:
            self._say(str(error))

    def _say(self, refusal: str) -> None:
        hint = self.query_one(".hint", Static)
        hint.set_class(bool(refusal), "-refused")
        hint.update(Content(refusal or self.HINT))


class LoraPanel(Panel[None], ModelScreen[None]):
    """The LoRAs there are, each on or off, those found on the disk, and what came of it."""

    DEFAULT_CSS = """
    LoraPanel {
        & > Vertical { max-width: 100%; max-height: 100%; padding: 0 1; }
        OptionList, OptionList:focus {
            height: auto;
            max-height: 12;
            border: none;
            background: $surface;
            text-wrap: nowrap;
            text-overflow: ellipsis;
        }
        Static { height: auto; min-height: 2; margin: 1 1 0 1; color: $text-muted; }
    }
    """
    TITLE = "LoRAs"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("space", "switch", "On or off"),
        ("a", "add", "Add from disk"),
        ("delete,d", "remove", "Remove from the list"),
        *closing("escape,l"),
    ]

    def __init__(self, loader: BootstrapLoader, listed: LoraList) -> None:
        super().__init__()
        self.follow(loader)
        self._listed = listed
        self._loras = listed.all()
        self._found: tuple[Lora, ...] = ()
        self._on = {lora.path for lora in self.snapshot.loras.wanted}
        self._list = OptionList(markup=False)
        self._said = Static(markup=False)

    def content(self) -> ComposeResult:
        yield self._list
        yield self._said

    def on_mount(self) -> None:
        self._fill(0)
        self._find()

    def watch_snapshot(self, before: Snapshot, after: Snapshot) -> None:
        super().watch_snapshot(before, after)
        if self.is_mounted:
            self._say()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "switch":
            return self._list.highlighted is not None
        if action == "remove":
            lora = self._current()
            return lora is not None and self._listed.can_remove(lora)
        return super().check_action(action, parameters)

    @on(OptionList.OptionHighlighted)
    def _offer(self) -> None:
        self.refresh_bindings()

    def action_switch(self) -> None:
        self._list.action_select()

    @on(OptionList.OptionSelected)
    def _switch(self, event: OptionList.OptionSelected) -> None:
        number = event.option_index
        if number >= len(self._loras):
            self._take(self._found[number - len(self._loras)])
            return
        self._on ^= {self._loras[number].path}
        self._list.replace_option_prompt_at_index(number, self._line(number))
        self._apply()

    @work
    async def action_add(self) -> None:
        lora = await self.app.push_screen_wait(ChooseLora(self._listed))
        if lora is not None:
            self._is_in_the_list(lora)

    @work
    async def _take(self, lora: Lora) -> None:
        try:
            self._is_in_the_list(await asyncio.to_thread(self._listed.add, lora.path))
        except InvalidLoraError as error:
            self.notify(str(error), severity="error", markup=False)

    def _is_in_the_list(self, lora: Lora) -> None:
        self._loras = self._listed.all()
        self._found = tuple(each for each in self._found if each.path != lora.path)
        self._on.add(lora.path)
        at = next((n for n, each in enumerate(self._loras) if each.path == lora.path), 0)
        self._fill(at)
        self._apply()

    def action_remove(self) -> None:
        """Take the LoRA under the cursor off the list, and off the model; the file stays."""
        lora, at = self._current(), self._list.highlighted
        if lora is None or at is None:
            return
        self._listed.remove(lora)
        self._loras = self._listed.all()
        self._fill(at)
        if lora.path in self._on:
            self._on.discard(lora.path)
            self._apply()
        self._find()

    @work(exclusive=True, group="find")
    async def _find(self) -> None:
        found = await asyncio.to_thread(self._listed.found)
        listed = {lora.path for lora in self._loras}
        self._found = tuple(lora for lora in found if lora.path not in listed)
        self._fill(self._list.highlighted or 0)

    def _apply(self) -> None:
        self.loader.set_loras(tuple(lora for lora in self._loras if lora.path in self._on))

    def _current(self) -> Lora | None:
        at = self._list.highlighted
        return self._loras[at] if at is not None and at < len(self._loras) else None

    def _fill(self, at: int) -> None:
        lines: list[str | None] = [self._line(number) for number in range(len(self._loras))]
        if self._found:
            found = (f"[+] {plain(each.name)}  {_where(each)}" for each in self._found)
            lines += [*([None] if lines else []), *found]
        self._list.clear_options()
        self._list.add_options(lines)
        count = len(self._loras) + len(self._found)
        self._list.highlighted = min(at, count - 1) if count else None
        self.refresh_bindings()
        self._say()

    def _line(self, number: int) -> str:
        lora = self._loras[number]
        scale = "" if lora.scale == 1.0 else f" × {lora.scale:g}"
        return f"{'[x]' if lora.path in self._on else '[ ]'} {plain(lora.name)}{scale}"

    def _say(self) -> None:
        self._said.update(Content(self._sentence()))

    def _sentence(self) -> str:
        if not self._loras:
            folder = plain(str(home_path(Path(self._listed.folder))))
            return notices.no_loras(folder, has_found=bool(self._found))
        loras = self.snapshot.loras
        if self.snapshot.active is None:
            return notices.LORAS_NEED_MODEL
        if loras.pending:
            return "Applying…"
        if loras.refusals:
            return "\n".join(plain(each) for each in loras.refusals)
        if not loras.applied:
            return notices.NO_LORA_ON
        return f"Applied: {', '.join(plain(lora.name) for lora in loras.applied)}"


def _where(lora: Lora) -> str:
    """Return whose repository of the Hub's cache a LoRA lies in, else its folder."""
    folder = Path(lora.path).parent
    repo = next((part for part in folder.parts if part.startswith(_CACHED)), "")
    return plain(repo.removeprefix(_CACHED).replace("--", "/") or str(home_path(folder)))
