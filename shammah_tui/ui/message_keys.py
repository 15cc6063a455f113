"""What can be done with a message that has the focus.

Their keys are plain letters: a letter that is none of them goes to the composer.
"""

from shammah_tui.ui.key_command import Home, KeyCommand


def _command(
    command_id: str, keys: str, label: str, description: str, *, action: str = "", show: bool = True
) -> KeyCommand:
    return KeyCommand(
        command_id,
        keys,
        action or f"do('{command_id}')",
        label,
        description,
        show=show,
        home=Home.MESSAGE,
    )


COPY = "copy_message"
COPY_CODE = "copy_code"
SAVE_CODE = "save_code"
QUOTE = "quote"
RECEIPT = "receipt"
AGAIN = "again"
OTHER_SIDE = "other_side"
EDIT = "edit"
BRANCH_BEFORE = "branch_before"
BRANCH_AFTER = "branch_after"
FORK = "fork"
DELETE = "delete_turn"
UNDO = "undo_delete"
BEFORE = "message_before"
AFTER = "message_after"
BACK = "back_to_composer"

MESSAGE_COMMANDS = (
    _command(BEFORE, "up,ctrl+up", "Before", "On a message: go to the one before", show=False),
    _command(AFTER, "down,ctrl+down", "After", "On a message: go to the one after", show=False),
    _command(BACK, "escape,ctrl+end", "Back", "On a message: go back to writing"),
    _command(COPY, "c", "Copy", "On a message: copy it as Markdown"),
    _command(COPY_CODE, "k", "Copy code", "On a reply: copy its code block; again: the next one"),
    _command(SAVE_CODE, "s", "Save code", "On a reply: save its code block"),
    _command(QUOTE, "q", "Quote", "On a message: quote it in what you write"),
    _command(RECEIPT, "i", "Receipt", "On a reply: show who gave it, why and what it took"),
    _command(AGAIN, "r", "Again", "On a message: have its question answered again"),
    _command(OTHER_SIDE, "o", "Other side", "On a message: have the other side answer"),
    _command(EDIT, "e", "Edit", "On a question: change it and ask again"),
    _command(BRANCH_BEFORE, "left,left_square_bracket", "Earlier", "On a message: earlier version"),
    _command(BRANCH_AFTER, "right,right_square_bracket", "Later", "On a message: later version"),
    _command(FORK, "f", "Fork", "On a message: go on from here in a new conversation"),
    _command(DELETE, "d", "Delete", "On a message: delete it with its question or replies"),
    _command(UNDO, "u", "Undo", "On a message: bring back what was deleted last"),
)
