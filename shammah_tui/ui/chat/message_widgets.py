"""The widgets of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

# What is imported in the functions alone costs 15 ms before the first frame.
if TYPE_CHECKING:
    from shammah_tui.core.conversation.records import StoredMessage
    from shammah_tui.ui.chat.message_box import MessageBox
    from shammah_tui.ui.chat.question import Question
    from shammah_tui.ui.reply.reply_view import ReplyView


def question_widget(text: str) -> Question:
    """Return a question that is being asked."""
    from shammah_tui.ui.chat.question import Question

    return Question(text)


def reply_widget() -> ReplyView:
    """Return a reply that is to come."""
    from shammah_tui.ui.reply.reply_view import ReplyView

    return ReplyView()


def is_reply(message: StoredMessage) -> bool:
    """Return whether a message that was kept is a reply."""
    from shammah_tui.core.conversation.conversation import Role

    return message.role is Role.ASSISTANT


def widget_of(message: StoredMessage, versions: tuple[int, ...]) -> MessageBox:
    """Return a message that was kept.

    Args:
        message: Which.
        versions: As in ``MessageBox``.
    """
    from shammah_tui.ui.chat.question import Question
    from shammah_tui.ui.reply.reply_view import ReplyView

    box: MessageBox
    box = ReplyView(message) if is_reply(message) else Question(message.text, message)
    box.versions = versions
    return box
