"""Reads a prompt into the cache, as much of it as is not there yet."""

import time
from collections.abc import Callable, Sequence

from shammah_tui.engine.llama.chunk_size import ChunkSize
from shammah_tui.engine.llama.context import Context

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
