"""The conversation as it is shown."""

from collections.abc import Sequence

from textual.containers import VerticalScroll
from textual.widget import Widget

from shammah_tui.core.conversation import Role
from shammah_tui.core.records import StoredMessage
from shammah_tui.ui.widgets.question import Question
from shammah_tui.ui.widgets.reply_view import ReplyView
from shammah_tui.ui.widgets.welcome import Welcome

WINDOW = 20
"""Messages that are made into widgets at once; the earlier ones when they are scrolled to."""


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

    def __init__(self) -> None:
        super().__init__()
        self._earlier: list[StoredMessage] = []
        self._is_loading = False

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

    async def show(self, path: Sequence[StoredMessage]) -> None:
        """Show a conversation that was kept, at its end, instead of what is shown now."""
        await self.remove_children()
        self._earlier = list(path[:-WINDOW])
        await self.mount(*(_shown(message) for message in path[-WINDOW:]))
        self.anchor()

    async def clear(self, welcome: Welcome) -> None:
        """Show an empty conversation."""
        self._earlier = []
        await self.remove_children()
        await self.mount(welcome)

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Bring in earlier messages before the first one that is shown comes to the top."""
        super().watch_scroll_y(old, new)
        if self._earlier and new < self.size.height and not self._is_loading:
            self._is_loading = True
            self.call_later(self._show_earlier)

    async def _show_earlier(self) -> None:
        earlier, self._earlier = self._earlier[-WINDOW:], self._earlier[:-WINDOW]
        first = self.children[0] if self.children else None
        from_end = self.virtual_size.height - self.scroll_y
        await self.mount(*(_shown(message) for message in earlier), before=first)
        self.call_after_refresh(self._keep_place, from_end)

    def _keep_place(self, from_end: float) -> None:
        """What was seen stays where it was, though there is more above it now."""
        self.scroll_to(y=self.virtual_size.height - from_end, animate=False, force=True)
        self._is_loading = False


def _shown(message: StoredMessage) -> Widget:
    return Question(message.text) if message.role is Role.USER else ReplyView(message)
