"""The command palette's entries, from the table of keys."""

from collections.abc import Iterable, Mapping
from functools import partial

from textual.app import App, SystemCommand
from textual.dom import DOMNode
from textual.screen import Screen

from shammah_tui.ui.keys import KEY_COMMANDS, key_name
from shammah_tui.ui.widgets.composer import Composer


def system_commands(
    app: App[None], screen: Screen[object], keys: Mapping[str, str]
) -> Iterable[SystemCommand]:
    """Yield one entry for each command that has a key, then the themes and the list of keys.

    Args:
        app: The app.
        screen: The screen over which the palette opens; its commands act on it.
        keys: Keys that the settings give to some ids.
    """
    for command in KEY_COMMANDS:
        action = command.action.rpartition(".")[2]
        where = _doer(f"action_{action.partition('(')[0]}", app, screen)
        if where is not None:
            yield SystemCommand(
                command.description,
                f"{command.label} · {key_name(command.id, keys)}",
                partial(app.run_action, action, where),
            )
    yield SystemCommand("Change the theme", "Until the program ends", app.action_change_theme)
    yield SystemCommand("Show or hide the list of keys", "Keys", app.action_show_help_panel)


def _doer(method: str, app: App[None], screen: Screen[object]) -> DOMNode | None:
    places = (*screen.query(Composer), screen, app)
    return next((place for place in places if hasattr(place, method)), None)
