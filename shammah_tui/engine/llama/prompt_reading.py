"""Reads a prompt into the cache, as much of it as is not there yet."""

import time
from collections.abc import Callable, Sequence

from shammah_tui.engine.llama.chunk_size import ChunkSize
from shammah_tui.engine.llama.context import Context

REPORT_INTERVAL_S = 0.05


def read_prompt(
    context: Context,
    prompt: Sequence[int],
    chunk_size: ChunkSize,
    on_progress: Callable[[int], None],
) -> int:
    """Compute ``prompt`` and return how many of its tokens were in the cache already.

    Args:
        context: Where to; afterwards it has the logits that follow the prompt.
        prompt: At least one token.
        chunk_size: How many tokens at once; learns from each chunk.
        on_progress: Given the number of tokens that are done, seldom enough for a screen, and
            always when all are done.

    Raises:
        DecodingStopped: The reply was stopped; what has been read remains in the cache.
        DecodingError: llama.cpp could not.
    """
    done = reused = context.cache.keep_prefix(prompt)
    reported_s = 0.0
    while done < len(prompt):
        chunk = prompt[done : done + chunk_size.tokens]
        began_s = time.perf_counter()
        context.decode(chunk)
        context.wait()
        now_s = time.perf_counter()
        if len(chunk) == chunk_size.tokens:
            chunk_size.observe(len(chunk), now_s - began_s)
        done += len(chunk)
        if done == len(prompt) or now_s - reported_s >= REPORT_INTERVAL_S:
            reported_s = now_s
            on_progress(done)
    return reused
