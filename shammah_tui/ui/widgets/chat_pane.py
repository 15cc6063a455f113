"""The conversation as it is shown."""

from textual.containers import VerticalScroll

from shammah_tui.ui.widgets.question import Question
from shammah_tui.ui.widgets.reply_view import ReplyView
from shammah_tui.ui.widgets.welcome import Welcome


class ChatPane(VerticalScroll):
    """Questions and replies; follows the end until the user scrolls away from it."""

    DEFAULT_CSS = """
    ChatPane {
        height: 1fr;
        scrollbar-size-vertical: 1;
        scrollbar-color: $rule;
        scrollbar-background: $background;
    }
    """

    can_focus = False

    def on_mount(self) -> None:
        """Follow the end."""
        self.anchor()

    async def add_turn(self, text: str) -> ReplyView:
        """Show a question and return the empty reply under it."""
        await self.query(Welcome).remove()
        view = ReplyView()
        await self.mount(Question(text), view)
        self.anchor()
        return view
