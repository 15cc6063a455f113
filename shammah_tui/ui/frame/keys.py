"""Every command in one table, which everything reads that offers commands.

These are bindings, footer, palette, slash commands, help and settings. A row and an ``action_…``
method where the row's owner says make a command. The table is why this file is long.
"""

from collections.abc import Mapping
from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING

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


class KeyCommand:
    """One thing the user can have done; plain, because a dataclass costs 1 ms of the start.

    Attributes:
        id: Name by which ``[keys]`` in the settings can give it another key.
        keys: The keys it has otherwise, comma separated; empty is none.
        action: The Textual action, of whoever has the binding unless it names another place.
        label: Its word in the footer.
        description: Its line in the command palette.
        show: Whether the footer shows it while it can be done.
        priority: Whether it comes before what the focused widget does with the key.
        slash: Name that does it when written after a slash; empty is none.
        argument: What the action takes as its last parameter when it is done by its name, as a
            word for the help; empty is nothing. Otherwise the action is done without it.
        owner: Who has the binding.
    """

    def __init__(
        self,
        id_: str,
        keys: str,
        action: str,
        label: str,
        description: str,
        show: bool = True,
        priority: bool = False,
        slash: str = "",
        argument: str = "",
        owner: BindingOwner = BindingOwner.CHAT,
    ) -> None:
        self.id = id_
        self.keys = keys
        self.action = action
        self.label = label
        self.description = description
        self.show = show
        self.priority = priority
        self.slash = slash
        self.argument = argument
        self.owner = owner

    @property
    def usage(self) -> str:
        """How it is written, such as ``/theme NAME``; empty when it has no name."""
        return f"/{self.slash} {self.argument}".rstrip() if self.slash else ""

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


_MESSAGE_ROWS = (
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
_NOT_IN_FOOTER = {MessageAction.BEFORE, MessageAction.AFTER, MessageAction.END}

MESSAGE_COMMANDS = (
    *(
        KeyCommand(
            action.value,
            keys,
            f"screen.do('{action.value}')",
            label,
            description,
            show=action not in _NOT_IN_FOOTER,
            owner=BindingOwner.MESSAGE,
        )
        for action, keys, label, description in _MESSAGE_ROWS
    ),
    KeyCommand("undo_delete", "u", "undo_delete", "Undo", "Undo the last deletion", slash="undo"),
)


KEY_COMMANDS = (
    KeyCommand(
        "send",
        "enter",
        "send",
        "Send",
        "Send the message",
        priority=True,
        owner=BindingOwner.COMPOSER,
    ),
    KeyCommand(
        "newline",
        "ctrl+j,alt+enter,shift+enter",
        "newline",
        "New line",
        "Start a new line",
        show=False,
        priority=True,
        owner=BindingOwner.COMPOSER,
    ),
    KeyCommand(
        "clear",
        "ctrl+l",
        "clear",
        "Clear",
        "Clear the message; Ctrl+Z brings it back",
        show=False,
        owner=BindingOwner.COMPOSER,
    ),
    KeyCommand(
        "editor",
        "ctrl+g",
        "editor",
        "Editor",
        "Write the message in your editor ($VISUAL or $EDITOR)",
        show=False,
        slash="editor",
        owner=BindingOwner.COMPOSER,
    ),
    KeyCommand(
        "ask_claude",
        "",
        "ask('claude')",
        "Ask Claude",
        "Ask Claude",
        slash="claude",
        argument="QUESTION",
        owner=BindingOwner.COMPOSER,
    ),
    KeyCommand(
        "ask_local",
        "",
        "ask('local')",
        "Ask here",
        "Ask the local model only; the question stays on this machine",
        slash="local",
        argument="QUESTION",
        owner=BindingOwner.COMPOSER,
    ),
    KeyCommand(
        "stop", "escape", "stop", "Stop", "Stop the reply (keeps the text so far)", slash="stop"
    ),
    KeyCommand(
        "continue",
        "f7",
        "go_on",
        "Continue",
        "Continue the reply",
        priority=True,
        slash="continue",
    ),
    KeyCommand(
        "thoughts",
        "f6",
        "thoughts",
        "Thoughts",
        "Show or hide the thoughts",
        priority=True,
        slash="thoughts",
    ),
    KeyCommand("new", "ctrl+n", "new", "New", "Start a new conversation", show=False, slash="new"),
    KeyCommand(
        "private",
        "",
        "private",
        "Private",
        "Start a private conversation: not stored, not sent to Claude",
        show=False,
        slash="private",
    ),
    KeyCommand(
        "conversations",
        "f3",
        "search",
        "Conversations",
        "Open, search, rename, pin or delete conversations",
        priority=True,
        slash="conversations",
    ),
    KeyCommand(
        "rename",
        "",
        "rename",
        "Rename",
        "Rename this conversation",
        show=False,
        slash="rename",
        argument="[TITLE]",
    ),
    KeyCommand(
        "pin",
        "",
        "pin",
        "Pin",
        "Pin or unpin this conversation",
        show=False,
        slash="pin",
    ),
    KeyCommand(
        "search",
        "",
        "search",
        "Search",
        "Search all conversations",
        show=False,
        slash="search",
        argument="[WORDS]",
    ),
    KeyCommand(
        "models",
        "f2",
        "models",
        "Models",
        "Choose, download or delete local models",
        slash="model",
        argument="[NAME]",
    ),
    KeyCommand(
        "cancel",
        "f8",
        "cancel_model",
        "Cancel",
        "Cancel the download or the load",
        slash="cancel",
    ),
    KeyCommand(
        "retry",
        "f9",
        "retry_model",
        "Retry",
        "Resume the download, or load again",
        slash="resume",
    ),
    KeyCommand(
        "ask_again",
        "",
        "ask_again",
        "Regenerate",
        "Regenerate the last reply; by Claude or the local model if named",
        show=False,
        slash="retry",
        argument="[SIDE]",
    ),
    KeyCommand(
        "give_up_edit",
        "escape",
        "give_up_edit",
        "Cancel",
        "Cancel editing the earlier question",
        owner=BindingOwner.COMPOSER,
    ),
    KeyCommand(
        "last_message",
        "ctrl+up",
        "screen.focus_last_message",
        "Messages",
        "Select messages: copy, quote, regenerate, edit, delete",
        owner=BindingOwner.COMPOSER,
    ),
    *MESSAGE_COMMANDS,
    KeyCommand(
        "page_up",
        "pageup",
        "screen.scroll_pane(-1)",
        "Page up",
        "Scroll the conversation up",
        show=False,
        priority=True,
        owner=BindingOwner.COMPOSER,
    ),
    KeyCommand(
        "page_down",
        "pagedown",
        "screen.scroll_pane(1)",
        "Page down",
        "Scroll the conversation down",
        show=False,
        priority=True,
        owner=BindingOwner.COMPOSER,
    ),
    KeyCommand(
        "end",
        "ctrl+end",
        "screen.follow_end",
        "To the end",
        "Go to the end of the conversation and follow it",
        show=False,
        priority=True,
        owner=BindingOwner.COMPOSER,
    ),
    KeyCommand("copy", "ctrl+c,super+c", "copy_text", "Copy", "Copy the selected text", show=False),
    KeyCommand(
        "copy_reply",
        "",
        "copy_reply",
        "Copy reply",
        "Copy the last reply as Markdown",
        show=False,
        slash="copy",
    ),
    KeyCommand(
        "export",
        "",
        "export",
        "Export",
        "Export this conversation, or all, as Markdown or JSON",
        show=False,
        slash="export",
        argument="[FILE]",
    ),
    KeyCommand(
        "usage",
        "",
        "usage",
        "Usage",
        "Show tokens, cost, and the share of local replies",
        show=False,
        slash="usage",
        owner=BindingOwner.APP,
    ),
    KeyCommand(
        "theme",
        "",
        "choose_theme",
        "Theme",
        "Change the theme",
        show=False,
        slash="theme",
        argument="[NAME]",
        owner=BindingOwner.APP,
    ),
    KeyCommand(
        "help",
        "f1",
        "help",
        "Help",
        "Show all keys and commands",
        slash="help",
        owner=BindingOwner.APP,
    ),
    KeyCommand(
        "quit",
        "ctrl+q",
        "quit",
        "Quit",
        "Quit Shammah",
        priority=True,
        slash="quit",
        owner=BindingOwner.APP,
    ),
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
    """Return what the keys of a command are called, such as ``F8`` or ``Ctrl+Q``.

    Args:
        command_id: Id out of the table.
        keys: Keys that the settings give to some ids.
    """
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

    cancel, retry, models = (key_name(each, keys) for each in ("cancel", "retry", "models"))
    return StatusKeys(cancel, retry, models)


def bindings(*ids: str, show: bool | None = None) -> list[BindingType]:
    """Return Textual bindings for the commands named, in the table's order.

    Args:
        ids: Ids out of the table.
        show: Overrides whether the footer shows them.
    """
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
