"""Makes a model ready to reply."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import llama_cpp

from shammah_tui.core.engine_messages import (
    EngineProblem,
    LoadModel,
    LoadProgressed,
    ModelLoaded,
)
from shammah_tui.engine.llama.chat_template import ChatTemplate
from shammah_tui.engine.llama.context import Context
from shammah_tui.engine.llama.inbox import Inbox
from shammah_tui.engine.llama.layer_placement import CPU
from shammah_tui.engine.llama.llama_log import LlamaLog
from shammah_tui.engine.llama.load_error import LoadError
from shammah_tui.engine.llama.load_failure import load_failure, no_memory
from shammah_tui.engine.llama.outbox import Outbox
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
        on_accelerator: Whether any layer is outside the processor.
        log: Kept because llama.cpp goes on to call it.
    """

    context: Context
    vocabulary: Vocabulary
    template: ChatTemplate
    on_accelerator: bool
    log: LlamaLog


def load_model(job: LoadModel, inbox: Inbox, outbox: Outbox) -> LoadedModel:
    """Load what ``job`` names; sends the progress and ``ModelLoaded``.

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
    )
    if not model:
        raise load_failure(path, log.complaints)
    vocabulary = Vocabulary(llama_cpp.llama_model_get_vocab(model))
    template = _template(model, path, vocabulary)
    threads = _threads(job.threads)
    try:
        context = Context(model, job.context_length, threads, inbox.stop_requested.is_set)
    except MemoryError as error:
        raise no_memory(path, log.complaints) from error
    device, on_device, total = log.placement.summary()
    outbox.send(
        ModelLoaded(
            device=device,
            layers_on_device=on_device,
            layers_total=total,
            context_length=context.length,
            threads=threads.generating,
            architecture=metadata(model, "general.architecture"),
            name=metadata(model, "general.name"),
        )
    )
    return LoadedModel(context, vocabulary, template, device != CPU, log)


def _template(model: Any, path: Path, vocabulary: Vocabulary) -> ChatTemplate:
    source: bytes | None = llama_cpp.llama_model_chat_template(model, None)
    if not source:
        raise LoadError(
            EngineProblem.NO_TEMPLATE,
            f"{path.name} has no chat template, so it cannot hold a conversation: choose an"
            " instruct model.",
        )
    try:
        return ChatTemplate(source.decode(errors="replace"), vocabulary)
    except jinja2.TemplateError as error:
        raise LoadError(
            EngineProblem.NO_TEMPLATE,
            f"The chat template in {path.name} cannot be used: choose another file of this model.",
        ) from error


def _threads(wanted: int | None) -> Threads:
    if wanted is not None:
        return Threads(max(1, wanted), max(1, wanted))
    build: bytes = llama_cpp.llama_print_system_info()
    return choose_threads(usable_cores(), waits_asleep=b"OPENMP = 1" in build)
