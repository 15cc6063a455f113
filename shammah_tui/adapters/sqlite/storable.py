"""Text as SQLite takes it."""


def storable(text: str) -> str:
    """Return ``text`` with halves of surrogate pairs joined, and lone ones replaced by U+FFFD.

    Python's strings may hold them, UTF-8 may not.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
