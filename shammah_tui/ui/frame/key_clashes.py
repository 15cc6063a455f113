"""Keys that were given to two commands: which of the two has it."""

from collections.abc import Iterator, Mapping

from textual.binding import Binding

from shammah_tui.ui.frame.keys import KEY_COMMANDS, BindingOwner, KeyCommand, spoken

_CHAINS = (
    (BindingOwner.COMPOSER, BindingOwner.CHAT, BindingOwner.APP),
    (BindingOwner.MESSAGE, BindingOwner.CHAT, BindingOwner.APP),
)
"""Who is asked for a key, from what has the focus upwards."""


def key_clashes(keys: Mapping[str, str]) -> tuple[str, ...]:
    """Return a sentence for each key that the settings make one of two commands at once.

    Keys that two commands share by default are none: only one of them can be done at a time.

    Args:
        keys: Keys that the settings give to some ids.
    """
    # Both chains have what is done wherever the focus is.
    found = dict.fromkeys(
        clash for chain in _CHAINS for clash in _clashes(_Chain(chain, keys), keys)
    )
    return tuple(found)


class _Chain:
    """The commands that may have a key while the focus is in one place, in their order."""

    def __init__(self, owners: tuple[BindingOwner, ...], keys: Mapping[str, str]) -> None:
        self._owners = owners
        self._keys = keys
        self._commands = [command for command in KEY_COMMANDS if command.owner in owners]

    def holders(self, key: str) -> list[KeyCommand]:
        """Return who has a key, the one that is asked first at the beginning."""
        holders = [each for each in self._commands if key in _keys_of(each, self._keys)]
        set_owners = {each.owner for each in holders if each.id in self._keys}

        def rank(command: KeyCommand) -> tuple[bool, bool, int]:
            # In one place Textual takes the key from whom the settings do not give it to; else
            # those that come before the focused widget are asked from the app down, the others up.
            loses = command.owner in set_owners and command.id not in self._keys
            at = self._owners.index(command.owner)
            return loses, not command.priority, -at if command.priority else at

        return sorted(holders, key=rank)


def _clashes(chain: _Chain, keys: Mapping[str, str]) -> Iterator[str]:
    for key in dict.fromkeys(each for bound in keys.values() for each in _split(bound)):
        holders = chain.holders(key)
        for first, other in zip(holders[:1] * len(holders), holders[1:], strict=False):
            by_default = key in _split(first.keys) and key in _split(other.keys)
            if not by_default:
                names = f"{first.id} and {other.id}"
                yield f"[keys] {spoken(key)} is bound to both {names}; using {first.id}"


def _keys_of(command: KeyCommand, keys: Mapping[str, str]) -> tuple[str, ...]:
    return _split(keys.get(command.id, command.keys))


def _split(bound: str) -> tuple[str, ...]:
    named = [Binding(each, "", "") for each in bound.split(",") if each.strip()]
    return tuple(each.key for each in Binding.make_bindings(named))
