"""Where a code fence ends, also one of Markdown that has fences in it.

CommonMark ends the block of a ```` ```markdown ```` fence at the first bare fence, which is the end
of a block *in* it wherever a model writes a README.
"""

import re
from collections.abc import Sequence

_HOLDING = frozenset({"markdown", "md", "mdx", "mkd"})
_NAMED = re.compile(r"[{.]*(?:[\w./-]*\.)?(\w+)")
"""The language: ``markdown``, ``{.markdown}``, ``markdown:docs/a.md``, ``README.md``."""
_COLONS = (":", "\uff1a")
_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*(.*)")


class FenceEnd:
    """Tells of each line of one block whether it may end the block.

    Args:
        marker: What opened it, such as three backticks.
        info: What follows that in the same line.
    """

    def __init__(self, marker: str, info: str) -> None:
        self._marker = marker
        self._holds = [_holds(info)]
        """Of each fence that is open, whether it may hold others; the last one is the innermost."""
        self._before = ""

    def take(self, line: str) -> bool | None:
        """Take the next line, without what stands before it in its list or quotation.

        Returns:
            Whether it ends the block; None where that depends on the line after it, of which
            ``decide`` is told.
        """
        line, before = line.strip(), self._before
        self._before = line
        found = _FENCE.fullmatch(line)
        if found is None or found[1][0] != self._marker[0] or len(found[1]) < len(self._marker):
            return False
        if not self._holds[0]:
            return not found[2]
        if found[2]:
            if self._holds[-1] and "`" not in found[2]:
                self._holds.append(_holds(found[2]))
            return False
        if len(self._holds) > 1:
            self._holds.pop()
            return False
        may_open = not before or before.startswith("#") or before.rstrip("*_ ").endswith(_COLONS)
        return None if may_open else True

    def decide(self, after: str | None) -> bool:
        """Return whether the bare fence before the line ``after`` ends the block.

        Below a blank line, a heading or a colon, and with code right after it, it opens one in the
        block.
        """
        opens = after is not None and bool(after.strip())
        if opens:
            self._holds.append(False)
        return not opens


def _holds(info: str) -> bool:
    """Return whether what a fence names is Markdown."""
    named = _NAMED.match(info.strip())
    return named is not None and named[1].lower() in _HOLDING


def end_of_fence(marker: str, info: str, lines: Sequence[str]) -> int | None:
    """Return which of the ``lines`` below the opening one ends the block; None where none does.

    Where the fences in it do not pair, the first bare one ends it.
    """
    end = FenceEnd(marker, info)
    for number, line in enumerate(lines):
        said = end.take(line)
        if said is None:
            said = end.decide(lines[number + 1] if number + 1 < len(lines) else None)
        if said:
            return number
    first = FenceEnd(marker, "")
    return next((number for number, line in enumerate(lines) if first.take(line)), None)
