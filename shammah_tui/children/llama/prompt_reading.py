"""Reads a prompt in chunks, and decides how many tokens each has.

Tokens/s on two cores with a 0.7 GB model of Qwen2.5-0.5B's shape, by chunk: 47 (16), 55 (32), 160
(64), 180 (128), 195 (256), 230 (512).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shammah_tui.children.llama.context import Context

LARGEST = 512
"""Both ``n_batch`` and ``n_ubatch`` at most, unless the settings say otherwise."""


@dataclass(frozen=True, slots=True)
class ChunkPolicy:
    """How long a chunk may take.

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
    """How many tokens to read next, so that each chunk takes about the same time."""

    def __init__(self, policy: ChunkPolicy, largest: int = LARGEST) -> None:
        self._smallest = min(policy.smallest, largest)
        self._target_s = policy.target_s
        self._largest = largest
        self.tokens = self._smallest

    def observe(self, tokens: int, elapsed_s: float) -> None:
        fitting = int(tokens * self._target_s / max(elapsed_s, 1e-6))
        # At most double: the first chunk after a load also reads the weights from the disk.
        self.tokens = max(self._smallest, min(fitting, 2 * self.tokens, self._largest))


REPORT_INTERVAL_S = 0.05
CHECKPOINT_INTERVAL_S = 1.0
"""At most so much of reading is lost when a model that cannot go back is stopped; a checkpoint
costs a hundredth of that."""


def read_prompt(
    context: Context,
    prompt: Sequence[int],
    chunk_size: ChunkSize,
    on_progress: Callable[[int], None],
    settled: int = 0,
) -> None:
    """Compute what of ``prompt`` is not in the cache, which holds a beginning of it.

    Args:
        context: Where to; afterwards it has the logits that follow the prompt.
        prompt: At least one token more than the cache holds.
        chunk_size: How many tokens at once; learns from each chunk.
        on_progress: Given the number of tokens that are done, seldom enough for a screen, and
            always when all are done.
        settled: How many tokens later prompts will begin with; the cache can come back to there.

    Raises:
        DecodingStopped: The reading was stopped; what has been read remains in the cache.
        DecodingError: llama.cpp could not.
    """
    cache = context.cache
    done = len(cache)
    reported_s = 0.0
    kept_s = time.perf_counter()
    while done < len(prompt):
        if done == settled:
            cache.checkpoint()
        end = settled if done < settled else len(prompt)
        chunk = prompt[done : min(done + chunk_size.tokens, end)]
        began_s = time.perf_counter()
        if began_s - kept_s >= CHECKPOINT_INTERVAL_S:
            kept_s = began_s
            cache.checkpoint(passing=True)
        context.decode(chunk)
        context.wait()
        now_s = time.perf_counter()
        if len(chunk) == chunk_size.tokens:
            chunk_size.observe(len(chunk), now_s - began_s)
        done += len(chunk)
        if done == len(prompt) or now_s - reported_s >= REPORT_INTERVAL_S:
            reported_s = now_s
            on_progress(done)
    if done == settled:
        cache.checkpoint()
