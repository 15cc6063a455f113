"""Loads a model, and makes its context for the device that the layers are on.

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

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import llama_cpp

from shammah_tui.children.llama.chat_template import ChatTemplate
from shammah_tui.children.llama.context import Context, ContextOptions
from shammah_tui.children.llama.inbox import Heartbeat, Inbox, Outbox
from shammah_tui.children.llama.llama_log import CPU, LlamaLog
from shammah_tui.children.llama.load_failure import (
    check_weights_file,
    is_cache_refused,
    load_failure,
    no_context,
)
from shammah_tui.children.llama.loras import Loras
from shammah_tui.children.llama.prompt_reading import LARGEST
from shammah_tui.children.llama.quality import notices
from shammah_tui.children.llama.template_choice import choose_template
from shammah_tui.children.llama.threads import Threads, choose_threads, usable_cores
from shammah_tui.children.llama.vocabulary import Vocabulary
from shammah_tui.children.llama.weights import load_weights, metadata
from shammah_tui.core.model.model_spec import FlashAttention, KvType
from shammah_tui.core.protocol.engine_messages import (
    LoadModel,
    LoadProgressed,
    ModelLoaded,
)

SCORES_BYTES = 512 * 2**20
"""What the scores of a batch may take, of the 0.75 GiB that ``core.memory`` counts for buffers."""
SMALLEST = 64
SCORE_BYTES = 4
"""One f32 for each head, token of the batch and token of the context."""


def context_options(
    job: LoadModel, threads: Threads, heads: int, *, on_cpu: bool
) -> ContextOptions:
    """Return how the context is made: what the job says, and the rest by the device."""
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


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A loaded model, with all that replies are made with.

    Attributes:
        batch_size: Tokens that are read at once, at most.
        on_accelerator: Whether any layer is outside the processor.
        log: Kept because llama.cpp goes on to call it.
    """

    context: Context
    vocabulary: Vocabulary
    template: ChatTemplate
    batch_size: int
    loras: Loras
    on_accelerator: bool
    heartbeat: Heartbeat
    log: LlamaLog


def load_model(
    job: LoadModel, inbox: Inbox, outbox: Outbox, heartbeat: Heartbeat
) -> LoadedModel | None:
    """Load what ``job`` names; sends the progress and ``ModelLoaded``.

    Returns:
        None where only the vocabulary was asked for.

    Raises:
        LoadError: The model cannot be used.
    """
    path = Path(job.path)
    check_weights_file(path)
    log = LlamaLog()
    llama_cpp.llama_backend_init()
    model = load_weights(
        path,
        job.device,
        lambda fraction: outbox.send(LoadProgressed(fraction)),
        job.gpu_layers,
        careful=job.careful,
        vocabulary_only=job.vocabulary_only,
    )
    if not model:
        raise load_failure(path, log.complaints)
    vocabulary = Vocabulary(llama_cpp.llama_model_get_vocab(model))
    choice = choose_template(model, path, vocabulary, job.chat_template)
    template = ChatTemplate(choice.source, vocabulary, choice.render)
    said = tuple(notices(log.quality, choice, vocabulary))
    name = metadata(model, "general.name")
    if job.vocabulary_only:
        outbox.send(ModelLoaded("", 0, 0, 0, name, said))
        return None
    threads = threads_for(job.threads)
    device, on_device, total = log.placement.summary()
    heads = int(llama_cpp.llama_model_n_head(model))

    def must_stop() -> bool:
        heartbeat.beat()
        return inbox.stop_requested.is_set()

    def context_for(job: LoadModel) -> Context:
        options = context_options(job, threads, heads, on_cpu=device == CPU)
        return Context(model, options, must_stop, inbox.stop_requested)

    try:
        context = _context(job, context_for, log)
    except MemoryError as error:
        raise no_context(path, log.complaints) from error
    outbox.send(ModelLoaded(device, on_device, total, context.length, name, said))
    loras = Loras(model, context, log.take_complaints)
    if job.loras:
        outbox.send(loras.apply(job.loras))
    return LoadedModel(
        context=context,
        vocabulary=vocabulary,
        template=template,
        batch_size=context.batch_size,
        loras=loras,
        on_accelerator=device != CPU,
        heartbeat=heartbeat,
        log=log,
    )


def _context(job: LoadModel, context_for: Callable[[LoadModel], Context], log: LlamaLog) -> Context:
    try:
        return context_for(job)
    except MemoryError:
        if not job.kv_may_differ or not is_cache_refused(log.complaints):
            raise
        # f16 takes nearly twice as much a token, and there was no memory for that.
        length = job.context_length // 2
        return context_for(replace(job, kv_type=KvType.F16, context_length=length))


def threads_for(wanted: int | None) -> Threads:
    """Return how many threads the engine takes; None lets the machine decide."""
    if wanted is not None:
        return Threads(max(1, wanted), max(1, wanted))
    build: bytes = llama_cpp.llama_print_system_info()
    return choose_threads(usable_cores(), waits_asleep=b"OPENMP = 1" in build)
