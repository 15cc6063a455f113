"""Every command in one table, which everything reads that offers commands.

These are bindings, footer, palette, slash commands, help and settings. A row and an ``action_…``
method where the row's owner says make a command.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum, auto
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from textual.binding import Binding, BindingType

if TYPE_CHECKING:
    from shammah_tui.core.wording.status import StatusKeys

UNBOUND = "no_key"
"""Stands in the bindings for the key of a command that has none; no terminal sends it."""


class BindingOwner(Enum):
    """Who has a command's binding, and its action unless the action names another place."""

    APP = auto()
    CHAT = auto()
    COMPOSER = auto()
    MESSAGE = auto()


class KeyCommand(NamedTuple):
    """One thing the user can have done.

    Attributes:
        id: Name by which ``[keys]`` in the settings can give it another key.
        keys: The keys it has otherwise, comma separated; empty is none.
        label: Its word in the footer.
        description: Its line in the command palette.
        usage: How it is written, such as ``/theme [NAME]``; empty when it has no name. The word
            after the name is the action's last parameter, if anything is written there.
        does: The Textual action, where that is not named as the command is.
        show: Whether the footer shows its key, if it has one, while it can be done.
        priority: Whether it comes before what the focused widget does with the key.
        owner: Who has the binding.
    """

    id: str
    keys: str
    label: str
    description: str
    usage: str = ""
    does: str = ""
    show: bool = True
    priority: bool = False
    owner: BindingOwner = BindingOwner.CHAT

    @property
    def action(self) -> str:
        """The Textual action, of whoever has the binding unless it names another place."""
        return self.does or self.id

    @property
    def slash(self) -> str:
        """Name that does it when written after a slash; empty is none."""
        return self.usage.partition(" ")[0][1:]

    @property
    def argument(self) -> str:
        """What may stand after the name, or must where it is in no brackets; empty is nothing."""
        return self.usage.partition(" ")[2]

    @property
    def title(self) -> str:
        """Its row in the command palette, which is sorted by it."""
        said = self.description.startswith(self.label)
        return self.description if said else f"{self.label}: {self.description}"


class MessageAction(StrEnum):
    """What is done with a message that has the focus; each value is the id of its command.

    Their keys are plain letters: a letter that is none of them goes back to the composer, which
    takes it. One whose command cannot be done now says why.
    """

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


def _message(
    action: MessageAction, keys: str, label: str, description: str, *, show: bool = True
) -> KeyCommand:
    does = f"screen.do('{action}')"
    return KeyCommand(
        action.value, keys, label, description, does=does, show=show, owner=BindingOwner.MESSAGE
    )


_app = partial(KeyCommand, owner=BindingOwner.APP)
_chat = KeyCommand
_composer = partial(KeyCommand, owner=BindingOwner.COMPOSER)

MESSAGE_COMMANDS = (
    _message(
        MessageAction.BEFORE, "up,ctrl+up", "Before", "Select the previous message", show=False
    ),
    _message(MessageAction.AFTER, "down,ctrl+down", "After", "Select the next message", show=False),
    _message(MessageAction.BACK, "escape", "Back", "Go back to the composer"),
    _message(
        MessageAction.END, "ctrl+end", "To the end", "Go to the end of the conversation", show=False
    ),
    _message(MessageAction.UNFOLD, "enter", "Unfold", "Expand or collapse a long question"),
    _message(MessageAction.COPY, "c", "Copy", "Copy the message as Markdown"),
    _message(
        MessageAction.COPY_CODE,
        "k",
        "Copy code",
        "Copy a code block of the reply; again, the next one",
    ),
    _message(MessageAction.SAVE_CODE, "s", "Save code", "Save a code block of the reply to a file"),
    _message(MessageAction.QUOTE, "q", "Quote", "Quote the message in the composer"),
    _message(
        MessageAction.RECEIPT,
        "i",
        "Receipt",
        "Show the receipt: which model, why, tokens, time, cost",
    ),
    _message(MessageAction.AGAIN, "r", "Regenerate", "Regenerate the reply"),
    _message(MessageAction.OTHER_SIDE, "o", "Other model", "Ask the other model"),
    _message(MessageAction.EDIT, "e", "Edit", "Edit the question and send it again"),
    _message(
        MessageAction.EARLIER, "left,left_square_bracket", "Earlier", "Show the earlier version"
    ),
    _message(MessageAction.LATER, "right,right_square_bracket", "Later", "Show the later version"),
    _message(MessageAction.FORK, "f", "Fork", "Fork: continue from here in a new conversation"),
    _message(MessageAction.DELETE, "d", "Delete", "Delete the question and its replies"),
    _chat("undo_delete", "u", "Undo", "Undo the last deletion", "/undo"),
)

KEY_COMMANDS = (
    _composer("send", "enter", "Send", "Send the message", priority=True),
    _composer(
        "newline",
        "ctrl+j,alt+enter,shift+enter",
        "New line",
        "Start a new line",
        show=False,
        priority=True,
    ),
    _composer("clear", "ctrl+l", "Clear", "Clear the message; Ctrl+Z undoes it", show=False),
    _composer(
        "editor",
        "ctrl+g",
        "Editor",
        "Write the message in $VISUAL or $EDITOR",
        "/editor",
        show=False,
    ),
    _composer(
        "ask_claude", "", "Ask Claude", "Ask Claude", "/claude QUESTION", does="ask('claude')"
    ),
    _composer(
        "ask_local",
        "",
        "Ask local",
        "Ask the local model only; it stays on this machine",
        "/local QUESTION",
        does="ask('local')",
    ),
    _chat("stop", "escape", "Stop", "Stop the reply (keeps the text so far)", "/stop"),
    _chat(
        "continue", "f7", "Continue", "Continue the reply", "/continue", does="go_on", priority=True
    ),
    _chat("thoughts", "f6", "Thoughts", "Show or hide the thoughts", "/thoughts", priority=True),
    _chat("new", "ctrl+n", "New", "Start a new conversation", "/new", show=False),
    _chat(
        "private",
        "",
        "Private",
        "Private conversation: not stored, not sent to Claude",
        "/private",
    ),
    _chat(
        "conversations",
        "f3",
        "Conversations",
        "Open, search, rename, pin or delete conversations",
        "/conversations",
        does="search",
        priority=True,
    ),
    _chat("rename", "", "Rename", "Rename this conversation", "/rename [TITLE]"),
    _chat("pin", "", "Pin", "Pin or unpin this conversation", "/pin"),
    _chat("search", "", "Search", "Search all conversations", "/search [WORDS]"),
    _chat("models", "f2", "Models", "Choose, download or delete local models", "/model [NAME]"),
    _chat(
        "cancel", "f8", "Cancel", "Cancel the download or the load", "/cancel", does="cancel_model"
    ),
    _chat(
        "retry", "f9", "Retry", "Resume the download, or load again", "/resume", does="retry_model"
    ),
    _chat(
        "ask_again",
        "",
        "Regenerate",
        "Regenerate the last reply; by Claude or the local model if named",
        "/retry [SIDE]",
    ),
    _composer("give_up_edit", "escape", "Cancel", "Cancel editing the earlier question"),
    _composer(
        "last_message",
        "ctrl+up",
        "Messages",
        "Select messages: copy, quote, regenerate, edit, delete",
        does="screen.focus_last_message",
    ),
    *MESSAGE_COMMANDS,
    _composer(
        "page_up",
        "pageup",
        "Page up",
        "Scroll the conversation up",
        does="screen.scroll_pane(-1)",
        show=False,
        priority=True,
    ),
    _composer(
        "page_down",
        "pagedown",
        "Page down",
        "Scroll the conversation down",
        does="screen.scroll_pane(1)",
        show=False,
        priority=True,
    ),
    _composer(
        "end",
        "ctrl+end",
        "To the end",
        "Go to the end of the conversation and follow it",
        does="screen.follow_end",
        show=False,
        priority=True,
    ),
    _chat("copy", "ctrl+c,super+c", "Copy", "Copy the selected text", does="copy_text", show=False),
    _chat("copy_reply", "", "Copy reply", "Copy the last reply as Markdown", "/copy"),
    _chat(
        "export",
        "",
        "Export",
        "Export this conversation, or all, as Markdown or JSON",
        "/export [FILE]",
    ),
    _chat(
        "key",
        "",
        "Claude key",
        "Claude key: give a key for Claude, or forget it",
        "/key [forget]",
        does="claude_key",
    ),
    _app("usage", "", "Usage", "Show tokens, cost, and the share of local replies", "/usage"),
    _app("theme", "", "Theme", "Change the theme", "/theme [NAME]", does="choose_theme"),
    _app("help", "f1", "Help", "Show all keys and commands", "/help"),
    _app("quit", "ctrl+q", "Quit", "Quit Shammah", "/quit", priority=True),
)

KEY_IDS = tuple(command.id for command in KEY_COMMANDS)

_FIRST = ("claude", "local", "new", "model", "conversations")
"""Slash commands that are offered before the others."""

SLASH_COMMANDS = {
    command.slash: command
    for command in sorted(
        (command for command in KEY_COMMANDS if command.slash),
        key=lambda command: _FIRST.index(command.slash) if command.slash in _FIRST else 99,
    )
}
"""By name: those wanted most, then the others in the table's order."""


def key_names(command_id: str, keys: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the keys of a command are called, such as ``F8``; ``keys`` are the settings'."""
    default = next(command.keys for command in KEY_COMMANDS if command.id == command_id)
    bound = keys.get(command_id, default)
    return tuple(spoken(key.strip()) for key in bound.split(",") if key.strip())


def key_name(command_id: str, keys: Mapping[str, str]) -> str:
    """Return what the first key of a command is called; empty when it has none."""
    return next(iter(key_names(command_id, keys)), "")


def spoken(key: str) -> str:
    """Return what a key is called: ``Ctrl+Q`` for ``ctrl+q``, but ``q`` for a key alone."""
    if len(key) == 1:
        return key
    return "+".join(_KEY_WORDS.get(part, part.capitalize()) for part in key.split("+"))


_KEY_WORDS = {
    "escape": "Esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "delete": "Del",
    "question_mark": "?",
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}


def status_keys(keys: Mapping[str, str]) -> "StatusKeys":
    """Return what the keys are called that status lines and sentences speak of."""
    # Deferred: 25 ms that the first frame does without.
    from shammah_tui.core.wording.status import StatusKeys

    ids = ("cancel", "retry", "models", "send")
    return StatusKeys(*(key_name(each, keys) for each in ids))


def bindings(*ids: str, show: bool | None = None) -> list[BindingType]:
    """Return Textual bindings for commands by their ids; ``show`` overrides theirs."""
    return [
        _binding(command, command.show if show is None else show)
        for command in KEY_COMMANDS
        if command.id in ids
    ]


def bindings_of(owner: BindingOwner) -> list[BindingType]:
    """Return Textual bindings for all commands of ``owner``, in the table's order."""
    return [_binding(command, command.show) for command in KEY_COMMANDS if command.owner is owner]


def _binding(command: KeyCommand, show: bool) -> Binding:
    # One without a key is bound all the same: the settings can give it one by its id.
    return Binding(
        command.keys or UNBOUND,
        command.action,
        command.label,
        show=show and bool(command.keys),
        priority=command.priority,
        id=command.id,
    )
