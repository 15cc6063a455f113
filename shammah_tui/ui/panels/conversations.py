"""The conversations that are kept: by time, or by what was said in them; and the bin.

Over 400 lines: the list, the search in it and the bin are one panel with one set of keys.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key, Paste
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerError

from shammah_tui.core.conversation.excerpts import Excerpt, SearchHit
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.conversation.records import ConversationSummary
from shammah_tui.core.conversation.search_query import BIN, SearchQuery, parse_query
from shammah_tui.core.conversation.titles import fitted_title
from shammah_tui.core.errors import StoreError
from shammah_tui.core.text.plain_text import cell_width, plain, truncate
from shammah_tui.core.text.units import format_age, local_time
from shammah_tui.core.wording import notices
from shammah_tui.core.wording.labels import claude_name
from shammah_tui.ui.chat.conversation_controller import ConversationController, named
from shammah_tui.ui.panels.panel import Panel, closing
from shammah_tui.ui.panels.rename import Rename

MOST_HITS = 50
SETTLED_S = 2.0
"""A key waits this long for the list that it is for."""
OPEN_MARK, PIN_MARK = "●", "⚑"
MARK_WIDTH, WHO_WIDTH, COUNT_WIDTH, AGE_WIDTH = 3, 22, 4, 10
GAP = "  "
LEAST_TITLE = 24
"""Cells; where a title would have less, the other columns go, the model first."""


def local_now() -> datetime:
    """Return the time that ages are counted to."""
    return datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the user opens, at a message or where it was left, and what was searched for."""

    conversation_id: int
    message_id: int | None = None
    query: SearchQuery | None = field(default=None, compare=False)


class Conversations(Panel[Chosen]):
    """A list to open, rename, pin and delete from, with a search over everything above it.

    What edits the search does so while it has the focus; only from the list something is deleted.
    """

    DEFAULT_CSS = """
    Conversations {
        & > Vertical { width: 100%; max-width: 110; height: 100%; max-height: 36; padding: 0 1; }
        Input, Input:focus {
            border: none;
            height: 1;
            padding: 0;
            margin: 0 1;
            background: $surface;
        }
        OptionList, OptionList:focus {
            width: 100%;
            height: 1fr;
            border: none;
            background: $surface;
            text-wrap: nowrap;
            text-overflow: ellipsis;
            scrollbar-size-vertical: 1;
        }
        .columns { height: auto; max-height: 2; margin: 1 0 0 0; padding: 0 1; color: $text-muted; }
        .detail { height: auto; max-height: 2; margin: 0 1; color: $text-muted; }
    }
    """
    TITLE = "Conversations"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move('down')", "List", show=False, priority=True),
        Binding("up", "move('up')", "List", show=False, priority=True),
        Binding("enter", "open", "Open", priority=True),
        Binding("enter", "restore", "Restore", priority=True),
        Binding("ctrl+r,f4", "rename", "Rename", id="rename"),
        Binding("ctrl+o,f5", "pin", "Pin", id="pin"),
        Binding("delete,ctrl+d", "delete", "Delete"),
        Binding("ctrl+z", "undo", "Undo", priority=True),
        Binding("ctrl+t", "bin", "Bin"),
        *closing("escape,f3"),
    ]

    def __init__(self, conversation: ConversationController, query: str) -> None:
        super().__init__()
        self._conversation = conversation
        self._summaries: dict[int, ConversationSummary] = {}
        self._choices: list[Chosen] = []
        self._in_bin = False
        self._deleted: str | None = None
        self._looked_for: str | None = None
        self._looking_up: Worker[None] | None = None
        self._query = Input(query, "Search all conversations", id="search", select_on_focus=False)
        self._columns = Static(classes="columns", markup=False)
        self._list = OptionList(markup=False)
        self._detail = Static(notices.FILTERS, classes="detail", markup=False)

    def content(self) -> ComposeResult:
        yield self._query
        yield self._columns
        yield self._list
        yield self._detail

    def on_mount(self) -> None:
        self._look_up()

    def on_resize(self) -> None:
        self.call_after_refresh(self._look_up)

    def on_input_changed(self) -> None:
        self._look_up()

    def on_key(self, event: Key) -> None:
        """Take what is typed in the list for the search.

        Also where the focus has left the list while the key was on its way; what the search takes
        itself does not come here.
        """
        if event.is_printable and event.character:
            self.set_focus(self._query)
            self._query.insert_text_at_cursor(event.character)
            event.stop()

    def on_paste(self, event: Paste) -> None:
        self.set_focus(self._query)
        self._query.post_message(Paste(event.text))

    def on_descendant_focus(self) -> None:
        self.refresh_bindings()

    def _look_up(self) -> None:
        self._looking_up = self._look_up_now()

    async def _settle(self) -> None:
        """Wait until the list shows what was typed: a key is for what its user will see.

        The app awaits it before the next key. Not for ever: with a disk that hangs there is Esc.
        """
        typed = asyncio.Event()
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLED_S):
                self._query.call_later(typed.set)
                await typed.wait()
                if self._looked_for != self._query.value:
                    self._look_up()
                while (worker := self._looking_up) is not None and not worker.is_finished:
                    with suppress(WorkerError):
                        await worker.wait()

    @property
    def _is_settled(self) -> bool:
        worker = self._looking_up
        return self._looked_for == self._query.value and worker is not None and worker.is_finished

    @work(exclusive=True, group="look up")
    async def _look_up_now(self) -> None:
        self._looked_for = self._query.value
        query = parse_query(self._looked_for)
        store = self._conversation.store
        try:
            if query.in_bin:
                summaries = await store.deleted_conversations()
            else:
                summaries = await store.conversations()
            is_search = not (query.is_empty or query.in_bin)
            hits = await store.search(query, MOST_HITS) if is_search else ()
        except StoreError as error:
            self._detail.update(Content(plain(str(error))))
            return
        self._in_bin = query.in_bin
        self._summaries = {summary.id: summary for summary in summaries}
        now = local_now()
        if is_search:
            self._fill(
                (Chosen(hit.conversation_id, hit.message_id, query), self._hit(hit, now))
                for hit in hits
            )
        else:
            if query.in_bin:
                summaries = tuple(each for each in summaries if _is_asked_for(each, query))
            self._fill((Chosen(each.id), self._line(each, now)) for each in summaries)
        self.query_one(Vertical).border_title = "Bin" if query.in_bin else "Conversations"
        names = self._row("", "Title", "Answered by", "Msgs", "Last used")
        self._columns.display = not (is_search and self._choices)
        self._columns.update(Content("".join(names) if self._choices else self._why_none(query)))
        usual = notices.BIN if query.in_bin and self._choices else notices.FILTERS
        self._detail.update(Content(query.problems[0] if query.problems else usual))

    def _why_none(self, query: SearchQuery) -> str:
        if query.in_bin:
            return notices.EMPTY_BIN
        if query.is_empty:
            return notices.NO_CONVERSATIONS
        has_filter = query.filter != parse_query("").filter
        return notices.nothing_found(query.unknown, has_filter=has_filter)

    def _fill(self, rows: Iterable[tuple[Chosen, Text]]) -> None:
        before = self._chosen()
        row = self._list.highlighted or 0
        self._choices = []
        options = []
        for choice, text in rows:
            self._choices.append(choice)
            options.append(Option(text))
        self._list.clear_options()
        self._list.add_options(options)
        if options:
            if before is not None and before in self._choices:
                row = self._choices.index(before)
            self._list.highlighted = min(row, len(options) - 1)
        self.refresh_bindings()

    @property
    def _room(self) -> int:
        """Cells of a line, beside the scroll bar that may come."""
        return self._list.container_size.width - 1

    def _row(self, marks: str, title: str, who: str, count: str, age: str) -> tuple[str, str]:
        """Return one line: its title, and the other columns as far as there is room for them."""
        right = f"{GAP}{age:>{AGE_WIDTH}}"
        room = max(LEAST_TITLE, self._room - MARK_WIDTH)
        for column in (f"{GAP}{count:>{COUNT_WIDTH}}", f"{GAP}{_fitted(who, WHO_WIDTH)}"):
            if room - cell_width(right) - cell_width(column) >= LEAST_TITLE:
                right = f"{column}{right}"
        width = max(1, room - cell_width(right))
        return f"{_fitted(marks, MARK_WIDTH)}{_fitted(fitted_title(title, width), width)}", right

    def _line(self, summary: ConversationSummary, now: datetime) -> Text:
        marks = OPEN_MARK if summary.id == self._conversation.conversation.id else " "
        marks += PIN_MARK if summary.is_pinned else " "
        ms = summary.active_ms if summary.deleted_ms is None else summary.deleted_ms
        title, right = self._row(
            marks,
            plain(summary.title),
            who_replied(summary),
            f"{summary.message_count:,}",
            _age(ms, now),
        )
        return Text(title, no_wrap=True, overflow="ellipsis").append(right, style="dim")

    def _hit(self, hit: SearchHit, now: datetime) -> Text:
        """Return title and age, then what was found; where that is the title, once."""
        age = f"{GAP}{_age(hit.created_ms, now):>{AGE_WIDTH}}"
        width = max(LEAST_TITLE, self._room - len(age))
        if hit.message_id is None:
            title = _marked(hit.excerpt)
            title.truncate(width, overflow="ellipsis", pad=True)
            return Text("\n").join([title.append(age, style="dim"), Text()])
        head = plain(hit.title) + (f" · {plain(hit.label)}" if hit.label else "")
        lines = [Text(f"{_fitted(head, width)}{age}", style="dim"), _marked(hit.excerpt), Text()]
        return Text("\n", no_wrap=True, overflow="ellipsis").join(lines)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("open", "restore"):
            is_other = self._in_bin is (action == "open")
            return not is_other and (self._chosen() is not None or not self._is_settled)
        if action == "delete":
            return not self._in_bin and self._chosen() is not None and self.focused is self._list
        if action in ("rename", "pin"):
            return not self._in_bin and self._chosen() is not None
        if action == "undo":
            return self._conversation.conversation.has_deleted_conversations
        return True

    async def action_move(self, way: str) -> None:
        await self._settle()
        if self.focused is self._list:
            await self.app.run_action(f"cursor_{way}", self._list)
        else:
            self.set_focus(self._list)

    async def action_open(self) -> None:
        await self._settle()
        chosen = self._chosen()
        if chosen is not None and self._in_bin:
            await self._restore(chosen.conversation_id)
        elif chosen is not None:
            self._leave(chosen)

    async def on_option_list_option_selected(self) -> None:
        await self.action_open()

    @work
    async def action_rename(self, title: str = "") -> None:
        chosen = self._chosen()
        summary = chosen and self._summaries.get(chosen.conversation_id)
        if not summary:
            return
        asked = Rename(summary.title)
        new: str | None = title or await self.app.push_screen_wait(asked)
        if new:
            self._conversation.rename(summary.id, new)
            self._look_up()

    def action_pin(self) -> None:
        chosen = self._chosen()
        summary = chosen and self._summaries.get(chosen.conversation_id)
        if summary:
            self._conversation.pin(summary)
            self._look_up()

    async def action_delete(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        gone = await self._conversation.delete(chosen.conversation_id)
        if gone is not None:
            self._deleted = f"Deleted {named(gone.title)}"
            self.notify(f"{self._deleted} · Ctrl+Z undoes", markup=False)
        self._look_up()

    async def action_undo(self) -> None:
        await self._restore(None)

    async def action_restore(self) -> None:
        await self.action_open()

    async def _restore(self, conversation_id: int | None) -> None:
        restored = await self._conversation.conversation.restore_conversation(conversation_id)
        if restored is not None:
            self._deleted = None
            self.notify(f"Restored {named(restored.text)}", markup=False)
        self._look_up()

    def action_bin(self) -> None:
        self._query.value = "" if self._in_bin else f"in:{BIN} "
        self._query.cursor_position = len(self._query.value)

    def action_close(self) -> None:
        self._leave(None)

    def _leave(self, chosen: Chosen | None) -> None:
        if self._deleted is not None:
            # The panel's own key is no more: in the composer it undoes what was typed there.
            self.notify(f"{self._deleted} · /undo undoes", markup=False)
        self.dismiss(chosen)

    def _chosen(self) -> Chosen | None:
        row = self._list.highlighted
        return self._choices[row] if row is not None and row < len(self._choices) else None


def who_replied(summary: ConversationSummary) -> str:
    """Return side and model of a conversation's last reply; empty where there is none."""
    match summary.side:
        case None:
            return ""
        case Side.CLAUDE:
            return claude_name(summary.model)
        case Side.LOCAL:
            return f"Local · {plain(summary.model)}" if summary.model else "Local"


def _age(ms: int, now: datetime) -> str:
    return format_age(local_time(ms), now)


def _fitted(text: str, width: int) -> str:
    cut = text if cell_width(text) <= width else truncate(text, width)
    return cut + " " * max(0, width - cell_width(cut))


def _marked(excerpt: Excerpt) -> Text:
    text = Text(excerpt.text.replace("\n", " "), no_wrap=True, overflow="ellipsis")
    for start, end in excerpt.marks:
        text.stylize("bold reverse", start, end)
    return text


def _is_asked_for(summary: ConversationSummary, query: SearchQuery) -> bool:
    title = summary.title.lower()
    words = (*(" ".join(phrase) for phrase in query.phrases), *query.literals)
    return all(word.lower() in title for word in words)
