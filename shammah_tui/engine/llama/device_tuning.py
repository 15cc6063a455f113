"""How a context is made for the device that the layers are on, where the settings leave it open.

Measured on one and two cores of a Xeon with AVX-512, llama-cpp-python 0.3.36, a random-weight
model of Qwen2.5-0.5B's shape in Q8_0 (F16 behaves alike), keys and values in f16 unless said
otherwise. Reading 512 more tokens after so many, in tokens per second of one core:

| after | attention as it is | flash attention | the same, q8_0 |
|-------|--------------------|-----------------|----------------|
| 0     | 111                | 126             | 104            |
| 1,024 | 86                 | 103             | 57             |
| 2,560 | 64                 | 79              | 34             |

Generating after 3,072 tokens: 14.4, 7.5 and 12.8 tokens/s on one core; after 2,048 on two cores
16.0 and 10.8 with f16. So on a processor flash attention reads a prompt a fifth faster and
generates at little more than half the pace: it is left off there. Compressing the cache is for
want of memory only.

By batch of 64, 128, 256, 512 and 1,024 a prompt of 1,024 is read at 112, 119, 120, 121 and 117
tokens/s on one core, and at 216, 214, 224 and 225 from 128 on with two: the batch hardly matters,
while without flash attention the scores of a whole batch are held.

On accelerators nothing was measured by us: llama.cpp decides on flash attention by what the device
can do, and its batch of 512 is kept, as its documentation has them.
"""

from shammah_tui.core.engine_messages import LoadModel
from shammah_tui.core.engine_tuning import FlashAttention, KvType
from shammah_tui.engine.llama.chunk_size import LARGEST
from shammah_tui.engine.llama.context import ContextOptions
from shammah_tui.engine.llama.threads import Threads

SCORES_BYTES = 512 * 2**20
"""What the scores of a batch may take, of the 0.75 GiB that ``core.memory`` counts for buffers."""
SMALLEST = 64
SCORE_BYTES = 4
"""One f32 for each head, token of the batch and token of the context."""


def context_options(
    job: LoadModel, threads: Threads, heads: int, *, on_cpu: bool
) -> ContextOptions:
    """Return how the context is made: what the job says, and the rest by the device.

    Args:
        job: What is asked for.
        threads: Already chosen.
        heads: Attention heads of the model.
        on_cpu: Whether all layers are on the processor.
    """
    flash_attention = job.flash_attention
    if on_cpu and flash_attention is FlashAttention.AUTO and job.kv_type is not KvType.Q8_0:
        flash_attention = FlashAttention.OFF
    batch_size = job.batch_size or LARGEST
    if job.batch_size is None and flash_attention is FlashAttention.OFF:
        batch_size = batch_that_fits(job.context_length, heads)
    return ContextOptions(job.context_length, threads, batch_size, flash_attention, job.kv_type)


def batch_that_fits(context_length: int, heads: int) -> int:
    """Return the largest power of two whose scores fit ``SCORES_BYTES``, from 64 to 512."""
    most = SCORES_BYTES // max(1, context_length * heads * SCORE_BYTES)
    batch = LARGEST
    while batch > SMALLEST and batch > most:
        batch //= 2
    return batch
