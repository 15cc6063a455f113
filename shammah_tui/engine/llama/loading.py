"""Makes a model ready to reply."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import llama_cpp

from shammah_tui.core.engine_messages import (
    LoadModel,
    LoadProgressed,
    ModelLoaded,
)
from shammah_tui.core.engine_tuning import KvType
from shammah_tui.engine.llama.chat_template import ChatTemplate
from shammah_tui.engine.llama.context import Context
from shammah_tui.engine.llama.device_tuning import context_options
from shammah_tui.engine.llama.heartbeat import Heartbeat
from shammah_tui.engine.llama.inbox import Inbox
from shammah_tui.engine.llama.layer_placement import CPU
from shammah_tui.engine.llama.llama_log import LlamaLog
from shammah_tui.engine.llama.load_failure import (
    is_cache_refused,
    load_failure,
    no_context,
)
from shammah_tui.engine.llama.lora_adapters import LoraAdapters
from shammah_tui.engine.llama.outbox import Outbox
from shammah_tui.engine.llama.quality import notices
from shammah_tui.engine.llama.template_choice import choose_template
from shammah_tui.engine.llama.threads import Threads, choose_threads, usable_cores
from shammah_tui.engine.llama.vocabulary import Vocabulary
from shammah_tui.engine.llama.weights import load_weights, metadata
from shammah_tui.engine.llama.weights_file import check_weights_file


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """What replies are made with.

    Attributes:
        context: Where tokens are computed.
        vocabulary: From text to tokens and back.
        template: From conversations to prompts.
        batch_size: Tokens that are read at once, at most.
        adapters: What can be laid over the weights.
        on_accelerator: Whether any layer is outside the processor.
        heartbeat: To be told of each step of a long computation.
        log: Kept because llama.cpp goes on to call it.
    """

    context: Context
    vocabulary: Vocabulary
    template: ChatTemplate
    batch_size: int
    adapters: LoraAdapters
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
    architecture, name = metadata(model, "general.architecture"), metadata(model, "general.name")
    if job.vocabulary_only:
        outbox.send(ModelLoaded("", 0, 0, 0, 0, architecture, name, said))
        return None
    threads = _threads(job.threads)
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
    outbox.send(
        ModelLoaded(
            device=device,
            layers_on_device=on_device,
            layers_total=total,
            context_length=context.length,
            threads=threads.generating,
            architecture=architecture,
            name=name,
            notices=said,
        )
    )
    adapters = LoraAdapters(model, context, log.take_complaints)
    if job.loras:
        outbox.send(adapters.apply(job.loras))
    return LoadedModel(
        context=context,
        vocabulary=vocabulary,
        template=template,
        batch_size=context.batch_size,
        adapters=adapters,
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


def _threads(wanted: int | None) -> Threads:
    if wanted is not None:
        return Threads(max(1, wanted), max(1, wanted))
    build: bytes = llama_cpp.llama_print_system_info()
    return choose_threads(usable_cores(), waits_asleep=b"OPENMP = 1" in build)
