"""Where in a conversation begins what the local model still sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.content import Content
from textual.widget import Widget

from shammah_tui.core.wording import notices
from shammah_tui.ui.frame.gone import BlankWhenGone
from shammah_tui.ui.frame.plain_mode import is_plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.geometry import Size

    from shammah_tui.core.conversation.records import StoredMessage
    from shammah_tui.ui.chat.message_box import MessageBox

WORDS = notices.LATER_UNSEEN


class UnseenRule(BlankWhenGone, Widget):
    """A quiet rule below the last message that was left out of what the local model was told."""

    DEFAULT_CSS = """
    UnseenRule {
        height: auto;
        margin: 1 1 0 1;
        color: $text-muted;
        text-align: center;
        .unseen-rule--line { color: $rule; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"unseen-rule--line"}

    # It is nothing that anybody said.
    ALLOW_SELECT = False

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return Content(WORDS).get_height({}, width)

    def render(self) -> Content:
        room = self.content_size.width - len(WORDS) - 2
        if room < 4 or is_plain(self):
            return Content(WORDS)
        style = self.get_visual_style("unseen-rule--line", partial=True)
        left, right = (Content("─" * half).stylize(style) for half in (room // 2, -(-room // 2)))
        return Content.assemble(left, f" {WORDS} ", right)


def first_seen_box(
    path: Sequence[StoredMessage], first: int, boxes: Sequence[MessageBox], live: MessageBox | None
) -> MessageBox | None:
    """Return the widget of the first message that the newest reply's side was told.

    None where it has none, or nothing was left out. ``first`` is the index in the path of the
    first of ``boxes``; ``live`` is the reply that is being written.
    """
    # Deferred: 25 ms before the first frame, when there are no messages.
    from shammah_tui.core.conversation.records import first_seen

    end, left_out = len(path), 0
    if live is not None and live.label:
        left_out = live.left_out
    else:
        while end and ((receipt := path[end - 1].receipt) is None or not receipt.label):
            end -= 1
        if end and receipt is not None:
            left_out = receipt.left_out
    at = first_seen(path[:end], left_out) if left_out else None
    return boxes[at - first] if at is not None and first <= at < first + len(boxes) else None
