"""What was asked of whom, and what it cost and saved."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from shammah_tui.core.conversation.ledger import Period, ledger_lines, ledger_total
from shammah_tui.core.conversation.prices import PriceList
from shammah_tui.core.errors import StoreError
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.wording import notices
from shammah_tui.core.wording.ledger_table import ledger_table, notes_on
from shammah_tui.ports import ConversationStore
from shammah_tui.ui.panels.panel import Panel, closing

MOST_ROWS, FRAME_ROWS = 36, 7
"""Rows of the panel, and those of them round the table and what is said about it."""


class LedgerPanel(Panel[None]):
    """The ledger by month or by day, all of it in the last line; ``model`` is Claude's."""

    DEFAULT_CSS = """
    LedgerPanel {
        & > Vertical { width: 100%; max-width: 116; height: 100%; max-height: 36; padding: 0 1; }
        .head { height: 1; color: $primary; text-style: bold; margin: 1 0 0 0; }
        VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
        .rows { height: auto; width: auto; }
        .notes { height: auto; color: $text-muted; margin: 1 0 0 0; }
    }
    """
    TITLE = "Usage"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d,m,left,right,tab", "other_period", "By day or month"),
        *closing(),
    ]

    def __init__(self, store: ConversationStore, model: str, prices: PriceList) -> None:
        super().__init__()
        self._store = store
        self._model = model
        self._price = prices.price_of(model)
        self._period = Period.MONTH
        self._head = Static(classes="head", markup=False)
        self._rows = Static(classes="rows", markup=False)
        self._notes = Static(classes="notes", markup=False)

    def content(self) -> ComposeResult:
        yield self._head
        with VerticalScroll():
            yield self._rows
            yield self._notes

    def on_resize(self) -> None:
        self._look_up()

    @work(exclusive=True)
    async def _look_up(self) -> None:
        try:
            rows = await self._store.ledger(self._period)
        except StoreError as error:
            self._rows.update(Content(plain(str(error))))
            return
        lines, total = ledger_lines(rows, self._price), ledger_total(rows, self._price)
        self.query_one(Vertical).border_subtitle = f"by {self._period.value}"
        if not lines:
            self._rows.update(Content(notices.NO_USAGE))
            return
        table = ledger_table([*lines, total])
        if max(map(len, table)) > self.query_one(VerticalScroll).size.width:
            table = ledger_table([*lines, total], is_narrow=True)
        self._head.update(Content(table[0]))
        *most, last = (Content(line) for line in table[1:])
        self._rows.update(Content("\n").join([*most, last.stylize("bold")]))
        notes = notes_on(self._model, self._price, total, "the settings")
        self._notes.update(Content("\n".join(notes)))
        width = self.query_one(VerticalScroll).size.width
        below = self._notes.get_content_height(self.size, self.size, width)
        height = len(table) - 1 + below + FRAME_ROWS
        self.query_one(Vertical).styles.max_height = min(MOST_ROWS, height)

    def action_other_period(self) -> None:
        self._period = Period.DAY if self._period is Period.MONTH else Period.MONTH
        self._look_up()
