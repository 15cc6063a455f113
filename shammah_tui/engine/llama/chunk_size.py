"""How many tokens of a prompt are read at once.

Tokens/s on two cores with a 0.7 GB model of Qwen2.5-0.5B's shape, by chunk: 47 (16), 55 (32), 160
(64), 180 (128), 195 (256), 230 (512).
"""

from dataclasses import dataclass

LARGEST = 512
"""Both ``n_batch`` and ``n_ubatch`` at most, unless the settings say otherwise."""


@dataclass(frozen=True, slots=True)
class ChunkPolicy:
    """What a chunk is meant to cost.

    Attributes:
        smallest: Tokens; what is read at least, and the first time.
        target_s: Seconds; what a chunk should take.
    """

    smallest: int
    target_s: float


ON_CPU = ChunkPolicy(smallest=128, target_s=1.0)
"""The abort callback stops within a chunk, so only the progress shown depends on its size."""

ON_ACCELERATOR = ChunkPolicy(smallest=32, target_s=0.08)
"""Accelerators do not ask the abort callback: a stop waits for the end of a chunk."""


class ChunkSize:
    """Grows and shrinks so that each chunk takes about the same time.

    Args:
        policy: What a chunk is meant to cost.
        largest: Tokens; the context's batch.

    Attributes:
        tokens: How many to read next.
    """

    def __init__(self, policy: ChunkPolicy, largest: int = LARGEST) -> None:
        self._smallest = min(policy.smallest, largest)
        self._target_s = policy.target_s
        self._largest = largest
        self.tokens = self._smallest

    def observe(self, tokens: int, elapsed_s: float) -> None:
        """Learn from a chunk of ``tokens`` that took ``elapsed_s``."""
        fitting = int(tokens * self._target_s / max(elapsed_s, 1e-6))
        # At most double: the first chunk after a load also reads the weights from the disk.
        self.tokens = max(self._smallest, min(fitting, 2 * self.tokens, self._largest))
