"""What is said of a mistyped word, or of a slip in a search."""

from collections.abc import Iterable


def suggestion(word: str, known: Iterable[str], sign: str = "") -> str:
    """Return ``; did you mean …?`` when one of ``known`` is close to ``word``, else nothing.

    ``sign`` stands before what is suggested.
    """
    import difflib  # 3 ms that only a mistyped word needs.

    close = difflib.get_close_matches(word, list(known), 1, 0.6)
    return f"; did you mean {sign}{close[0]}?" if close else ""


def no_filter(written: str, meant: str) -> str:
    return f"There is no filter {written}:; did you mean {meant}:?"


def bin_filter(name: str) -> str:
    return f"Write in:{name} for the deleted conversations"


SENDER_FILTER = "Write from:local, from:claude or from:me"


def date_filter(name: str) -> str:
    return f"Write {name}: with a date, such as {name}:2026-11-03"
