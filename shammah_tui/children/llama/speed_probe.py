"""Measures how fast the model is, after it was loaded and while there is no request."""

import logging
import time
from collections.abc import Callable

from shammah_tui.children.llama.context import DecodingError, DecodingStopped
from shammah_tui.children.llama.loading import LoadedModel
from shammah_tui.children.llama.prompt_reading import ON_ACCELERATOR, ON_CPU
from shammah_tui.children.llama.sampling_chain import SamplingChain
from shammah_tui.core.model.sampling import Sampling
from shammah_tui.core.protocol.engine_messages import ReplyFinished, SpeedMeasured

log = logging.getLogger(__name__)

GENERATING_S = 1.0
READING_S = 1.0
LEAST_TOKENS = 4
"""Generated also where that takes longer than ``GENERATING_S``."""
LEAST_CHUNK = 16
SHORTEST_CHUNK_S = 0.2
"""Where less time is left no chunk is begun: a short one says little."""

GAIN = 4
"""How much faster a prompt is read than replied to, for the first chunk's size: 4 to 8 times with
models from 0.5B to 4B on two to eight cores."""

LEAST_REPLY_TOKENS = 32
LEAST_PROMPT_TOKENS = 64
"""Fewer say nothing of the pace."""


def measure_speed(model: LoadedModel, must_stop: Callable[[], bool]) -> SpeedMeasured | None:
    """Generate for a second, read for a second, and leave the cache as empty as it was.

    One token that is not counted comes first: it reads the weights from the disk.

    Args:
        model: The model; nothing may be in its cache.
        must_stop: Asked between any two operations on a processor, and between any two tokens or
            chunks of at most 0.1 s on an accelerator.

    Returns:
        None as soon as ``must_stop`` says so, or where the model cannot be computed.
    """
    context = model.context
    if min(context.length, model.batch_size) < 2 * LEAST_CHUNK:
        return None
    try:
        with context.stopped_by(must_stop):
            context.decode([0])
            context.wait()
            tokens_per_s = _generate(model, must_stop)
            return SpeedMeasured(tokens_per_s, _read(model, tokens_per_s, must_stop))
    except DecodingStopped:
        return None
    except DecodingError as error:
        # The first reply says what it means.
        log.warning("No speed: %s", error)
        return None
    finally:
        context.cache.clear()


def speed_of_reply(reply: ReplyFinished) -> SpeedMeasured | None:
    """Return what a reply tells of the speed; None where it was too short to tell any."""
    if reply.tokens_per_s is None or reply.reply_tokens < LEAST_REPLY_TOKENS:
        return None
    read, read_s = reply.prompt_tokens - reply.reused_tokens, reply.first_token_s
    reading = read / read_s if read_s and read >= LEAST_PROMPT_TOKENS else None
    return SpeedMeasured(reply.tokens_per_s, reading)


def _generate(model: LoadedModel, must_stop: Callable[[], bool]) -> float:
    context = model.context
    room = context.length - len(context.cache) - LEAST_CHUNK
    done = 0
    with SamplingChain(Sampling(), model.vocabulary.size, room) as chain:
        began_s = time.perf_counter()
        while True:
            context.decode([chain.pick(context.handle)])
            done += 1
            context.wait()
            elapsed_s = time.perf_counter() - began_s
            if must_stop():
                raise DecodingStopped
            if done == room or (done >= LEAST_TOKENS and elapsed_s >= GENERATING_S):
                return done / elapsed_s


def _read(model: LoadedModel, tokens_per_s: float, must_stop: Callable[[], bool]) -> float:
    context = model.context
    target_s = (ON_ACCELERATOR if model.on_accelerator else ON_CPU).target_s
    left_s, best, expected = READING_S, 0.0, GAIN * tokens_per_s
    while not best or left_s >= SHORTEST_CHUNK_S:
        wanted = max(LEAST_CHUNK, int(expected * min(target_s, left_s)))
        tokens = min(wanted, model.batch_size, context.length - len(context.cache))
        if tokens < LEAST_CHUNK:
            context.cache.clear()
            continue
        began_s = time.perf_counter()
        context.decode([token % model.vocabulary.size for token in range(tokens)])
        context.wait()
        elapsed_s = time.perf_counter() - began_s
        if must_stop():
            raise DecodingStopped
        left_s -= elapsed_s
        expected = tokens / elapsed_s
        best = max(best, expected)
    return best
