"""What can be done with a message that has the focus.

Their keys are plain letters: a letter that is none of them goes back to the composer, which takes
it. One of them whose command cannot be done now says why, and is neither typed nor lost silently.
"""

from enum import StrEnum

from shammah_tui.core.wording import notices
from shammah_tui.ui.frame.key_command import BindingOwner, KeyCommand


class MessageAction(StrEnum):
    """What is done with a message; each value is the id of its command."""

    BEFORE = "message_before"
    AFTER = "message_after"
    BACK = "back_to_composer"
    END = "back_to_end"
    UNFOLD = "unfold"
    COPY = "copy_message"
    COPY_CODE = "copy_code"
    SAVE_CODE = "save_code"
    QUOTE = "quote"
    RECEIPT = "receipt"
    AGAIN = "again"
    OTHER_SIDE = "other_side"
    EDIT = "edit"
    EARLIER = "earlier_branch"
    LATER = "later_branch"
    FORK = "fork"
    DELETE = "delete_turn"


_ROWS = (
    (MessageAction.BEFORE, "up,ctrl+up", "Before", "Select the previous message"),
    (MessageAction.AFTER, "down,ctrl+down", "After", "Select the next message"),
    (MessageAction.BACK, "escape", "Back", "Go back to the composer"),
    (MessageAction.END, "ctrl+end", "To the end", "Go to the end of the conversation"),
    (MessageAction.UNFOLD, "enter", "Unfold", "Expand or collapse a long question"),
    (MessageAction.COPY, "c", "Copy", "Copy the message as Markdown"),
    (
        MessageAction.COPY_CODE,
        "k",
        "Copy code",
        "Copy a code block of the reply; again, the next one",
    ),
    (MessageAction.SAVE_CODE, "s", "Save code", "Save a code block of the reply to a file"),
    (MessageAction.QUOTE, "q", "Quote", "Quote the message in the composer"),
    (
        MessageAction.RECEIPT,
        "i",
        "Receipt",
        "Show the receipt: which model, why, tokens, time, cost",
    ),
    (MessageAction.AGAIN, "r", "Regenerate", "Regenerate the reply"),
    (MessageAction.OTHER_SIDE, "o", "Other model", "Ask the other model"),
    (MessageAction.EDIT, "e", "Edit", "Edit the question and send it again"),
    (MessageAction.EARLIER, "left,left_square_bracket", "Earlier", "Show the earlier version"),
    (MessageAction.LATER, "right,right_square_bracket", "Later", "Show the later version"),
    (MessageAction.FORK, "f", "Fork", "Fork: continue from here in a new conversation"),
    (MessageAction.DELETE, "d", "Delete", "Delete the question and its replies"),
)
_NOT_SHOWN = {MessageAction.BEFORE, MessageAction.AFTER, MessageAction.END}

MESSAGE_COMMANDS = (
    *(
        KeyCommand(
            action.value,
            keys,
            f"screen.do('{action.value}')",
            label,
            description,
            show=action not in _NOT_SHOWN,
            owner=BindingOwner.MESSAGE,
        )
        for action, keys, label, description in _ROWS
    ),
    KeyCommand("undo_delete", "u", "undo_delete", "Undo", "Undo the last deletion", slash="undo"),
)


def why_not(command_id: str, *, is_question: bool, is_replying: bool) -> str:
    """Return why a command cannot be done with a message now, as a sentence for the screen."""
    match command_id:
        case MessageAction.COPY | MessageAction.QUOTE:
            return notices.NO_TEXT_YET
        case MessageAction.COPY_CODE | MessageAction.SAVE_CODE:
            return notices.NO_CODE
        case MessageAction.UNFOLD:
            return notices.SHOWN_IN_FULL
        case MessageAction.RECEIPT if is_question:
            return notices.NO_RECEIPT
        case MessageAction.EDIT if not is_question:
            return notices.NOT_EDITABLE
        case MessageAction.EARLIER:
            return notices.NO_EARLIER
        case MessageAction.LATER:
            return notices.NO_LATER
        case "undo_delete":
            return notices.NOTHING_TO_UNDO
    if is_replying:
        return notices.WAIT_FOR_REPLY
    return notices.NOT_SAVED
