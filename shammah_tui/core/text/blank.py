"""Whether a text is blank in every sense: empty, white space, or characters that are not seen."""

_FILLERS = frozenset(
    "\u2800\u3164\uffa0\u115f\u1160\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f\U0001d159"
)
"""Letters, marks and symbols that are drawn as nothing: fillers, the empty Braille cell."""


def is_blank(text: str) -> bool:
    """Return whether nothing of ``text`` can be seen: then it is no question and no reply.

    White space, controls, format characters (U+200B, U+FEFF, U+00AD, direction marks), fillers
    (U+3164, U+115F), the empty Braille cell U+2800 and variation selectors alone are blank.
    """
    text = text.strip()
    if not text or not _is_unseen(text[0]):
        return not text
    return all(map(_is_unseen, set(text)))


def without_blank_lines_around(text: str) -> str:
    """Return ``text`` as it is sent: without what is blank around it, but indented as it was."""
    text = text.rstrip()
    start = len(text) - len(text.lstrip())
    return text[text.rfind("\n", 0, start) + 1 :]


def _is_unseen(character: str) -> bool:
    if character.isascii():
        return character.isspace() or not character.isprintable()
    # Deferred: not before the first frame.
    from unicodedata import category

    code = ord(character)
    return (
        character in _FILLERS
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0000 <= code <= 0xE0FFF
        or category(character) in {"Cc", "Cf", "Zs", "Zl", "Zp"}
    )
