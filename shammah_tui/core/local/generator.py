"""The six states of the local model, and the changes that its children's messages make.

The loader sets a state for what it decides itself, and ``advance`` for what a child says; everyone
else reads the newest state.
"""

from dataclasses import dataclass, field, replace

from shammah_tui.core.model.hardware import Hardware
from shammah_tui.core.model.model_choice import Choice
from shammah_tui.core.model.model_spec import Lora, ModelSpec
from shammah_tui.core.protocol.engine_messages import (
    ContextFound,
    LoadProgressed,
    LorasApplied,
    ModelLoaded,
)
from shammah_tui.core.protocol.fetch_messages import Checked, Progressed, Waiting
from shammah_tui.core.text.plain_text import plain


@dataclass(frozen=True, slots=True)
class Initializing:
    """The machine, the settings and the cache are looked at; no model until one is chosen."""

    model: ModelSpec | None = None


@dataclass(frozen=True, slots=True)
class Downloading:
    """The weights are on their way; ``pause`` is done instead of receiving bytes."""

    model: ModelSpec
    progress: Progressed = field(default_factory=Progressed)
    pause: Checked | Waiting | None = None

    @property
    def fraction(self) -> float | None:
        """How much is here, from 0 to 1; None while the total is unknown."""
        done, total = self.progress.done_bytes, self.progress.total_bytes
        return min(1.0, done / total) if total else None

    def after(self, message: Progressed | Checked | Waiting) -> "Downloading":
        """Return the state after a message of the fetch child.

        Figures may go back: bytes that are found bad are thrown away, and a file that was replaced
        on the Hub has another size.
        """
        match message:
            case Progressed():
                return Downloading(self.model, message)
            case Checked():
                # A kept part is counted as it is on disk; the check's result is told after it.
                return replace(self, pause=message)
            case Waiting():
                return Downloading(self.model, message.progress, message)


@dataclass(frozen=True, slots=True)
class Loading:
    """The engine reads the weights: from 0 to 1, or None before llama.cpp told any."""

    model: ModelSpec
    fraction: float | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """The model can reply.

    Attributes:
        device: What really holds the layers: ``CPU``, ``CUDA``, ``Metal`` …; empty for a model
            that a server elsewhere has.
        layers: Layers that really are on it.
        layers_total: Layers there are; None when the engine does not tell.
        context_length: Tokens of context; None when the engine does not tell.
        notices: Sentences on what makes its replies worse than they could be.
    """

    model: ModelSpec
    device: str
    layers: int
    layers_total: int | None = None
    context_length: int | None = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt came to nothing; the model is None when the trouble came before one was chosen.

    Attributes:
        reason: One sentence for the screen, saying what to do.
        retryable: Whether trying again can help without the user changing anything.
    """

    model: ModelSpec | None
    reason: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class Offline:
    """The user forbade the network, and the weights are not on this machine."""


@dataclass(frozen=True, slots=True)
class DownloadCancelled:
    """The user cancelled the download; the total is 0 where it was not known yet."""

    model: ModelSpec
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class LoadCancelled:
    """The user cancelled while the model was loading, or before one was chosen."""

    model: ModelSpec | None


@dataclass(frozen=True, slots=True)
class TooLittleMemory:
    """No model offered fits into the memory of this machine: what the smallest one needs."""

    needed_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class NoEngine:
    """llama.cpp is not installed, so that no model can run here."""


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """A model is on this machine and is not loaded, since nobody asked for it."""


@dataclass(frozen=True, slots=True)
class NotAgreed:
    """A model that nobody named would have to be downloaded, and the user has not agreed to it.

    Attributes:
        model: What would be downloaded first.
        folder: Where to.
        goal: What would follow it; None where nothing would.
        is_declined: Whether the user was asked, and said not now.
    """

    model: ModelSpec
    folder: str = ""
    goal: ModelSpec | None = None
    is_declined: bool = False


@dataclass(frozen=True, slots=True)
class SeveralThere:
    """The repository that the user named has several models, and they have not chosen yet."""

    repo: str
    count: int


UnavailableReason = (
    Offline
    | DownloadCancelled
    | LoadCancelled
    | TooLittleMemory
    | NoEngine
    | NotLoaded
    | NotAgreed
    | SeveralThere
)


@dataclass(frozen=True, slots=True)
class NotAvailable:
    """There is no local model, and nothing is under way that would bring one."""

    reason: UnavailableReason


GeneratorState = Initializing | Downloading | Loading | Ready | Failed | NotAvailable


@dataclass(frozen=True, slots=True)
class LoraState:
    """The LoRAs of the local side.

    Attributes:
        wanted: Those that the user wants.
        applied: Those that change what the active model says.
        refusals: One sentence for each that is wanted and cannot be applied to it.
        pending: Whether an engine was told to apply them and has not said yet what came of it.
    """

    wanted: tuple[Lora, ...] = ()
    applied: tuple[Lora, ...] = ()
    refusals: tuple[str, ...] = ()
    pending: bool = False

    def told(self, wanted: tuple[Lora, ...]) -> "LoraState":
        return replace(self, wanted=wanted, pending=True)

    def settled(self, event: LorasApplied) -> "LoraState":
        return replace(self, applied=event.loras, refusals=event.refusals, pending=False)

    def engine_gone(self) -> "LoraState":
        """The engine has ended; while it applied them, they were most likely the cause."""
        if not self.pending or not self.wanted:
            return replace(self, applied=(), pending=False)
        names = ", ".join(plain(lora.name) for lora in self.wanted)
        return LoraState(refusals=(f"The engine stopped while it applied {names}: it is off now.",))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the screen shows about the local side.

    Attributes:
        state: What is under way, or what came of it.
        active: What can reply now; during a switch it is the model before.
        hardware: What the machine had when it was last looked at; None before that.
        recommended: What suits this machine; None before it was looked at, or when nothing fits.
        notice: Why an engine is being started without asking, and with which model; empty once
            one is ready.
        loras: What the active model has been given besides its weights.
        next_rung: What is brought up by itself after the model that the state speaks of.
        choices: The models of the repository that was asked for, where one has to be chosen.
    """

    state: GeneratorState
    active: Ready | None = None
    hardware: Hardware | None = None
    recommended: Choice | None = None
    notice: str = ""
    loras: LoraState = LoraState()
    choices: tuple[ModelSpec, ...] = ()
    next_rung: ModelSpec | None = None


ChildMessage = Progressed | Checked | Waiting | LoadProgressed | ModelLoaded | ContextFound


def advance(state: GeneratorState, message: ChildMessage) -> GeneratorState:
    """Return the state after a child's message; one that does not concern ``state`` leaves it."""
    match state, message:
        case Downloading(), Progressed() | Checked() | Waiting():
            return state.after(message)
        case Loading(model), LoadProgressed(fraction):
            return Loading(model, fraction)
        case Loading(model), ModelLoaded():
            return Ready(
                model,
                message.device,
                message.layers_on_device,
                message.layers_total,
                message.context_length,
                tuple(notice.sentence for notice in message.notices),
            )
        case Ready(), ContextFound(context_length):
            return replace(state, context_length=context_length)
        case _:
            return state


def open_offer(state: GeneratorState) -> NotAgreed | None:
    """Return the download that the user is to agree to, or not; None where there is none."""
    match state:
        case NotAvailable(NotAgreed(is_declined=False) as offer):
            return offer
    return None


def cancelled(state: Initializing | Downloading | Loading) -> NotAvailable:
    """Return the state after the user cancelled what was under way."""
    match state:
        case Downloading(model, progress):
            kept, total = progress.done_bytes, progress.total_bytes
            return NotAvailable(DownloadCancelled(model, kept, total))
        case Initializing(model) | Loading(model):
            return NotAvailable(LoadCancelled(model))


def weights_deleted(state: Failed | NotAvailable) -> Failed | NotAvailable:
    """Return the state after the user deleted the files, whole or in part, of its model."""
    match state:
        case NotAvailable(DownloadCancelled(model, _, total)):
            return NotAvailable(DownloadCancelled(model, 0, total))
        case NotAvailable(LoadCancelled(ModelSpec() as model)):
            return NotAvailable(DownloadCancelled(model, 0, model.size_bytes or 0))
        case _:
            return state
