"""What the app and the engine child say to each other, one JSON line a message."""

from dataclasses import dataclass
from enum import StrEnum

from shammah_tui.core.conversation import Message
from shammah_tui.core.model_spec import DevicePreference
from shammah_tui.core.reply import StopReason
from shammah_tui.core.sampling import Sampling


@dataclass(frozen=True, slots=True)
class LoadModel:
    """The first line to the child: which weights to load, and how.

    Attributes:
        path: The GGUF file, or the first part of a split one.
        context_length: Tokens of context.
        device: Where to run.
        threads: Threads for generating; None lets the child decide.
        gpu_layers: How many layers go to the accelerator, the output layer counted; None is all.
    """

    path: str
    context_length: int
    device: DevicePreference
    threads: int | None = None
    gpu_layers: int | None = None


@dataclass(frozen=True, slots=True)
class RequestReply:
    """Ask for a reply to the whole conversation (a system message may stand first).

    Attributes:
        id: Number by which the events of this reply are known.
        messages: The conversation.
        max_tokens: Most tokens to generate; None is as far as the context reaches.
        sampling: How to pick tokens.
        enable_thinking: Handed to the chat template, always.
    """

    id: int
    messages: tuple[Message, ...]
    max_tokens: int | None
    sampling: Sampling
    enable_thinking: bool = False


@dataclass(frozen=True, slots=True)
class StopReply:
    """Stop reply ``id``, also while its prompt is being read."""

    id: int


@dataclass(frozen=True, slots=True)
class LoadProgressed:
    """llama.cpp's own load progress, from 0 to 1."""

    fraction: float


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """The model can reply.

    Attributes:
        device: What really holds the layers: ``CPU``, ``CUDA``, ``Metal``, ``Vulkan`` …; empty
            for a model that a server elsewhere has, which does not tell.
        layers_on_device: Layers that really are on it.
        layers_total: Layers there are, the output layer counted, as llama.cpp counts them.
        context_length: Tokens of context that were really made.
        threads: Threads used for generating.
        architecture: The GGUF's ``general.architecture``.
        name: The GGUF's ``general.name``, which may be empty, or the server's name for it.
    """

    device: str
    layers_on_device: int
    layers_total: int
    context_length: int
    threads: int
    architecture: str
    name: str


class EngineProblem(StrEnum):
    """Why the engine could not load or reply."""

    NO_LIBRARY = "no library"
    NO_FILE = "no file"
    DAMAGED = "damaged"
    UNSUPPORTED = "unsupported"
    NO_MEMORY = "no memory"
    NO_TEMPLATE = "no template"
    CONTEXT_TOO_LONG = "context too long"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class LoadFailed:
    """The model cannot be used; the child exits after this line."""

    problem: EngineProblem
    sentence: str


@dataclass(frozen=True, slots=True)
class PromptProgressed:
    """Part of the prompt has been read."""

    id: int
    done_tokens: int
    total_tokens: int


@dataclass(frozen=True, slots=True)
class ReplyDelta:
    """The next piece of reply ``id``; never half a character."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class ReplyFinished:
    """Reply ``id`` is over.

    Attributes:
        id: Which reply.
        stop_reason: Why it ended.
        prompt_tokens: Tokens of the rendered conversation.
        reused_tokens: How many of them were still in the key-value cache.
        reply_tokens: Tokens generated, the end-of-turn token not counted.
        tokens_per_s: Pace of generating; None with fewer than two tokens.
        first_token_s: Seconds from the request to the first token; None without one.
    """

    id: int
    stop_reason: StopReason
    prompt_tokens: int
    reused_tokens: int
    reply_tokens: int
    tokens_per_s: float | None
    first_token_s: float | None


@dataclass(frozen=True, slots=True)
class ReplyFailed:
    """Reply ``id`` could not be given, or broke off; the engine lives on."""

    id: int
    problem: EngineProblem
    sentence: str


EngineCommand = RequestReply | StopReply
EngineEvent = (
    LoadProgressed
    | ModelLoaded
    | LoadFailed
    | PromptProgressed
    | ReplyDelta
    | ReplyFinished
    | ReplyFailed
)
ENGINE_COMMANDS = (RequestReply, StopReply)
ENGINE_EVENTS = (
    LoadProgressed,
    ModelLoaded,
    LoadFailed,
    PromptProgressed,
    ReplyDelta,
    ReplyFinished,
    ReplyFailed,
)
