"""The conversations that are kept: by time, or by what was said in them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option

from shammah_tui.core.plain_text import plain
from shammah_tui.core.records import ConversationSummary, TitleSource
from shammah_tui.core.search_hit import SearchHit
from shammah_tui.core.search_query import parse_query
from shammah_tui.core.store_error import StoreError
from shammah_tui.ports import ConversationStore
from shammah_tui.ui.keys import bindings
from shammah_tui.ui.screens.rename import Rename

MOST_HITS = 50
HELP = "Words are found as you type · from:local from:claude why:crisis model: before:2026-11-03"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the user opens.

    Attributes:
        conversation_id: Which conversation.
        message_id: The message to show; None is where it was left.
    """

    conversation_id: int
    message_id: int | None = None


class Conversations(ModalScreen[Chosen | None]):
    """A list to open, rename, pin and delete from, with a search over everything above it.

    Args:
        store: Where conversations are kept.
        present_id: The one that is open now.
        words: What is searched for at first.
        on_delete: Is told which one is deleted.
    """

    DEFAULT_CSS = """
    Conversations {
        align: center middle;
        background: $background 60%;
        & > Vertical {
            width: 100%;
            max-width: 104;
            height: 100%;
            max-height: 36;
            padding: 0 1;
            border: round $border;
            border-title-color: $primary;
            background: $surface;
        }
        Input, Input:focus {
            border: none;
            height: 1;
            padding: 0;
            margin: 0 1;
            background: $surface;
        }
        OptionList, OptionList:focus {
            height: 1fr;
            border: none;
            background: $surface;
            margin: 1 0 0 0;
            text-wrap: nowrap;
            text-overflow: ellipsis;
            scrollbar-size-vertical: 1;
        }
        .detail { height: auto; max-height: 2; margin: 0 1; color: $text-muted; }
        Footer { background: $surface; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,up", "to_list", "List", show=False),
        Binding("enter", "open", "Open", priority=True),
        Binding("f4", "rename", "Rename"),
        Binding("f5", "pin", "Pin"),
        Binding("delete,ctrl+d", "delete", "Delete", priority=True),
        Binding("ctrl+z", "undo", "Undo", priority=True),
        Binding("escape,f3", "close", "Close"),
        *bindings("quit", show=False),
    ]

    def __init__(
        self,
        store: ConversationStore,
        present_id: int | None,
        words: str = "",
        on_delete: Callable[[int], None] = lambda _: None,
    ) -> None:
        super().__init__()
        self._store = store
        self._on_delete = on_delete
        self._present_id = present_id
        self._summaries: dict[int, ConversationSummary] = {}
        self._choices: list[Chosen] = []
        self._deleted: list[int] = []
        self._query = Input(words, placeholder="Search all conversations", id="search")
        self._list = OptionList(markup=False)
        self._detail = Static(HELP, classes="detail", markup=False)

    def compose(self) -> ComposeResult:
        """The search over the list."""
        with Vertical() as panel:
            panel.border_title = "Conversations"
            yield self._query
            yield self._list
            yield self._detail
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show everything, the newest first."""
        self._query.focus()
        self._look_up()

    def on_resize(self) -> None:
        """Fit the lines to the width."""
        self.call_after_refresh(self._look_up)

    def on_input_changed(self) -> None:
        """Search as one types."""
        self._look_up()

    @work(exclusive=True)
    async def _look_up(self) -> None:
        query = parse_query(self._query.value)
        try:
            summaries = await self._store.conversations()
            hits = () if query.is_empty else await self._store.search(query, MOST_HITS)
        except StoreError as error:
            self._detail.update(Content(plain(str(error))))
            return
        self._summaries = {summary.id: summary for summary in summaries}
        if query.is_empty:
            self._fill((Chosen(each.id), self._line(each)) for each in summaries)
        else:
            self._fill(
                (Chosen(hit.conversation_id, hit.message_id), self._hit(hit)) for hit in hits
            )
        problem = query.problems[0] if query.problems else ""
        nothing = ""
        if not self._choices:
            nothing = "Nothing was found" if self._query.value else "Nothing is kept yet: ask away"
        self._detail.update(Content(problem or nothing or HELP))

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
            same = [n for n, choice in enumerate(self._choices) if choice == before]
            self._list.highlighted = same[0] if same else min(row, len(options) - 1)
        self.refresh_bindings()

    def _line(self, summary: ConversationSummary) -> Text:
        mark = "● " if summary.id == self._present_id else "⚑ " if summary.is_pinned else "  "
        when = datetime.fromtimestamp(summary.active_ms / 1000).astimezone()
        count = summary.message_count
        said = f"{when:%Y-%m-%d %H:%M}  {count} message{'' if count == 1 else 's'}"
        line = Text(f"{mark}{plain(summary.title)}", no_wrap=True, overflow="ellipsis")
        # Of a long title the beginning is enough; when it was is never cut away.
        if width := self._list.size.width:
            line.truncate(max(10, width - len(said) - 5), overflow="ellipsis")
        return line.append(f"  {said}", style="dim")

    def _hit(self, hit: SearchHit) -> Text:
        excerpt = hit.excerpt
        text = Text(excerpt.text.replace("\n", " "), no_wrap=True, overflow="ellipsis")
        for start, end in excerpt.marks:
            text.stylize("bold reverse", start, end)
        head = Text(f"{plain(hit.title)}", style="dim", no_wrap=True, overflow="ellipsis")
        if hit.label:
            head.append(f" · {plain(hit.label)}")
        return Text("\n").join([head, text])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done with the line under the cursor."""
        if action in ("open", "rename", "pin", "delete"):
            return self._chosen() is not None
        if action == "undo":
            return bool(self._deleted)
        return True

    def action_to_list(self) -> None:
        """Move in the list while the search keeps the keys."""
        self._list.focus()

    def action_open(self) -> None:
        """Open the conversation, at the message that was found."""
        self.dismiss(self._chosen())

    def on_option_list_option_selected(self) -> None:
        """Open by mouse."""
        self.action_open()

    @work
    async def action_rename(self) -> None:
        """Give it another title."""
        chosen = self._chosen()
        summary = chosen and self._summaries.get(chosen.conversation_id)
        if not summary:
            return
        title = await self.app.push_screen_wait(Rename(summary.title))
        if title:
            self._store.rename(summary.id, title, TitleSource.USER)
            self._look_up()

    def action_pin(self) -> None:
        """Keep it on top, or no longer."""
        chosen = self._chosen()
        summary = chosen and self._summaries.get(chosen.conversation_id)
        if summary:
            self._store.pin(summary.id, not summary.is_pinned)
            self._look_up()

    def action_delete(self) -> None:
        """Delete it; it can be brought back until the program ends."""
        chosen = self._chosen()
        if chosen is None:
            return
        if chosen.conversation_id == self._present_id:
            self.notify("This one is open: begin a new one first", severity="warning")
            return
        self._store.delete_conversation(chosen.conversation_id)
        self._on_delete(chosen.conversation_id)
        self._deleted.append(chosen.conversation_id)
        self._look_up()

    def action_undo(self) -> None:
        """Bring back what was deleted last."""
        if self._deleted:
            self._store.restore_conversation(self._deleted.pop())
            self._look_up()

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)

    def _chosen(self) -> Chosen | None:
        row = self._list.highlighted
        return self._choices[row] if row is not None and row < len(self._choices) else None
