"""What a reader takes for one sign: a letter with its marks, a flag, a joined emoji."""

_MOST = 256
"""Characters that are looked at: nobody writes a sign of more."""


def sign_before(text: str, end: int) -> int:
    """Return where the sign begins that ends at ``end``, which is above 0 (Unicode Annex 29)."""
    if text[end - 1].isascii():
        return end - 1
    # Deferred: 30 ms, which another thread spends where it can (``ui.later``).
    from wcwidth import grapheme_boundary_before

    first = max(0, end - _MOST)
    return first + grapheme_boundary_before(text[first:end], end - first)


def sign_after(text: str, start: int) -> int:
    """Return where the sign ends that begins at ``start``, which is before the text's end."""
    if start + 1 == len(text) or text[start + 1].isascii():
        return start + 1
    from wcwidth import iter_graphemes

    return start + len(next(iter_graphemes(text[start : start + _MOST])))


def is_written(character: str) -> bool:
    """Return whether somebody may write a character, seen or not: no control, no line end."""
    from unicodedata import category

    return len(character) == 1 and category(character) not in {"Cc", "Cs", "Zl", "Zp"}
