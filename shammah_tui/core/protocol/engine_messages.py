"""The messages between the app and the engine child, one JSON line each."""

from dataclasses import dataclass
from enum import StrEnum
from typing import get_args

from shammah_tui.core.conversation.conversation import Message, Role
from shammah_tui.core.conversation.reply import StopReason
from shammah_tui.core.model.model_spec import DevicePreference, FlashAttention, KvType, Lora
from shammah_tui.core.model.sampling import Sampling


@dataclass(frozen=True, slots=True)
class LoadModel:
    """The first line to the child: which weights to load, and how.

    Attributes:
        path: The GGUF file, or the first part of a split one.
        context_length: Tokens of context.
        threads: Threads for generating; None lets the child decide.
        gpu_layers: How many layers go to the accelerator, the output layer counted; None is all.
        batch_size: Tokens of a prompt that are read at once, at most; None lets the child decide.
        kv_type: How keys and values are stored; the child takes ``AUTO`` for f16.
        kv_may_differ: Whether f16 and half the context will do where q8_0 cannot be had.
        loras: LoRAs to apply; one that cannot be is told by ``LorasApplied``.
        careful: Whether to do without the processor-specific layouts of weights, which are faster
            and where llama.cpp crashes on some machines.
        chat_template: Name in ``core.model.chat_templates`` or path of a file, to be used instead
            of the model's own; empty for that.
        vocabulary_only: Whether only to look at the file: the child ends after ``ModelLoaded``.
    """

    path: str
    context_length: int
    device: DevicePreference
    threads: int | None = None
    gpu_layers: int | None = None
    batch_size: int | None = None
    flash_attention: FlashAttention = FlashAttention.AUTO
    kv_type: KvType = KvType.AUTO
    loras: tuple[Lora, ...] = ()
    careful: bool = False
    kv_may_differ: bool = False
    chat_template: str = ""
    vocabulary_only: bool = False


@dataclass(frozen=True, slots=True)
class RequestReply:
    """Ask for a reply to the whole conversation (a system message may stand first).

    Attributes:
        messages: The conversation. Where the assistant's message is the last, it is a reply that
            was cut, and what is asked for is the rest of it.
        max_tokens: Most tokens to generate; None is as far as the context reaches.
        enable_thinking: Handed to the chat template, always.
        begun_thought: What the model had thought when the reply was cut.
        is_aside: Whether no later question follows this one: what stands before it is what the
            child shall be able to come back to.
    """

    id: int
    messages: tuple[Message, ...]
    max_tokens: int | None
    sampling: Sampling
    enable_thinking: bool = False
    begun_thought: str = ""
    is_aside: bool = False


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Read what the next prompt will begin with, while there is nothing else to do.

    A model that cannot drop what it read last leaves a question that is still being written alone.
    Any later ``RequestReply`` or ``WarmUp`` ends it at once; what has been read stays.

    Attributes:
        id: Number by which its events are known; replies and warm-ups are counted together.
        messages: The conversation so far; a reply is the last, or as much as is written of the
            question after it.
        enable_thinking: As the next ``RequestReply`` will have it.
    """

    id: int
    messages: tuple[Message, ...]
    enable_thinking: bool = False

    @property
    def has_draft(self) -> bool:
        """Whether the last message is a question that is still being written."""
        return bool(self.messages) and self.messages[-1].role is Role.USER


@dataclass(frozen=True, slots=True)
class StopReply:
    """Stop reply or warm-up ``id``, also while its prompt is being read."""

    id: int


@dataclass(frozen=True, slots=True)
class SetLoras:
    """Apply these LoRAs and no others; done between replies."""

    loras: tuple[Lora, ...]


@dataclass(frozen=True, slots=True)
class LoadProgressed:
    """llama.cpp's own load progress, from 0 to 1."""

    fraction: float


@dataclass(frozen=True, slots=True)
class Notice:
    """What makes a model's replies worse than they could be, and what the user can do."""

    cause: str
    advice: str

    @property
    def sentence(self) -> str:
        return f"{self.cause}: {self.advice}"


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """The model can reply.

    Attributes:
        device: What really holds the layers: ``CPU``, ``CUDA``, ``Metal``, ``Vulkan`` …; empty
            for a model that a server elsewhere has, which does not tell.
        layers_on_device: Layers that really are on it.
        layers_total: Layers there are, the output layer counted, as llama.cpp counts them.
        context_length: Tokens of context that were really made.
        name: The GGUF's ``general.name``, which may be empty, or the server's name for it.
        notices: What makes its replies worse than they could be.
    """

    device: str
    layers_on_device: int
    layers_total: int
    context_length: int
    name: str
    notices: tuple[Notice, ...] = ()


class EngineProblem(StrEnum):
    """Why the engine could not load or reply."""

    NO_LIBRARY = "no library"
    NO_FILE = "no file"
    DAMAGED = "damaged"
    UNSUPPORTED = "unsupported"
    NO_MEMORY = "no memory"
    NO_DEVICE_MEMORY = "no device memory"
    NO_TEMPLATE = "no template"
    CONTEXT_TOO_LONG = "context too long"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class LoadFailed:
    """The model cannot be used; the child exits after this line. No advice: ``cause`` says it."""

    problem: EngineProblem
    cause: str
    advice: str = ""

    @property
    def sentence(self) -> str:
        """Both, as one sentence."""
        return f"{self.cause}: {self.advice}" if self.advice else self.cause


@dataclass(frozen=True, slots=True)
class LorasApplied:
    """Which LoRAs count from the next reply on, and a sentence for each that cannot be applied."""

    loras: tuple[Lora, ...]
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpeedMeasured:
    """How fast the model is here, measured once: after it was loaded, or in its first long reply.

    The pace of reading is None where no long prompt was read.
    """

    tokens_per_s: float
    prompt_tokens_per_s: float | None


@dataclass(frozen=True, slots=True)
class Alive:
    """There is nothing to tell, but what is under way goes on; sent after a second of that."""


@dataclass(frozen=True, slots=True)
class PromptProgressed:
    """Part of the prompt of a reply or a warm-up has been read."""

    id: int
    done_tokens: int
    total_tokens: int


@dataclass(frozen=True, slots=True)
class ReplyDelta:
    """The next piece of reply ``id``; never half a character."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class ThoughtDelta:
    """The next piece of what the model thinks ahead of reply ``id``; never half a character."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class ReplyWasThought:
    """All text of reply ``id`` so far, what it goes on from included, belongs to its thought."""

    id: int


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
        reread_tokens: Tokens that were in the cache and had to be read again, since the model
            cannot drop only what follows them.
    """

    id: int
    stop_reason: StopReason
    prompt_tokens: int
    reused_tokens: int
    reply_tokens: int
    tokens_per_s: float | None
    first_token_s: float | None
    reread_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ReplyFailed:
    """Reply ``id`` could not be given, or broke off; the engine lives on."""

    id: int
    problem: EngineProblem
    sentence: str


@dataclass(frozen=True, slots=True)
class WarmUpFinished:
    """Warm-up ``id`` is over, done or not: how much of it is in the cache.

    ``prompt_tokens`` is 0 when nothing came of it.
    """

    id: int
    prompt_tokens: int
    done_tokens: int


@dataclass(frozen=True, slots=True)
class ContextFound:
    """A server's context turned out to be of another size than was thought; no child says this."""

    context_length: int


EngineCommand = RequestReply | WarmUp | StopReply | SetLoras
ChildEvent = (
    LoadProgressed
    | ModelLoaded
    | LoadFailed
    | LorasApplied
    | SpeedMeasured
    | Alive
    | PromptProgressed
    | ThoughtDelta
    | ReplyDelta
    | ReplyWasThought
    | ReplyFinished
    | ReplyFailed
    | WarmUpFinished
)
EngineEvent = ChildEvent | ContextFound
ENGINE_COMMANDS: tuple[type, ...] = get_args(EngineCommand)
ENGINE_EVENTS: tuple[type, ...] = get_args(ChildEvent)
