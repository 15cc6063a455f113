"""The conversation as it is shown.

It shows a window of the open path and moves it as the reader scrolls. Over 400 lines: what goes out
of the window, what comes in and where the reader stands change together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from shammah_tui.core.wording import notices
from shammah_tui.ui.chat.held_scroll import HeldScroll
from shammah_tui.ui.chat.message_box import MessageBox
from shammah_tui.ui.chat.unseen_rule import UnseenRule, first_seen_box
from shammah_tui.ui.chat.welcome import Welcome
from shammah_tui.ui.frame.garbage import DelayedCollection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

    from shammah_tui.core.conversation.records import HiddenTurns, StoredMessage
    from shammah_tui.core.conversation.search_query import SearchQuery
    from shammah_tui.services.conversation.open_conversation import OpenConversation
    from shammah_tui.ui.chat.question import Question
    from shammah_tui.ui.reply.reply_view import ReplyView

WINDOW = 20
"""Messages that are made into widgets at once; those around them when they are scrolled to."""

STEP = 4
"""Messages that are made at once while one scrolls, in 25 ms: 20 would take 150."""

MOST = WINDOW + 2 * STEP
"""Messages that are widgets at the same time, besides those within ``FAR`` of what is read."""

FAR = 2
"""Heights of the pane: a message that is further away may go.

The next ones are made where less than one height is left: nearer, they would come and go for ever.
"""

MARK = "bold reverse"
"""Of what was searched for, as in the list of hits; seen without colours, too."""


class ChatPane(HeldScroll):
    """Questions and replies; follows the end until the user scrolls away from it.

    A window of the open conversation is made into widgets. While a turn is under way, its question
    and its reply are widgets after that window; ``take_up`` has the conversation's messages.

    Attributes:
        conversation: What is shown; None until there is one.
        welcome: What stands in an empty conversation; the newest of its kind, shown or not.
    """

    DEFAULT_CSS = """
    ChatPane {
        height: 1fr;
        scrollbar-size-vertical: 1;
        scrollbar-color: $rule;
        scrollbar-background: $background;
        .end-note { height: auto; color: $warning; margin: 1 2 0 2; }
    }
    """

    can_focus = False

    class Moved(Message):
        """Something else is at the top now."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, ChatPane.Moved)

    def __init__(self, welcome: Welcome) -> None:
        super().__init__()
        self.conversation: OpenConversation | None = None
        self._path: tuple[StoredMessage, ...] = ()
        self._first = self._last = 0
        self._siblings: Mapping[int, tuple[int, ...]] = {}
        self._hidden: HiddenTurns | None = None
        self._is_live = self._is_loading = False
        self._looked_at = 0.0
        self.welcome = welcome
        self._collection = DelayedCollection(self)

    def attach(
        self, conversation: OpenConversation, question: type[Question], reply: type[ReplyView]
    ) -> None:
        """Show this conversation from now on, with widgets that the first frame does without."""
        self.conversation, self._question, self._reply = conversation, question, reply

    def compose(self) -> ComposeResult:
        yield self.welcome

    def on_mount(self) -> None:
        self.anchor()

    async def add_turn(self, text: str) -> ReplyView:
        """Show a question and return the empty reply under it."""
        await self.query(Welcome).remove()
        await self.to_end()
        self._tell_hidden(None)
        await self._begin_more()
        self._is_live = True
        view = self._reply()
        await self.mount(self._question(text), view)
        self.anchor()
        # There is a message to go to now.
        self.screen.refresh_bindings()
        return view

    async def _begin_more(self) -> None:
        await self.query(".end-note").remove()
        for box in self.boxes[-1:]:
            await box.no_longer_last()

    async def resume(self, view: ReplyView) -> None:
        self._is_live = True
        await view.resume()

    def take_up(self) -> None:
        """Give the messages of a turn that is over what the conversation has of them."""
        self._take_path()
        for box, message in zip(self.boxes, self._path[self._first :], strict=False):
            box.message = message
        self._rule_off()

    def _take_path(self) -> None:
        self._is_live = False
        self._path = () if self.conversation is None else self.conversation.path.messages
        self._last = len(self._path)

    async def withdraw(self, view: ReplyView, said: str, help_line: str | None = None) -> None:
        """Take away a question that went back to the composer, and say why at the end.

        The line on where to find help stays until something else is said.
        """
        if view not in self.boxes:
            return
        self._take_path()
        at = self.boxes.index(view)
        is_end = view is self.boxes[-1]
        gone = [each for each in self.boxes[max(0, at - 1) : at] if each.is_question]
        with self.app.batch_update():
            await self.remove_children([*gone, view])
            if not self.boxes:
                self.welcome = self.welcome.again()
                await self.mount(self.welcome)
            if is_end:
                await self.say_at_end(said)
            if is_end and help_line:
                line = Static(Content(help_line), classes="help-line end-note", markup=False)
                await self.mount(line, before=self.query(".end.end-note").first())
        self.screen.refresh_bindings()

    async def say_at_end(self, said: str) -> None:
        """Say below the last message what is to be done next, until that is done."""
        await self.query(".end.end-note").remove()
        await self.mount(Static(Content(said), classes="end end-note", markup=False))

    @property
    def has_end_note(self) -> bool:
        return bool(self.query(".end-note"))

    async def show(self, at: int | None = None, place: int | None = None) -> None:
        """Show the open conversation as it is now.

        At the message ``at``, which gets the focus; else with ``place`` at the top; else its end.
        """
        self._take_path()
        if self.conversation is not None:
            self._siblings = self.conversation.siblings
        ids = [message.id for message in self._path]
        wanted = next((each for each in (at, place) if each in ids), None)
        # Enough below it to fill the pane: hardly a message takes less than three rows.
        below = max(WINDOW // 2, self.size.height // 3)
        await self._show_window(len(ids) if wanted is None else ids.index(wanted) + below, wanted)
        if not self._path:
            await self.clear()
        self.show_versions()
        if at is not None and wanted == at:
            self.focus_box(self.find(at))
        # Also where it stays in its row: another message may be at the top.
        self.post_message(self.Moved())

    async def to_end(self) -> None:
        if self._has_later:
            await self._show_window(len(self._path))
        else:
            self.anchor()

    def action_scroll_home(self) -> None:
        """Go to the beginning of the conversation, not only of what is shown of it."""
        if self._first and not self._is_loading and self._can_let_go(self.boxes):
            self.call_later(self._go_home, has_focus=self.focused_box is not None)
        else:
            super().action_scroll_home()

    async def _go_home(self, *, has_focus: bool) -> None:
        await self._show_window(WINDOW, self._path[0].id)
        if has_focus:
            self.focus_box(self.boxes[0])

    @property
    def place_id(self) -> int | None:
        """The message at the top, to come back to; None at the end, and where none is kept."""
        top = self.held_child
        return top.message_id if isinstance(top, MessageBox) else None

    @property
    def top_child(self) -> Widget | None:
        """The first message that is seen, if only its end; the rule above one is never held."""
        top = super().top_child
        if isinstance(top, UnseenRule):
            below = self.children[self.children.index(top) + 1 :]
            return below[0] if below else None
        return top

    @property
    def is_at_end(self) -> bool:
        return super().is_at_end and not self._has_later

    @property
    def last_in_view(self) -> MessageBox | None:
        """The last message that is seen, if only its beginning; None without messages."""
        bottom = self.scroll_y + self.size.height
        seen = [box for box in self.boxes if box.virtual_region.y < bottom]
        return seen[-1] if seen else None

    @property
    def boxes(self) -> list[MessageBox]:
        return [child for child in self.children if isinstance(child, MessageBox)]

    @property
    def focused_box(self) -> MessageBox | None:
        return next((box for box in self.boxes if box.has_keys), None)

    def find(self, message_id: int | None) -> MessageBox | None:
        if message_id is None:
            return None
        return next((box for box in self.boxes if box.message_id == message_id), None)

    def focus_box(self, box: MessageBox | None, *, is_selected: bool = False) -> None:
        """Give a message the focus and bring it into view; None does nothing.

        ``is_selected`` is whether the user went there.
        """
        for each in self.boxes:
            each.is_selected = is_selected and each is box
        if box is not None:
            self.screen.set_focus(box, scroll_visible=False)
            self.call_after_refresh(self._bring_into_view, box)

    def _bring_into_view(self, box: MessageBox) -> None:
        if not box.is_attached or (box is self.boxes[-1] and not self._has_later):
            self.anchor()
            return
        self.release_anchor()
        self.scroll_to_widget(
            box, animate=False, force=True, top=box.size.height > self.size.height
        )

    async def begin_again(self, question: MessageBox, text: str = "") -> ReplyView:
        """Take away what follows a question and return the empty reply under it.

        A text stands in the question's place from now on.
        """
        kept = 0 if text else 1
        gone = self.children[self.children.index(question) + kept :]
        self._last, self._is_live = self._first + self.boxes.index(question) + kept, True
        view = self._reply()
        with self.app.batch_update():
            await self.remove_children(gone)
            await self.mount(*([self._question(text)] if text else []), view)
        self.anchor()
        return view

    async def move_focus(self, box: MessageBox, step: int) -> None:
        boxes = self.boxes
        if not self._is_loading:
            if step < 0 and box is boxes[0] and self._first:
                await self._show_earlier()
            elif step > 0 and box is boxes[-1] and self._has_later:
                await self._show_later()
            boxes = self.boxes
        at = boxes.index(box) + step
        self.focus_box(boxes[min(max(at, 0), len(boxes) - 1)], is_selected=True)

    def question_of(self, box: MessageBox) -> MessageBox | None:
        """Return the question that a message answers; a question is its own."""
        boxes = self.boxes
        before = boxes[: boxes.index(box) + 1] if box in boxes else []
        return next((each for each in reversed(before) if each.is_question), None)

    def mark(self, message_id: int, query: SearchQuery, tries: int = 5) -> None:
        box = self.find(message_id)
        if box is not None and not _mark_hits(box, query) and tries:
            self.call_after_refresh(self.mark, message_id, query, tries - 1)

    def show_beginning(self, box: MessageBox | None) -> None:
        """Bring the top of a message into view, where its label and its version stand."""
        if box is not None:
            self.call_after_refresh(self._show_beginning, box)

    def _show_beginning(self, box: MessageBox) -> None:
        if box.is_attached and box.virtual_region.y < self.scroll_y:
            self.release_anchor()
            self.scroll_to_widget(box, animate=False, force=True, top=True)

    def show_versions(self) -> None:
        """Have each message say which of its versions it is, and the end which turns are hidden."""
        if self.conversation is not None:
            self._siblings = self.conversation.siblings
            self._tell_hidden(self.conversation.hidden)
        for box in self.boxes:
            box.versions = self._siblings.get(box.message_id or 0, ())

    def _tell_hidden(self, hidden: HiddenTurns | None) -> None:
        self._hidden = hidden
        for box in self.boxes:
            box.later_turns = self._later_turns(box.message_id)

    def _later_turns(self, message_id: int | None) -> str:
        hidden = self._hidden
        versions = () if hidden is None else self._siblings.get(hidden.message_id, ())
        is_last = message_id in (*versions, *(each.id for each in self._path[-1:]))
        boxes = self.boxes
        if boxes and not self._has_later:
            is_last = message_id == boxes[-1].message_id
        if hidden is None or not is_last or hidden.message_id not in versions:
            return ""
        number = versions.index(hidden.message_id) + 1
        keys = {number - 1: "[ shows", number + 1: "] shows"}.get(hidden.version, "[ and ] show")
        return notices.later_turns(hidden.count, hidden.version, keys)

    async def clear(self, *, is_private: bool | None = None) -> None:
        """Show an empty conversation; None is as private as the last one."""
        self._path, self._first, self._last, self._is_live = (), 0, 0, False
        self.welcome = self.welcome.again(is_private=is_private)
        await self.remove_children()
        await self.mount(self.welcome)

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Make the messages above and below what is shown before they come into view."""
        super().watch_scroll_y(old, new)
        if self._has_later and new >= self.max_scroll_y:
            # The end of what is shown is not the end, and must not be followed as if it were.
            self.release_anchor()
        self._look_around()
        # From both: while it follows the end or is held, it moves without a word.
        if max(abs(new - old), abs(new - self._looked_at)) * 4 > self.size.height:
            self._looked_at = new
            for box in self.boxes:
                box.look()
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        self.welcome.fit()
        self.call_after_refresh(self._look_around)

    @property
    def _has_later(self) -> bool:
        return not self._is_live and self._last < len(self._path)

    def _look_around(self) -> None:
        height = self.size.height
        if self._is_loading:
            return
        if self.boxes and not self.boxes[-1].virtual_region.height:
            # Nothing is arranged yet: where it will scroll to is not known.
            if self.screen.is_current:
                self.call_after_refresh(self._look_around)
            return
        if self._first and self.scroll_y < height:
            self._is_loading = True
            self.call_later(self._show_earlier)
        elif self._has_later and self.scroll_y > self.max_scroll_y - height:
            self._is_loading = True
            self.call_later(self._show_later)

    async def _show_window(self, last: int, top: int | None = None) -> None:
        """Show the window before the index ``last``, the id ``top`` at the top, or the end."""
        while last < len(self._path) and self._path[last].is_reply:
            last += 1
        self._last = min(last, len(self._path))
        self._first = self._question_before(self._last - WINDOW)
        shown = [self._shown(message) for message in self._path[self._first : self._last]]
        held = next((box for box in shown if top is not None and box.message_id == top), None)
        # In one go: in between the screen would show an empty conversation.
        with self.app.batch_update():
            await self.remove_children()
            if held is None:
                self.anchor()
            else:
                self.hold(held, 0)
            await self.mount(*shown)
            if self._path and not self._has_later and not self._path[-1].is_reply:
                await self.say_at_end(notices.UNREPLIED)
            self._rule_off()
        self.call_after_refresh(self._look_around)

    async def _show_earlier(self) -> None:
        self._is_loading = True
        last, self._first = self._first, self._question_before(self._first - STEP)
        first = self.children[0] if self.children else None
        with self.app.batch_update():
            await self.mount(*map(self._shown, self._path[self._first : last]), before=first)
            await self._forget_below()
            self._rule_off()
        self.call_after_refresh(self._loaded)

    async def _show_later(self) -> None:
        self._is_loading = True
        first, self._last = self._last, min(self._last + STEP, len(self._path))
        with self.app.batch_update():
            await self.mount(*map(self._shown, self._path[first : self._last]))
            await self._forget_above()
            self._rule_off()
        self.call_after_refresh(self._loaded)

    async def _forget_below(self) -> None:
        boxes = self.boxes
        surplus = boxes[MOST:]
        far = self.scroll_y + (1 + FAR) * self.size.height
        while surplus and not (surplus[0].is_question and surplus[0].virtual_region.y > far):
            del surplus[0]
        if self.scroll_y >= self.max_scroll_y or not self._can_let_go(surplus):
            return
        self._last = self._first + len(boxes) - len(surplus)
        await self.query(".end-note").remove()
        await self.remove_children(surplus)
        self._collection.schedule()

    def _can_let_go(self, boxes: Sequence[MessageBox]) -> bool:
        return bool(boxes) and not self._is_live and all(box.can_be_remade for box in boxes)

    async def _forget_above(self) -> None:
        boxes = self.boxes
        count = len(boxes) - MOST
        far = self.scroll_y - FAR * self.size.height
        while count > 0 and not (boxes[count].is_question and boxes[count].virtual_region.y < far):
            count -= 1
        if count <= 0 or self.focused_box in boxes[:count]:
            return
        self._first += count
        await self.remove_children(boxes[:count])
        self._collection.schedule()

    def _loaded(self) -> None:
        self._is_loading = False
        self._look_around()

    def _question_before(self, first: int) -> int:
        """Return ``first``, or its question's index: what is done with a reply needs that."""
        first = max(0, first)
        while first and self._path[first].is_reply:
            first -= 1
        return first

    def _shown(self, message: StoredMessage) -> MessageBox:
        box: MessageBox
        box = self._reply(message) if message.is_reply else self._question(message.text, message)
        box.versions = self._siblings.get(message.id, ())
        box.is_last = message is self._path[-1] and not self._is_live
        return box

    def on_reply_view_labelled(self) -> None:
        if self._is_live:
            self._rule_off()

    def _rule_off(self) -> None:
        path, live = self._path, None
        if self._is_live and self.conversation is not None:
            path, live = self.conversation.path.messages, self.boxes[-1]
        self.rule_off(first_seen_box(path, self._first, self.boxes, live))

    def rule_off(self, box: MessageBox | None) -> None:
        """Have the rule above ``box``, where it is yet or not; None takes it away."""
        rules = [rule for rule in self.query_children(UnseenRule) if rule.is_attached]
        if box is None:
            for rule in rules:
                rule.remove()
        elif not rules:
            self.mount(UnseenRule(), before=box)
        elif self.children.index(box) != self.children.index(rules[0]) + 1:
            self.move_child(rules[0], before=box)


# What is imported in the functions alone costs 15 ms before the first frame.


def _mark_hits(box: MessageBox, query: SearchQuery) -> bool:
    """Mark the hits in a message; return whether there were any in what is shown of it.

    Code and tables are left as they are: they have widgets of their own.
    """
    from shammah_tui.core.conversation.excerpts import hits_in

    has_marked = False
    for each in (box, *box.query("MarkdownBlock")):
        if isinstance(each, Static) and isinstance(content := each.content, Content):
            hits = hits_in(content.plain, query)
            for start, end in hits:
                content = content.stylize(MARK, start, end)
            if hits:
                each.update(content)
                has_marked = True
    return has_marked
