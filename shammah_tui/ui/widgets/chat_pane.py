"""The conversation as it is shown."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from textual.containers import VerticalScroll
from textual.widget import Widget

from shammah_tui.core.conversation import Role
from shammah_tui.core.records import StoredMessage
from shammah_tui.ui.widgets.message_box import MessageBox
from shammah_tui.ui.widgets.question import Question
from shammah_tui.ui.widgets.reply_view import ReplyView
from shammah_tui.ui.widgets.welcome import Welcome

WINDOW = 20
"""Messages that are made into widgets at once; the earlier ones when they are scrolled to."""


NO_SIBLINGS: Mapping[int, tuple[int, ...]] = MappingProxyType({})


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
        self._siblings = NO_SIBLINGS
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

    async def show(
        self,
        path: Sequence[StoredMessage],
        siblings: Mapping[int, tuple[int, ...]] = NO_SIBLINGS,
        at: int | None = None,
    ) -> None:
        """Show a conversation that was kept instead of what is shown now.

        Args:
            path: Its messages.
            siblings: As in ``OpenedConversation``.
            at: The message to go to; None is the end.
        """
        ids = [message.id for message in path]
        first = max(0, len(path) - WINDOW)
        if at in ids:
            first = max(0, min(first, ids.index(at) - WINDOW // 2))
        while first and path[first].role is Role.ASSISTANT:
            first -= 1  # what is done with a reply needs its question
        self._siblings = siblings
        # In one go: in between the screen would show an empty conversation.
        with self.app.batch_update():
            await self.remove_children()
            self._earlier = list(path[:first])
            await self.mount(*(self._shown(message) for message in path[first:]))
        self.anchor()
        if at in ids:
            self.focus_box(self.find(at))

    @property
    def boxes(self) -> list[MessageBox]:
        """The messages that are widgets, in order."""
        return [child for child in self.children if isinstance(child, MessageBox)]

    @property
    def focused_box(self) -> MessageBox | None:
        """The message that has the focus, itself or by something in it."""
        return next((box for box in self.boxes if box.has_keys), None)

    def find(self, message_id: int | None) -> MessageBox | None:
        """Return the widget of a message; None where it has none."""
        if message_id is None:
            return None
        return next((box for box in self.boxes if box.message_id == message_id), None)

    def focus_box(self, box: MessageBox | None) -> None:
        """Give a message the focus and bring it into view; None does nothing."""
        if box is not None:
            self.screen.set_focus(box, scroll_visible=False)
            self.call_after_refresh(self._bring_into_view, box)

    def _bring_into_view(self, box: MessageBox) -> None:
        if not box.is_attached or box is self.boxes[-1]:
            self.anchor()
            return
        self.release_anchor()
        self.scroll_to_widget(
            box, animate=False, force=True, top=box.size.height > self.size.height
        )

    async def begin_again(self, question: MessageBox) -> ReplyView:
        """Take away what follows a question and return the empty reply under it."""
        after = self.children[self.children.index(question) + 1 :]
        view = ReplyView()
        with self.app.batch_update():
            await self.remove_children(after)
            await self.mount(view)
        self.anchor()
        return view

    async def begin_edited(self, question: MessageBox, text: str) -> ReplyView:
        """Show ``text`` in a question's place and return the empty reply under it."""
        view = await self.begin_again(question)
        with self.app.batch_update():
            await question.remove()
            await self.mount(Question(text), before=view)
        return view

    async def move_focus(self, box: MessageBox, step: int) -> None:
        """Go from a message to the one before or after, if there is one."""
        boxes = self.boxes
        if step < 0 and box is boxes[0] and self._earlier and not self._is_loading:
            self._is_loading = True
            await self._show_earlier()
            boxes = self.boxes
        at = boxes.index(box) + step
        if 0 <= at < len(boxes):
            self.focus_box(boxes[at])

    def question_of(self, box: MessageBox) -> MessageBox | None:
        """Return the question that a message answers; a question is its own."""
        boxes = self.boxes
        before = boxes[: boxes.index(box) + 1] if box in boxes else []
        return next((each for each in reversed(before) if each.is_question), None)

    def tell_siblings(self, siblings: Mapping[int, tuple[int, ...]]) -> None:
        """Have each message say which of its versions it is."""
        self._siblings = siblings
        for box in self.boxes:
            box.versions = siblings.get(box.message_id or 0, ())

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
        await self.mount(*(self._shown(message) for message in earlier), before=first)
        self.call_after_refresh(self._keep_place, from_end)

    def _keep_place(self, from_end: float) -> None:
        """What was seen stays where it was, though there is more above it now."""
        self.scroll_to(y=self.virtual_size.height - from_end, animate=False, force=True)
        self._is_loading = False

    def _shown(self, message: StoredMessage) -> Widget:
        box: MessageBox
        box = Question(message.text, message) if message.role is Role.USER else ReplyView(message)
        box.versions = self._siblings.get(message.id, ())
        return box
