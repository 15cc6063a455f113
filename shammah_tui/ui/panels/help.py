"""All keys and commands on one page, as they are now, with a search."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.widgets import Input, Static, TextArea

from shammah_tui.core.text.plain_text import cell_width
from shammah_tui.core.wording import notices
from shammah_tui.ui.frame.keys import (
    KEY_COMMANDS,
    KEY_IDS,
    MESSAGE_COMMANDS,
    UNBOUND,
    bindings,
    key_names,
    spoken,
)
from shammah_tui.ui.panels.confirm import Confirm
from shammah_tui.ui.panels.conversations import Conversations
from shammah_tui.ui.panels.export import ExportPanel
from shammah_tui.ui.panels.key_panel import KeyPanel
from shammah_tui.ui.panels.ledger import LedgerPanel
from shammah_tui.ui.panels.lora_panel import ChooseLora, LoraPanel
from shammah_tui.ui.panels.model_panel import ModelPanel
from shammah_tui.ui.panels.panel import Panel, closing
from shammah_tui.ui.panels.rename import Rename
from shammah_tui.ui.panels.save_code import SaveCode
from shammah_tui.ui.panels.theme_panel import ThemePanel

Row = tuple[str, str]
"""What is pressed or written, and what it does."""


WIDEST_CELLS = 24
"""The first column wraps beyond this, so that the second has room at 80 columns."""


CODE_ROW = (
    "Shift+Tab, Tab",
    "From an empty composer: go to messages and code blocks, and back; ←, → scroll code",
)


SHELL_ROWS: tuple[Row, ...] = (
    ("shammah --continue", "Start with the last conversation"),
    ("shammah --model WHAT", "Start with another local model"),
    ("shammah --offline", "Start without downloading a model"),
    ("shammah --plain", "For screen readers and slow lines: no movement, no frames"),
    ("NO_COLOR=1 shammah", "Start without colours"),
    ("shammah ask QUESTION", "Print the reply to one question; piped text is added to it"),
    ("shammah history", "List the conversations"),
    ("shammah export", "Print the last conversation; --all for all, --format json for everything"),
    ("shammah import FILE", "Import a JSON export"),
    ("shammah usage", "Show the share of local replies, tokens, cost and savings"),
    ("shammah models", "List, download, check and delete local models"),
    ("shammah doctor", "Check this installation, and show where the settings are"),
    ("shammah serve", "Open this program in a browser on this machine"),
    ("shammah demo", "Play a demonstration that leaves nothing behind"),
    ("shammah config", "Check the settings file; init writes it, edit opens it"),
    ("shammah help TOPIC", "Show a longer text; without TOPIC, list them"),
    ("shammah --help", "Show this and more; works after each command too"),
)

SETTINGS_ROWS: tuple[Row, ...] = (
    ('theme = "light"', "The theme: dark, light, contrast, or one that /theme lists"),
    ("plain = true", "The same as --plain, always"),
    ("[prices]", "What Claude costs, by model and with the date"),
)

PANELS: tuple[tuple[str, type[DOMNode]], ...] = (
    ("In Conversations", Conversations),
    ("When renaming a conversation", Rename),
    ("In Models", ModelPanel),
    ("In LoRAs", LoraPanel),
    ("When adding a LoRA adapter", ChooseLora),
    ("In Usage", LedgerPanel),
    ("In Theme", ThemePanel),
    ("In Export", ExportPanel),
    ("When saving code", SaveCode),
    ("When giving a key", KeyPanel),
    ("When confirming", Confirm),
)
"""Every panel that has keys of its own, in the order of the help."""

EDITING: Mapping[str, str] = {
    "cursor_up": "Move one line up; on the first line: the previous question",
    "cursor_down": "Move one line down; on the last line: the next question",
    "cursor_left": "Move one character left",
    "cursor_right": "Move one character right",
    "cursor_word_left": "Move one word left",
    "cursor_word_right": "Move one word right",
    "cursor_line_start": "Move to the start of the line",
    "cursor_line_end": "Move to the end of the line",
    "cursor_page_up": "Move one page up",
    "cursor_page_down": "Move one page down",
    "cursor_word_left(True)": "Select one word left",
    "cursor_word_right(True)": "Select one word right",
    "cursor_line_start(True)": "Select to the start of the line",
    "cursor_line_end(True)": "Select to the end of the line",
    "cursor_up(True)": "Select one line up",
    "cursor_down(True)": "Select one line down",
    "cursor_left(True)": "Select one character left",
    "cursor_right(True)": "Select one character right",
    "select_line": "Select the line",
    "select_all": "Select everything",
    "delete_left": "Delete the character on the left",
    "delete_right": "Delete the character on the right",
    "delete_word_left": "Delete the word on the left",
    "delete_word_right": "Delete the word on the right",
    "delete_to_start_of_line": "Delete to the start of the line",
    "delete_to_end_of_line_or_delete_line": "Delete to the end of the line",
    "delete_line": "Delete the line",
    "cut": "Cut the selection, or the line",
    "copy": "Copy the selection",
    "paste": "Paste",
    "undo": "Undo the last change",
    "redo": "Redo the last undone change",
}
"""What Textual's keys for editing do, by their actions: its own words are not sentences."""

_KEYS_HELP = notices.keys_setting(", ".join(KEY_IDS))


class HelpPanel(Panel[None]):
    """Every command with its keys and its name, made from the table and the keymap."""

    DEFAULT_CSS = """
    HelpPanel {
        & > Vertical { width: 100%; max-width: 104; height: 100%; max-height: 48; padding: 0 1; }
        VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
        Input, Input:focus { border: none; height: 1; padding: 0; background: $surface; }
        .nothing { display: none; color: $text-muted; margin: 1 0 0 0; }
        .title { color: $primary; text-style: bold; margin: 1 0 0 0; }
        .row { layout: horizontal; height: auto; }
        .what { color: $foreground; text-style: bold; }
        .does { width: 1fr; height: auto; color: $foreground; }
    }
    """
    TITLE = "Help"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll(-1)", "Up", show=False, priority=True),
        Binding("down", "scroll(1)", "Down", show=False, priority=True),
        Binding("pageup", "page(-1)", "Page up", priority=True),
        Binding("pagedown", "page(1)", "Page down", priority=True),
        Binding("home", "page(-1000)", "To the start", show=False, priority=True),
        Binding("end", "page(1000)", "To the end", show=False, priority=True),
        # The key that opened it closes it.
        *bindings("help", show=False),
        *closing(),
    ]

    def __init__(self, keys: Mapping[str, str]) -> None:
        super().__init__()
        palette = (spoken(App.COMMAND_PALETTE_BINDING), "Open the command palette")
        self._sections = (
            ("Keys", (*_key_rows(keys, of_messages=False), palette, CODE_ROW)),
            ("On a message", tuple(_key_rows(keys, of_messages=True))),
            ("Commands, written in an empty message", tuple(_slash_rows())),
            ("While a message is written", tuple(_editing_rows(TextArea.BINDINGS))),
            *((title, tuple(_panel_rows(panel.BINDINGS, keys))) for title, panel in PANELS),
            ("In the shell", SHELL_ROWS),
            ("In the settings", (*SETTINGS_ROWS, ("[keys]", _KEYS_HELP))),
        )
        self._found: list[tuple[Static, list[tuple[str, Vertical]]]] = []
        """The title of each section, and its rows with what is searched in them."""
        self._nothing = Static(notices.NO_HELP_FOUND, classes="nothing", markup=False)

    def content(self) -> ComposeResult:
        widths = (cell_width(what) for _, rows in self._sections for what, _ in rows)
        width = min(WIDEST_CELLS, max(widths) + 2)
        yield Input(placeholder="Search the help")
        with VerticalScroll(can_focus=False):
            yield self._nothing
            for title, rows in self._sections:
                heading = Static(Content(title), classes="title", markup=False)
                yield heading
                found = [
                    (f"{what} {does}".casefold(), _row(what, does, width)) for what, does in rows
                ]
                self._found.append((heading, found))
                yield from (row for _, row in found)

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        words = event.value.casefold().split()
        for heading, rows in self._found:
            for text, row in rows:
                row.display = all(word in text for word in words)
            heading.display = any(row.display for _, row in rows)
        self._nothing.display = not any(heading.display for heading, _ in self._found)
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def action_scroll(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        pane = self.query_one(VerticalScroll)
        pane.scroll_relative(y=pages * max(1, pane.size.height - 1), animate=False)

    def action_help(self) -> None:
        self.dismiss(None)


def _row(what: str, does: str, width: int) -> Vertical:
    key = Static(Content(what), classes="what", markup=False)
    key.styles.width = width
    return Vertical(key, Static(Content(does), classes="does", markup=False), classes="row")


def _key_rows(keys: Mapping[str, str], *, of_messages: bool) -> Iterator[Row]:
    for command in KEY_COMMANDS:
        names = key_names(command.id, keys)
        if names and (command in MESSAGE_COMMANDS) is of_messages:
            yield ", ".join(names), command.description


def _slash_rows() -> Iterator[Row]:
    for command in KEY_COMMANDS:
        if command.usage:
            yield command.usage, command.description
    yield "//…", "Send a message that begins with a slash"
    yield "@claude …, @local …", "The same as /claude and /local"


def _editing_rows(bindings_there: Iterable[BindingType]) -> Iterator[Row]:
    taken = {key for command in KEY_COMMANDS for key in command.keys.split(",")}
    for binding in bindings_there:
        if isinstance(binding, Binding):
            names = [spoken(key) for key in binding.key.split(",") if key not in taken]
            if names:
                yield ", ".join(names), EDITING.get(binding.action, binding.description)


def _panel_rows(bindings_there: Sequence[BindingType], keys: Mapping[str, str]) -> Iterator[Row]:
    """Yield what a panel's own bindings do, those that it shares with the chat left out."""
    for binding in bindings_there:
        made = binding if isinstance(binding, Binding) else Binding(*binding)
        if made.id == "quit" or made.key == UNBOUND:
            continue
        names = key_names(made.id, keys) if made.id in KEY_IDS else map(spoken, made.key.split(","))
        yield ", ".join(names), made.description
