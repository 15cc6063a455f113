"""How fast a model replies and reads here, and how fast it has to be."""

from dataclasses import dataclass

LEAST_TOKENS_PER_S, MOST_PROMPT_S = 8.0, 2.0
"""The defaults of ``PaceFloor``."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a model is on this machine.

    Attributes:
        tokens_per_s: Pace of generating.
        measured: Whether this very file was measured here; else it is an estimate.
        prompt_tokens_per_s: Pace of reading a prompt; None where nothing tells.
    """

    tokens_per_s: float
    measured: bool
    prompt_tokens_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class PaceFloor:
    """What a model must reach to be a default.

    A person reads 4 to 5 words a second (Brysbaert 2019: 238 words a minute), which is 5 to 7
    tokens; a question and what comes before it has about 100.

    Attributes:
        tokens_per_s: Pace of generating.
        prompt_s: Seconds that 100 tokens of a prompt may take.
    """

    tokens_per_s: float = LEAST_TOKENS_PER_S
    prompt_s: float = MOST_PROMPT_S

    def is_met_by(self, pace: Pace | None) -> bool:
        """Return whether ``pace`` is enough; what is not known counts as enough."""
        if pace is None:
            return True
        reading = pace.prompt_tokens_per_s
        reads = reading is None or reading * self.prompt_s >= 100
        return reads and pace.tokens_per_s >= self.tokens_per_s

    def lowered(self, share: float) -> "PaceFloor":
        """Return the floor at ``share`` of its height, from 0 to 1."""
        return PaceFloor(self.tokens_per_s * share, self.prompt_s / share)
