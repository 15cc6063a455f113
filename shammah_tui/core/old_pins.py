"""Pins of conversations from before a question kept its own."""

from collections.abc import Sequence
from dataclasses import replace

from shammah_tui.core.conversation import Role
from shammah_tui.core.pins import Side
from shammah_tui.core.records import Receipt, StoredMessage

_PINNED = frozenset({"Pinned", "UserPinned"})
_ASKED = tuple(f"{side.value} · you asked" for side in Side)


def with_old_pins(messages: Sequence[StoredMessage]) -> tuple[StoredMessage, ...]:
    """Return an old conversation's messages with their pins, and what stays here because of them.

    The migration of the database that adds pins does the same.

    Args:
        messages: All messages, parents before their children.
    """
    first: dict[int, StoredMessage] = {}
    for reply in sorted(messages, key=lambda message: message.id):
        if reply.role is Role.ASSISTANT and reply.parent_id is not None:
            first.setdefault(reply.parent_id, reply)
    found: list[StoredMessage] = []
    told: set[int] = set()
    for message in messages:
        new = message
        if message.role is Role.USER and message.id in first:
            new = replace(message, pin=_pin(first[message.id].receipt))
        is_local = message.receipt is not None and message.receipt.side is Side.LOCAL
        if message.parent_id in told and is_local:
            new = replace(new, is_private=True)
        if new.pin is Side.LOCAL or message.parent_id in told:
            told.add(message.id)
        found.append(new)
    return tuple(found)


def _pin(receipt: Receipt | None) -> Side | None:
    if receipt is None:
        return None
    # A reply whose program was killed keeps its label alone.
    is_pinned = receipt.reason in _PINNED or (
        not receipt.reason and receipt.label.startswith(_ASKED)
    )
    return receipt.side if is_pinned else None
