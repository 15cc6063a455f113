"""What can be done with a message that has the focus.

Their keys are plain letters: a letter that is none of them goes back to the composer, which takes
it. One of them whose command cannot be done now says why, and is neither typed nor lost silently.
"""

from enum import StrEnum

from shammah_tui.ui.frame.key_command import Home, KeyCommand


class Deed(StrEnum):
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


def _command(deed: Deed, keys: str, label: str, description: str, show: bool = True) -> KeyCommand:
    return KeyCommand(
        deed.value,
        keys,
        f"screen.do('{deed.value}')",
        label,
        description,
        show=show,
        home=Home.MESSAGE,
    )


MESSAGE_COMMANDS = (
    _command(Deed.BEFORE, "up,ctrl+up", "Before", "Select the previous message", False),
    _command(Deed.AFTER, "down,ctrl+down", "After", "Select the next message", False),
    _command(Deed.BACK, "escape", "Back", "Go back to the composer"),
    _command(Deed.END, "ctrl+end", "To the end", "Go to the end of the conversation", False),
    _command(Deed.UNFOLD, "enter", "Unfold", "Expand or collapse a long question"),
    _command(Deed.COPY, "c", "Copy", "Copy the message as Markdown"),
    _command(
        Deed.COPY_CODE, "k", "Copy code", "Copy a code block of the reply; again, the next one"
    ),
    _command(Deed.SAVE_CODE, "s", "Save code", "Save a code block of the reply to a file"),
    _command(Deed.QUOTE, "q", "Quote", "Quote the message in the composer"),
    _command(
        Deed.RECEIPT, "i", "Receipt", "Show the receipt: which model, why, tokens, time, cost"
    ),
    _command(Deed.AGAIN, "r", "Regenerate", "Regenerate the reply"),
    _command(Deed.OTHER_SIDE, "o", "Other model", "Ask the other model"),
    _command(Deed.EDIT, "e", "Edit", "Edit the question and send it again"),
    _command(
        Deed.EARLIER,
        "left,left_square_bracket",
        "Earlier",
        "Show the earlier version",
    ),
    _command(Deed.LATER, "right,right_square_bracket", "Later", "Show the later version"),
    _command(Deed.FORK, "f", "Fork", "Fork: continue from here in a new conversation"),
    _command(Deed.DELETE, "d", "Delete", "Delete the question and its replies"),
    KeyCommand(
        "undo_delete",
        "u",
        "undo_delete",
        "Undo",
        "Undo the last deletion",
        slash="undo",
    ),
)


def why_not(command_id: str, *, is_question: bool, is_replying: bool) -> str:
    """Return why a command cannot be done with a message now, as a sentence for the screen."""
    match command_id:
        case Deed.COPY | Deed.QUOTE:
            return "There is no text yet"
        case Deed.COPY_CODE | Deed.SAVE_CODE:
            return "There is no code block in this message"
        case Deed.UNFOLD:
            return "This message is shown in full"
        case Deed.RECEIPT if is_question:
            return "Only a reply has a receipt"
        case Deed.EDIT if not is_question:
            return "Only a question can be edited"
        case Deed.EARLIER:
            return "There is no earlier version"
        case Deed.LATER:
            return "There is no later version"
        case "undo_delete":
            return "Nothing to undo"
    if is_replying:
        return "Wait for this reply to finish, or stop it first"
    return "This message isn't saved yet, so that isn't possible"
