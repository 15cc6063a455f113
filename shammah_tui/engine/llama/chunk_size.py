"""How many tokens of a prompt are read at once."""

LARGEST = 512
"""Both ``n_batch`` and ``n_ubatch``; more gains nothing on a processor."""
SMALLEST = 32
"""Below this, reading a prompt loses much of its pace."""

CPU_TARGET_S = 0.5
"""On a processor the abort callback stops within a chunk; this is for progress to be seen."""
ACCELERATOR_TARGET_S = 0.08
"""Accelerators do not ask the abort callback, so a stop waits for the end of a chunk."""


class ChunkSize:
    """Grows and shrinks so that each chunk takes about the same time."""

    def __init__(self, target_s: float) -> None:
        self._target_s = target_s
        self.tokens = SMALLEST

    def observe(self, tokens: int, elapsed_s: float) -> None:
        """Learn from a chunk of ``tokens`` that took ``elapsed_s``."""
        fitting = int(tokens * self._target_s / max(elapsed_s, 1e-6))
        # At most double: the first chunk after a load also reads the weights from the disk.
        self.tokens = max(SMALLEST, min(fitting, 2 * self.tokens, LARGEST))
