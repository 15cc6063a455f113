"""Keys that were given to two commands: which of the two has it."""

from collections.abc import Iterator, Mapping

from textual.binding import Binding

from shammah_tui.core.wording import notices
from shammah_tui.ui.frame.keys import KEY_COMMANDS, BindingOwner, KeyCommand, spoken

_CHAINS = (
    (BindingOwner.COMPOSER, BindingOwner.CHAT, BindingOwner.APP),
    (BindingOwner.MESSAGE, BindingOwner.CHAT, BindingOwner.APP),
)
"""Who is asked for a key, from what has the focus upwards."""


def key_clashes(keys: Mapping[str, str]) -> tuple[str, ...]:
    """Return a sentence for each key that ``[keys]`` makes one of two commands at once.

    Keys that two commands share by default are none: only one of them can be done at a time.
    """
    # Both chains have what is done wherever the focus is.
    found = dict.fromkeys(clash for chain in _CHAINS for clash in _clashes(chain, keys))
    return tuple(found)


def _clashes(owners: tuple[BindingOwner, ...], keys: Mapping[str, str]) -> Iterator[str]:
    for key in dict.fromkeys(each for bound in keys.values() for each in _split(bound)):
        holders = _holders(key, owners, keys)
        for other in holders[1:]:
            first = holders[0]
            if not (key in _split(first.keys) and key in _split(other.keys)):
                yield notices.key_clash(spoken(key), first.id, other.id)


def _holders(
    key: str, owners: tuple[BindingOwner, ...], keys: Mapping[str, str]
) -> list[KeyCommand]:
    """Return who has a key, the one that is asked first at the beginning."""
    holders = [
        command
        for command in KEY_COMMANDS
        if command.owner in owners and key in _split(keys.get(command.id, command.keys))
    ]
    set_owners = {each.owner for each in holders if each.id in keys}

    def rank(command: KeyCommand) -> tuple[bool, bool, int]:
        # In one place Textual takes the key from whom the settings do not give it to; else those
        # that come before the focused widget are asked from the app down, the others up.
        loses = command.owner in set_owners and command.id not in keys
        at = owners.index(command.owner)
        return loses, not command.priority, -at if command.priority else at

    return sorted(holders, key=rank)


def _split(bound: str) -> tuple[str, ...]:
    named = [Binding(each, "", "") for each in bound.split(",") if each.strip()]
    return tuple(each.key for each in Binding.make_bindings(named))
