"""What can be done with a message that has the focus.

Their keys are plain letters: a letter that is none of them goes to the composer.
"""

from enum import StrEnum

from shammah_tui.ui.key_command import Home, KeyCommand


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
    _command(Deed.BEFORE, "up,ctrl+up", "Before", "On a message: go to the one before", False),
    _command(Deed.AFTER, "down,ctrl+down", "After", "On a message: go to the one after", False),
    _command(Deed.BACK, "escape", "Back", "On a message: go back to writing"),
    _command(Deed.END, "ctrl+end", "To the end", "On a message: go back to the end", False),
    _command(
        Deed.UNFOLD, "enter", "Unfold", "On a long question: show more of it, in the end fold it"
    ),
    _command(Deed.COPY, "c", "Copy", "On a message: copy it as Markdown"),
    _command(
        Deed.COPY_CODE, "k", "Copy code", "On a reply: copy its code block; once more, the next one"
    ),
    _command(Deed.SAVE_CODE, "s", "Save code", "On a reply: save its code block to a file"),
    _command(Deed.QUOTE, "q", "Quote", "On a message: quote it in what you write"),
    _command(Deed.RECEIPT, "i", "Receipt", "On a reply: show who gave it, why and what it took"),
    _command(Deed.AGAIN, "r", "Again", "On a message: have its question answered again"),
    _command(Deed.OTHER_SIDE, "o", "Other side", "On a message: have the other side answer"),
    _command(Deed.EDIT, "e", "Edit", "On a question: change it and ask again"),
    _command(
        Deed.EARLIER,
        "left,left_square_bracket",
        "Earlier",
        "On a message: show its earlier version",
    ),
    _command(
        Deed.LATER, "right,right_square_bracket", "Later", "On a message: show its later version"
    ),
    _command(Deed.FORK, "f", "Fork", "On a message: go on from here in a new conversation"),
    _command(Deed.DELETE, "d", "Delete", "On a message: delete its question and the replies to it"),
    KeyCommand(
        "undo_delete",
        "u",
        "undo_delete",
        "Undo",
        "Bring back the messages deleted last",
        slash="undo",
    ),
)
