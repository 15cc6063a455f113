"""A message of the user."""

from textual.content import Content
from textual.widgets import Static

from shammah_tui.core.plain_text import plain_lines


class Question(Static):
    """What the user asked, as written: neither Markdown nor markup."""

    DEFAULT_CSS = """
    Question {
        height: auto;
        margin: 1 1 0 1;
        padding: 0 1;
        background: $surface;
        border-left: outer $primary;
    }
    """

    def __init__(self, text: str) -> None:
        super().__init__(Content(plain_lines(text)), markup=False)
