r"""Where mathematics begins and ends in Markdown: ``\[ \]``, ``\( \)``, ``$ $``, ``$$ $$``."""

import re

LONGEST = 5_000
"""Characters of one formula: what goes on longer is none."""

_BLOCK = re.compile(r"\\\[|\$\$|\\begin\{([A-Za-z]+\*?)\}")
_SIGNS = re.compile(r"[\\^_=+*/<>{}|-]")
_ALONE = re.compile(r"\s*[^\W_]'*\s*")
_PRICE = re.compile(r"\d[^\\^_={}]*")
_CLOSING = {r"\[": r"\]", r"\(": r"\)", "$$": "$$", "$": "$"}


def block_end(line: str) -> str | None:
    """Return what ends the formula that ``line`` begins with; None where it begins with none."""
    found = _BLOCK.match(line)
    if found is None:
        return None
    return f"\\end{{{found[1]}}}" if found[1] else _CLOSING[found[0]]


def ends_block(line: str, end: str, *, is_first: bool) -> bool:
    """Return whether ``line`` has the ``end`` of the formula; the first one begins it too."""
    return end in (line[2:] if is_first else line)


def formula_at(text: str, start: int, stop: int) -> int | None:
    """Return where the formula ends that begins at ``start``; None where none begins there.

    Prices, shell variables and the like are none: a single dollar is mathematics where no blank
    is inside of it, no letter or digit outside, and what is between looks like a formula.
    """
    stop = min(stop, start + LONGEST)
    if text.startswith(r"\begin{", start):
        closing = block_end(text[start : start + 40])
        at = -1 if closing is None else text.find(closing, start, stop)
        return None if closing is None or at < 0 else at + len(closing)
    opening = text[start : start + 2]
    if opening not in _CLOSING:
        opening = text[start : start + 1]
    if opening not in _CLOSING:
        return None
    closing = _CLOSING[opening]
    inside = start + len(opening)
    at = text.find(closing, inside, stop)
    if at <= inside:
        return None
    formula, end = text[inside:at], at + len(closing)
    if "\n\n" in formula:
        return None
    if opening[0] == "\\":
        return end
    before, after = text[start - 1 : start], text[end : end + 1]
    is_bare = not (before.isalnum() or before in {"$", "\\"} or after.isalnum() or after == "$")
    is_formula = (_SIGNS.search(formula) or _ALONE.fullmatch(formula)) and "`" not in formula
    if not (is_bare and is_formula):
        return None
    if opening == "$" and (
        formula[0].isspace()
        or formula[-1].isspace()
        or formula.endswith("\\")
        or _PRICE.fullmatch(formula)
    ):
        return None
    return end
