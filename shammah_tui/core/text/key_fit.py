"""Which keys the line at the bottom names where it has no room for all."""

# Before the first picture ``typing`` and ``collections`` are not there: 4 ms.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

LEFT_OUT = (
    "Quit",
    "Retry",
    "Cancel",
    "Thoughts",
    "Conversations",
    "Models",
    "Messages",
    "Delete",
    "Other model",
    "Quote",
    "Fork",
    "Save code",
    "Receipt",
    "Copy code",
    "Regenerate",
    "Edit",
    "Copy",
    "Later",
    "Earlier",
    "Undo",
    "Continue",
)
"""Words of keys, the one that goes first first: help, palette and header name them too."""


CLOSE = "Close"
"""The way out of a panel, which is never left out."""

MORE = " … "
"""Stands where keys were left out that would do something."""


def shown_keys(keys: "Sequence[tuple[str, str, bool]]", room: int) -> "tuple[list[int], str]":
    """Return the indices of the keys that fit, and what says that there are more."""
    kept = kept_keys(keys, room)
    if all(is_off for number, (_, _, is_off) in enumerate(keys) if number not in kept):
        return kept, ""
    return kept_keys(keys, room - len(MORE)), MORE if room > len(MORE) else ""


def kept_keys(keys: "Sequence[tuple[str, str, bool]]", room: int) -> list[int]:
    """Return the indices of the keys (name, word, whether it is off) that fit ``room`` cells.

    What does nothing goes first, then what ``LEFT_OUT`` says, then whatever is last. Cut in the
    middle of a word, the line would look broken, and say nothing of what was behind.
    """
    kept = list(range(len(keys)))
    while kept and sum(len(keys[n][0]) + len(keys[n][1]) + 3 for n in kept) > room:
        kept.remove(min(kept, key=lambda n: _turn(keys[n], n)))
    return kept


def _turn(key: tuple[str, str, bool], number: int) -> tuple[int, int]:
    _, word, is_off = key
    if is_off:
        return -1, number
    if word in LEFT_OUT:
        return LEFT_OUT.index(word), number
    if word == CLOSE:
        return len(LEFT_OUT) + 1, 0
    return len(LEFT_OUT), -number
