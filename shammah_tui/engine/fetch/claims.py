"""Which connection fetches which blocks."""

from dataclasses import dataclass


@dataclass(slots=True)
class Claim:
    """A stretch of blocks that one connection is fetching.

    Attributes:
        next: The block under way.
        end: The first block that is no longer its own; it may be moved nearer at any moment.
    """

    next: int
    end: int


class Claims:
    """Hands the missing blocks out, from the front, and never one to two connections.

    Args:
        missing: The missing blocks as stretches ``(first, end)``, in order.
    """

    def __init__(self, missing: list[tuple[int, int]]) -> None:
        self._gaps = missing
        self._active: list[Claim] = []

    def take(self, most: int | None, least: int) -> Claim | None:
        """Return the next stretch to fetch, or None when there is nothing left to hand out.

        When every missing block is already claimed, the longest claim is cut in two, so that one
        slow connection does not hold up the end.

        Args:
            most: Most blocks to hand out; None is without a bound.
            least: Fewest blocks that are worth a request of their own.
        """
        if not self._gaps:
            self._cut_longest(least)
        if not self._gaps:
            return None
        first, end = self._gaps.pop(0)
        if most is not None and end - first > most:
            self._gaps.insert(0, (first + most, end))
            end = first + most
        claim = Claim(first, end)
        self._active.append(claim)
        return claim

    def adopt(self, claim: Claim) -> None:
        """Count a claim that was not taken from here."""
        self._active.append(claim)

    def release(self, claim: Claim) -> None:
        """Give back what is left of a claim."""
        self._active.remove(claim)
        if claim.next < claim.end:
            self._insert(claim.next, claim.end)

    def narrow(self, most: int) -> None:
        """Cut every claim down to ``most`` blocks; the rest can be handed out again."""
        for claim in self._active:
            end = claim.next + most
            if claim.end > end:
                self._insert(end, claim.end)
                claim.end = end

    def _cut_longest(self, least: int) -> None:
        claim = max(self._active, key=lambda each: each.end - each.next, default=None)
        if claim is not None and claim.end - claim.next >= 2 * least:
            middle = claim.next + (claim.end - claim.next + 1) // 2
            self._insert(middle, claim.end)
            claim.end = middle

    def _insert(self, first: int, end: int) -> None:
        gaps = sorted([*self._gaps, (first, end)])
        merged: list[tuple[int, int]] = []
        for gap in gaps:
            if merged and merged[-1][1] == gap[0]:
                merged[-1] = (merged[-1][0], gap[1])
            else:
                merged.append(gap)
        self._gaps = merged
