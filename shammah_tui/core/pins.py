"""``@claude`` and ``@local`` at the start of a message: the user says who shall reply."""

import re
from enum import StrEnum


class Side(StrEnum):
    """The two that can reply; the values begin the router's labels."""

    CLAUDE = "Claude"
    LOCAL = "Local"


# White space before the pin is let through: "@local" often means that the text is private, and a
# stray space must not send it away.
_PIN = re.compile(r"\s*@(claude|local)(?:\s+|$)", re.IGNORECASE)


def split_pin(text: str) -> tuple[Side | None, str]:
    """Return the side that ``text`` is pinned to, if any, and the text without the pin.

    A pin is ``@claude`` or ``@local`` in any case at the very start, followed by white space or
    by nothing; ``@localhost`` and ``ask @claude`` are not pins.
    """
    pin = _PIN.match(text)
    if pin is None:
        return None, text
    side = Side.CLAUDE if pin[1].lower() == "claude" else Side.LOCAL
    return side, text[pin.end() :]


def pinned(side: Side, text: str) -> str:
    """Return ``text`` with a pin to ``side``, which ``split_pin`` takes off again."""
    return f"@{side.value.lower()} {text}"
