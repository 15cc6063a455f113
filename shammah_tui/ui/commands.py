"""The command palette's entries, from the table of keys."""

from collections.abc import Iterable, Mapping
from functools import partial

from textual.app import App, SystemCommand

from shammah_tui.ui.keys import KEY_COMMANDS, key_name


def system_commands(app: App[None], keys: Mapping[str, str]) -> Iterable[SystemCommand]:
    """Yield one entry for each command that has a key, then the themes and the list of keys."""
    for command in KEY_COMMANDS:
        yield SystemCommand(
            command.label,
            f"{command.description} ({key_name(command.id, keys)})",
            partial(app.run_action, command.action),
        )
    yield SystemCommand(
        "Theme", "Change the colours until the program ends", app.action_change_theme
    )
    yield SystemCommand("Keys", "Show or hide the list of keys", app.action_show_help_panel)
