"""The panel in which models are chosen, downloaded and deleted."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.console import JustifyMethod
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Paste
from textual.message import Message
from textual.widgets import DataTable, Input, Static

from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.local.generator import Downloading, Loading, Ready, Snapshot
from shammah_tui.core.local.speed import format_speed
from shammah_tui.core.model.llama_build import idle_sentence
from shammah_tui.core.model.model_spec import KvType, ModelSpec
from shammah_tui.core.model.quant_choice import DEFAULT_QUANT, quant_of
from shammah_tui.core.text.plain_text import plain, truncate
from shammah_tui.core.text.units import format_percent, format_size
from shammah_tui.core.wording import notices
from shammah_tui.core.wording.status import StatusKeys, fit, status_parts
from shammah_tui.services.local.bootstrap import BootstrapLoader
from shammah_tui.services.local.model_list import ListedModel, ModelList
from shammah_tui.ui.chat.generator_header import ModelScreen, with_model_actions
from shammah_tui.ui.frame.base_app import BaseApp
from shammah_tui.ui.frame.keys import bindings
from shammah_tui.ui.panels.confirm import Confirm
from shammah_tui.ui.panels.lora_panel import LoraPanel
from shammah_tui.ui.panels.panel import Panel, closing

COLUMNS = ("Model", "Size", "Needs", "Speed", "Status", "Licence")

NARROW_LABEL = 16
"""Cells of a model's name where the window is narrow: all columns fit 80."""
WIDE_COLUMNS = 92
"""From here on every name of the catalogue fits whole."""


class ModelPanel(Panel[None], ModelScreen[None]):
    """Every model that can be chosen, with what it takes and whether it is here."""

    DEFAULT_CSS = """
    ModelPanel {
        & > Vertical { width: 100%; max-width: 104; height: 100%; max-height: 28; padding: 0 1; }
        DataTable { height: 1fr; background: $surface; scrollbar-size-vertical: 1; }
        Input { height: 1; border: none; padding: 0; margin: 1 1 0 1; background: $surface; }
        .detail { height: auto; min-height: 2; margin: 1 1 0 1; color: $text-muted; }
        .status { height: 1; margin: 0 1; }
    }
    """
    TITLE = "Models"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Use this model", priority=True),
        *with_model_actions(bindings("cancel", "retry")),
        Binding("delete,d", "delete", "Delete"),
        Binding("slash,o", "other", "By name"),
        Binding("l", "loras", "LoRAs"),
        *closing("escape,f2"),
    ]

    @dataclass
    class Deleted(Message):
        """A model was deleted, or was not: why, as a sentence."""

        refusal: str

    def __init__(
        self,
        loader: BootstrapLoader,
        models: ModelList,
        keys: StatusKeys,
        *,
        claude_available: bool,
    ) -> None:
        super().__init__()
        self.follow(loader)
        self._claude_available = claude_available
        self._models = models
        self._keys = keys
        self._entries: tuple[ListedModel, ...] = ()
        self._table: DataTable[Text] = DataTable(cursor_type="row", zebra_stripes=False)
        self._field = Input(placeholder="Model: owner/repo, address or path", compact=True)
        self._sought = _usual(self.snapshot.choices)
        self._detail = Static(classes="detail", markup=False)
        self._status = Static(classes="status", markup=False)

    def content(self) -> ComposeResult:
        yield self._table
        yield self._field
        yield self._detail
        yield self._status

    def on_mount(self) -> None:
        for column in COLUMNS:
            self._table.add_column(column, key=column)
        self._show_status()
        self._list()

    def watch_snapshot(self, before: Snapshot, after: Snapshot) -> None:
        super().watch_snapshot(before, after)
        if not self.is_mounted:
            return
        self._show_status()
        if _subject(before) == _subject(after) and before != after:
            self._show_progress()
        else:
            # Something began or ended.
            self._list()

    @work(exclusive=True, group="list")
    async def _list(self) -> None:
        """Fill the table; the cursor stays on its model, at first on the one in use."""
        entries = await asyncio.to_thread(self._models.entries)
        before = self._current()
        row = self._table.cursor_row
        self._entries = entries
        self._table.clear()
        for entry in self._entries:
            self._table.add_row(*self._cells(entry), key=entry.model.id)
        rows = {entry.model.id: number for number, entry in enumerate(self._entries)}
        sought = self._sought or (before.model.id if before is not None else "")
        if sought in rows:
            row, self._sought = rows[sought], ""
        elif before is None:
            marked = [entry for entry in self._entries if entry.is_active]
            marked += [entry for entry in self._entries if entry.is_wanted]
            marked += [entry for entry in self._entries if entry.recommendation]
            row = rows[marked[0].model.id] if marked else 0
        self._table.move_cursor(row=row)
        self._show_detail()
        self.refresh_bindings()

    def on_data_table_row_highlighted(self) -> None:
        self._show_detail()
        self.refresh_bindings()

    def on_data_table_row_selected(self) -> None:
        self.action_choose()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        entry = self._current()
        if action == "delete":
            return entry is not None and entry.can_be_deleted
        if action in ("retry_model", "resume_model") and self._resumes(entry):
            return action == "resume_model"
        if action == "other":
            return not self._field.has_focus
        if action == "loras":
            return self._models.loras is not None
        if action == "choose" and self._field.has_focus:
            return True
        if action == "choose":
            is_settled = isinstance(self.snapshot.state, Ready) and not self.snapshot.next_rung
            return entry is not None and not (entry.is_active and is_settled)
        return super().check_action(action, parameters)

    def action_choose(self) -> None:
        """Switch to the model under the cursor, or in the field; the present one replies on."""
        if self._field.has_focus and not self._field.value.strip():
            self._table.focus()
        elif self._field.has_focus:
            if isinstance(self.app, BaseApp):
                self.app.remove_seen_notices()
            self._resolve(self._field.value)
        elif (entry := self._current()) is not None:
            self.loader.switch(entry.model)

    def action_resume_model(self) -> None:
        """Go on with the download under the cursor, else with what the state speaks of."""
        entry = self._current()
        if entry is not None and self._resumes(entry):
            self.loader.switch(entry.model)
        else:
            super().action_resume_model()

    def on_paste(self, event: Paste) -> None:
        self.action_other()
        self._field.post_message(Paste(event.text))

    def action_other(self) -> None:
        self._field.focus()

    @work(exclusive=True, group="name")
    async def _resolve(self, name: str) -> None:
        """Switch to what was written, or say why not; the text stays to be corrected."""
        try:
            # Looks at the disk, and that may be a slow one.
            model = await asyncio.to_thread(self._models.resolve, name)
        except InvalidModelError as error:
            self.notify(str(error), severity="warning", markup=False)
            return
        self._field.clear()
        self._table.focus()
        self._sought = model.id
        self.loader.switch(model)

    def choose_of_several(self) -> None:
        self._sought = _usual(self.snapshot.choices)
        self._list()

    @work
    async def action_delete(self) -> None:
        if (entry := self._current()) is None:
            return
        if self._is_under_way(entry):
            hint = notices.still_downloading(self._keys.cancel)
            self.notify(hint, severity="warning")
            return
        label, size = plain(entry.model.label), format_size(entry.kept_bytes)
        question = notices.delete_question(label, size, is_whole=entry.is_here)
        if await self.app.push_screen_wait(Confirm(question, "Delete")):
            self.loader.delete(entry.model, self._deleted)

    def _deleted(self, refusal: str) -> None:
        self.post_message(self.Deleted(refusal))

    def on_model_panel_deleted(self, event: Deleted) -> None:
        if event.refusal:
            self.notify(event.refusal, severity="warning", markup=False)
        self._list()

    def action_loras(self) -> None:
        if self._models.loras is not None:
            self.app.push_screen(LoraPanel(self.loader, self._models.loras))

    def action_close(self) -> None:
        if self._field.has_focus:
            self._field.clear()
            self._table.focus()
        else:
            super().action_close()

    def _is_under_way(self, entry: ListedModel) -> bool:
        return entry.is_wanted and isinstance(self.snapshot.state, Downloading | Loading)

    def _resumes(self, entry: ListedModel | None) -> bool:
        """Whether the retry key goes on with this download, not with the present model's."""
        return entry is not None and entry.is_in_part and not entry.is_wanted

    def _current(self) -> ListedModel | None:
        row = self._table.cursor_row
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def _cells(self, entry: ListedModel) -> tuple[Text, ...]:
        size = entry.size_bytes
        unknown = "?" if entry.model.host is None else "none"
        on_disk = format_size(size) if size else unknown
        choice = entry.choice
        need_bytes = None if choice is None else choice.need_bytes
        needs = unknown if need_bytes is None else format_size(need_bytes)
        mark = "● " if entry.is_active else "★ " if entry.recommendation else "  "
        tight = choice is not None and bool(choice.warning)
        room = NARROW_LABEL if self._is_narrow else 40
        label = truncate(plain(entry.model.label), room)
        speed = format_speed(entry.pace)
        licence = plain(entry.model.licence) or "unknown"
        return (
            self._text(f"{mark}{label}", "success" if entry.is_active else ""),
            Text(on_disk, justify="right"),
            self._text(needs, "warning" if tight else "", justify="right"),
            Text(speed, style="" if entry.pace and entry.pace.measured else "dim", justify="right"),
            self._status_of(entry),
            Text(licence),
        )

    @property
    def _is_narrow(self) -> bool:
        return self.app.size.width < WIDE_COLUMNS

    def _status_of(self, entry: ListedModel) -> Text:
        state = self.snapshot.state
        if entry.is_wanted and isinstance(state, Loading):
            return self._text("loading", "primary")
        if entry.is_wanted and isinstance(state, Downloading):
            share = state.fraction
            return self._text("downloading" if share is None else format_percent(share), "primary")
        if entry.is_active:
            return self._text("in use", "success")
        follows = self.snapshot.next_rung
        is_next = follows is not None and follows.id == entry.model.id
        if entry.is_here:
            return Text("on disk" if not is_next else "next")
        if entry.kept_bytes:
            size = entry.size_bytes
            # The line below the table has both sizes.
            is_share = size is not None and size >= entry.kept_bytes
            return Text(format_percent(entry.kept_bytes / size) if is_share and size else "in part")
        return Text("next") if is_next else Text("not here", style="dim")

    def _text(self, text: str, colour: str, justify: JustifyMethod = "left") -> Text:
        style = self.app.theme_variables[colour] if colour else ""
        return Text(text, style=style, justify=justify)

    def _show_progress(self) -> None:
        for entry in self._entries:
            if entry.is_wanted:
                self._table.update_cell(
                    entry.model.id, "Status", self._status_of(entry), update_width=True
                )

    def _show_status(self) -> None:
        shown = self.snapshot
        parts = status_parts(
            shown.state,
            self._keys,
            claude_available=self._claude_available,
            active=shown.active,
            next_rung=shown.next_rung,
        )
        self._status.update(Content(fit(parts, max(20, min(98, self.app.size.width - 6)))))

    def _show_detail(self) -> None:
        entry = self._current()
        if entry is None:
            return
        model, choice = entry.model, entry.choice
        if model.host is not None:
            where = f"Served by {model.host}"
        else:
            licence = f" · {model.licence}" if model.licence else ""
            where = model.local_path or f"{model.repo}{licence}"
        said = []
        if entry.is_in_part and not self._is_under_way(entry):
            said.append(f"{entry.amount()} here · {self._keys.retry} resume · d delete")
        if entry.recommendation:
            reason = entry.recommendation
            said.append(f"★ Recommended: {reason[:1].lower()}{reason[1:]}")
        if choice is not None:
            said.append(f"{choice.context_length // 1024}K tokens of context")
            if not entry.recommendation:
                said.append(f"{format_size(choice.budget_bytes)} of memory available")
            if choice.gpu_layers is not None and not entry.recommendation:
                said.append(f"{choice.gpu_layers} layers on the card")
            if choice.kv_type is KvType.Q8_0:
                said.append("keys and values in q8_0")
            if choice.warning:
                said.append(choice.warning)
        if entry.pace is not None and not entry.pace.measured:
            said.append("speed is an estimate")
        lines = [plain(where), " · ".join(said)]
        hardware = self.snapshot.hardware
        if hardware is not None and hardware.idle_gpus:
            lines.append(idle_sentence(hardware.idle_gpus[0]))
        self._detail.update(Content("\n".join(lines)))


def _usual(choices: Sequence[ModelSpec]) -> str:
    """Return which of the models in one repository is the usual one; empty where there are none."""
    usual = (each for each in choices if quant_of(each.files[0].name) == DEFAULT_QUANT)
    return next((each.id for each in (*usual, *choices)), "")


def _subject(snapshot: Snapshot) -> tuple[object, ...]:
    """Return what the rows depend on besides a transfer's figures.

    The model counts too: of a switch during a download the screen may see only both downloads.
    """
    wanted = getattr(snapshot.state, "model", None)
    comes = snapshot.recommended, snapshot.next_rung
    return type(snapshot.state), wanted, snapshot.active, *comes
