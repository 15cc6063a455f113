"""What a mistyped word may have meant."""

from collections.abc import Iterable


def suggestion(word: str, known: Iterable[str], sign: str = "") -> str:
    """Return ``; did you mean …?`` when one of ``known`` is close to ``word``, else nothing.

    Args:
        word: What was written.
        known: What there is.
        sign: Stands before what is suggested.
    """
    import difflib  # 3 ms that only a mistyped word needs.

    close = difflib.get_close_matches(word, list(known), 1, 0.6)
    return f"; did you mean {sign}{close[0]}?" if close else ""
