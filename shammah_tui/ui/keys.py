"""Every command with its key, in one table: bindings, footer, palette and settings read it."""

from collections.abc import Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingType

from shammah_tui.core.status import StatusKeys


@dataclass(frozen=True, slots=True)
class KeyCommand:
    """One thing a key can do.

    Attributes:
        id: Name by which ``[keys]`` in the settings can give it another key.
        keys: The keys it has otherwise, comma separated.
        action: The Textual action, of whoever has the binding unless it names another place.
        label: Its word in the footer.
        description: Its line in the command palette.
        show: Whether the footer shows it while it can be done.
        priority: Whether it comes before what the focused widget does with the key.
    """

    id: str
    keys: str
    action: str
    label: str
    description: str
    show: bool = True
    priority: bool = False


KEY_COMMANDS = (
    KeyCommand("send", "enter", "send", "Send", "Send the message", priority=True),
    KeyCommand(
        "newline",
        "ctrl+j,shift+enter",
        "newline",
        "New line",
        "Begin a new line in the message",
        priority=True,
    ),
    KeyCommand(
        "editor",
        "ctrl+g",
        "editor",
        "Editor",
        "Write the message in your editor ($VISUAL or $EDITOR)",
        show=False,
    ),
    KeyCommand("stop", "escape", "stop", "Stop", "Stop the reply and keep what came"),
    KeyCommand("models", "f2", "models", "Models", "Choose, fetch or delete local models"),
    KeyCommand("cancel", "f8", "cancel_model", "Cancel", "Cancel the download or the loading"),
    KeyCommand("retry", "f9", "retry_model", "Retry", "Go on with the download or load again"),
    KeyCommand(
        "page_up",
        "pageup",
        "screen.scroll_pane(-1)",
        "Page up",
        "Scroll the conversation up",
        show=False,
        priority=True,
    ),
    KeyCommand(
        "page_down",
        "pagedown",
        "screen.scroll_pane(1)",
        "Page down",
        "Scroll the conversation down",
        show=False,
        priority=True,
    ),
    KeyCommand(
        "end",
        "ctrl+end",
        "screen.follow_end",
        "To the end",
        "Go to the end of the conversation and follow it",
        show=False,
        priority=True,
    ),
    KeyCommand("copy", "ctrl+c,super+c", "copy_text", "Copy", "Copy the selected text", show=False),
    KeyCommand("quit", "ctrl+q", "quit", "Quit", "Leave Shammah", priority=True),
)

KEY_IDS = tuple(command.id for command in KEY_COMMANDS)


def key_name(command_id: str, keys: Mapping[str, str]) -> str:
    """Return what the first key of a command is called, such as ``F8`` or ``Ctrl+Q``.

    Args:
        command_id: Id out of the table.
        keys: Keys that the settings give to some ids.
    """
    default = next(command.keys for command in KEY_COMMANDS if command.id == command_id)
    first = keys.get(command_id, default).split(",")[0].strip()
    return "+".join(part.capitalize() for part in first.split("+"))


def status_keys(keys: Mapping[str, str]) -> StatusKeys:
    """Return what the keys are called that status lines and sentences speak of."""
    cancel, retry, models = (key_name(each, keys) for each in ("cancel", "retry", "models"))
    return StatusKeys(cancel, retry, models)


def bindings(*ids: str, show: bool | None = None) -> list[BindingType]:
    """Return Textual bindings for the commands named, in the table's order.

    Args:
        ids: Ids out of the table.
        show: Overrides whether the footer shows them.
    """
    return [
        Binding(
            command.keys,
            command.action,
            command.label,
            show=command.show if show is None else show,
            priority=command.priority,
            id=command.id,
        )
        for command in KEY_COMMANDS
        if command.id in ids
    ]
