"""What the palette and the slash do with the table of commands."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from textual.actions import parse
from textual.app import App, SystemCommand
from textual.dom import DOMNode
from textual.screen import Screen

from shammah_tui.ui.composer.composer import Composer
from shammah_tui.ui.frame.keys import KEY_COMMANDS, BindingOwner, KeyCommand, key_name


def system_commands(
    app: App[None], screen: Screen[Any], keys: Mapping[str, str]
) -> Iterable[SystemCommand]:
    """Yield one entry for each command that somebody there can do; they act on ``screen``."""
    for command in KEY_COMMANDS:
        doer = _doer(command, app, screen)
        if doer is not None and _is_offered(command, doer):
            ways = (key_name(command.id, keys), command.usage)
            yield SystemCommand(
                command.title,
                # Textual reads it as markup, and its own escape leaves [NAME] alone.
                " · ".join(way for way in ways if way).replace("[", r"\["),
                partial(run_command, command, "", app, screen),
            )


async def run_command(
    command: KeyCommand, argument: str, app: App[None], screen: Screen[Any]
) -> bool:
    """Do what a command's key does, with ``argument`` if any; return whether that could be done."""
    doer = _doer(command, app, screen)
    if doer is None:
        return False
    _, name, parameters = parse(command.action)
    return await app.run_action(
        ("", name, (*parameters, argument) if argument else parameters), doer
    )


def choices_of(command: KeyCommand, app: App[None], screen: Screen[Any]) -> Sequence[str]:
    """Return what may stand after a command's name, where that is a closed set.

    It is what the method ``choices_…``, beside the command's action, returns.
    """
    doer = _doer(command, app, screen)
    choices = getattr(doer, f"choices_{parse(command.action)[1]}", None)
    return () if choices is None else tuple(choices())


def _doer(command: KeyCommand, app: App[None], screen: Screen[Any]) -> DOMNode | None:
    method = f"action_{parse(command.action)[1]}"
    places = (*screen.query(Composer), screen, app)
    return next((place for place in places if hasattr(place, method)), None)


def _is_offered(command: KeyCommand, doer: DOMNode) -> bool:
    """Return whether the palette names a command: of a message, those that do something now."""
    if command.owner not in {BindingOwner.MESSAGE, BindingOwner.COMPOSER}:
        return True
    _, name, parameters = parse(command.action)
    return doer.check_action(name, parameters) is not False
