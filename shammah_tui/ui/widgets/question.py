"""A message of the user."""

from textual.content import Content
from textual.widgets import Static

from shammah_tui.core.conversation import Role
from shammah_tui.core.plain_text import plain_lines
from shammah_tui.core.records import StoredMessage
from shammah_tui.ui.widgets.message_box import MessageBox


class Question(Static, MessageBox, can_focus=True):
    """What the user asked, as written: neither Markdown nor markup.

    Args:
        text: The question.
        message: A question that was kept; None for one that is being asked.
    """

    DEFAULT_CSS = """
    Question {
        height: auto;
        margin: 1 1 0 1;
        padding: 0 1;
        background: $surface;
        border-left: outer $primary;
        border-title-align: right;
        border-title-color: $text-muted;
        border-title-background: $surface;
        &.-branched { margin: 0 1 0 1; border-top: blank $surface; }
        &:focus { margin: 0; padding: 0 1 0 2; border: round $border; }
    }
    """

    # Static does not let them through.
    BINDINGS = MessageBox.BINDINGS

    is_question = True

    def __init__(self, text: str, message: StoredMessage | None = None) -> None:
        super().__init__(Content(plain_lines(text)), markup=False)
        self._text = plain_lines(text)
        if message is not None:
            self.identify(message)

    @property
    def text(self) -> str:
        """The question without its pin, or as it is being asked."""
        return self._text

    @property
    def kept(self) -> StoredMessage | None:
        """What it takes to make this widget anew; None until its number is known."""
        if self.message_id is None:
            return None
        return StoredMessage(self.message_id, None, Role.USER, self._text, 0)
