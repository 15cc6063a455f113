"""All keys and commands on one page, as they are now."""

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Static, TextArea

from shammah_tui.core.plain_text import cell_width
from shammah_tui.ui.keys import KEY_COMMANDS, KEY_IDS, bindings, key_names, spoken
from shammah_tui.ui.message_keys import MESSAGE_COMMANDS

Row = tuple[str, str]
"""What is pressed or written, and what it does."""


WIDEST_CELLS = 24
"""The first column wraps beyond this, so that the second has room at 80 columns."""


CODE_ROW = (
    "Tab, Shift+Tab",
    "Go to messages and code blocks, and back: Left and Right scroll code",
)


SHELL_ROWS: tuple[Row, ...] = (
    ("shammah --continue", "Open the chat with the last conversation"),
    ("shammah --model WHAT", "Open the chat with another local model"),
    ("shammah --offline", "Open the chat and fetch no model"),
    ("shammah --plain", "For screen readers and slow lines: nothing moves, no lines are drawn"),
    ("NO_COLOR=1 shammah", "Open the chat without colours"),
    ("shammah ask QUESTION", "Print the reply; what is piped in goes with the question"),
    ("shammah history", "List the conversations"),
    ("shammah export", "Print the last conversation; --all for all, --format json to lose nothing"),
    ("shammah import FILE", "Read a JSON export back"),
    ("shammah usage", "Show the local share, tokens, and money spent and saved"),
    ("shammah models", "List, fetch, check and delete local models"),
    ("shammah doctor", "Look at this installation, and say where the settings are"),
    ("shammah --help", "Show this and more; also after each of these commands"),
)

SETTINGS_ROWS: tuple[Row, ...] = (
    ('theme = "light"', "The theme: dark, light, contrast, or one that /theme lists"),
    ("plain = true", "The same as --plain, always"),
    ("[prices]", "What Claude costs, by model and with the date"),
)

_KEYS_HELP = f'Other keys for a command, such as stop = "f4". Their names: {", ".join(KEY_IDS)}'


class HelpScreen(ModalScreen[None]):
    """Every command with its keys and its name, made from the table and the keymap.

    Args:
        keys: Keys that the settings give to some ids.
    """

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        background: $background 60%;
        & > Vertical {
            width: 100%;
            max-width: 104;
            height: 100%;
            max-height: 48;
            padding: 0 1;
            border: round $border;
            border-title-color: $primary;
            background: $surface;
        }
        VerticalScroll { scrollbar-size-vertical: 1; }
        .title { color: $primary; text-style: bold; margin: 1 0 0 0; }
        .row { layout: horizontal; height: auto; }
        .what { color: $foreground; text-style: bold; }
        .does { width: 1fr; height: auto; color: $foreground; }
        Footer { background: $surface; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close"),
        # The key that opened it closes it.
        *bindings("help", show=False),
        *bindings("quit", show=False),
    ]

    def __init__(self, keys: Mapping[str, str]) -> None:
        super().__init__()
        self._sections = (
            ("Keys", (*_key_rows(keys, of_messages=False), CODE_ROW)),
            ("On a message", tuple(_key_rows(keys, of_messages=True))),
            ("Commands, written in an empty message", tuple(_slash_rows())),
            ("While a message is written", tuple(_editing_rows(TextArea.BINDINGS))),
            ("In the shell", SHELL_ROWS),
            ("In the settings", (*SETTINGS_ROWS, ("[keys]", _KEYS_HELP))),
        )

    def compose(self) -> ComposeResult:
        """The sections one under the other, their second columns in line."""
        widths = (cell_width(what) for _, rows in self._sections for what, _ in rows)
        width = min(WIDEST_CELLS, max(widths) + 2)
        with Vertical() as panel:
            panel.border_title = "Help"
            with VerticalScroll():
                for title, rows in self._sections:
                    yield Static(Content(title), classes="title", markup=False)
                    for what, does in rows:
                        with Vertical(classes="row"):
                            key = Static(Content(what), classes="what", markup=False)
                            key.styles.width = width
                            yield key
                            yield Static(Content(does), classes="does", markup=False)
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Scroll by the keys that scroll."""
        self.query_one(VerticalScroll).focus()

    def action_close(self) -> None:
        """Go back to where one was."""
        self.dismiss(None)

    def action_help(self) -> None:
        """Close it by the key that opened it."""
        self.dismiss(None)


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


_HISTORY = {
    "cursor_up": "Cursor up; from the first line, the message before",
    "cursor_down": "Cursor down; from the last line, the message after",
}
"""What the composer does beyond its base."""


def _editing_rows(bindings_there: Iterable[BindingType]) -> Iterator[Row]:
    taken = {key for command in KEY_COMMANDS for key in command.keys.split(",")}
    for binding in bindings_there:
        if isinstance(binding, Binding):
            names = [spoken(key) for key in binding.key.split(",") if key not in taken]
            if names:
                yield ", ".join(names), _HISTORY.get(binding.action, binding.description)
