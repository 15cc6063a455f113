"""The six states of the local model, and the only changes between them.

Whoever brings the model up turns what happened into a ``GeneratorEvent`` and keeps the state that
``advance`` returns; everyone else reads the newest state.
"""

import math
from dataclasses import dataclass, replace

from shammah_tui.core.errors import ShammahError
from shammah_tui.core.local.generator_events import (
    AttemptFailed,
    Cancelled,
    ContextChanged,
    DownloadChecked,
    DownloadProgressed,
    DownloadStarted,
    DownloadTruncated,
    DownloadWaiting,
    EngineMissing,
    FoundTooLittleMemory,
    GeneratorEvent,
    Loaded,
    LoadProgressed,
    LoadStarted,
    ModelChosen,
    OfflineCause,
    PreviousKept,
    Restarted,
    WeightsDeleted,
    WentOffline,
)
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import format_duration, format_percent


@dataclass(frozen=True, slots=True)
class Initializing:
    """Looking at the machine, the settings and the cache.

    Attributes:
        model: The model that was chosen; None until one is.
    """

    model: ModelSpec | None = None

    @property
    def is_ready(self) -> bool:
        """Whether this model can reply."""
        return False

    @property
    def status_message(self) -> str:
        """The state in a few words; ``core.status`` adds figures and keys."""
        return "Starting…"


@dataclass(frozen=True, slots=True)
class Downloading:
    """The weights are on their way.

    Attributes:
        model: What is being fetched.
        done_bytes: Bytes on disk, over all parts.
        total_bytes: Bytes of all parts; 0 while unknown.
        rate: Bytes a second over the last seconds; None while unknown.
        part: Number of the part under way, from 1.
        parts: How many parts there are.
        note: What is done instead of receiving bytes, such as ``checking 63 %`` or
            ``waiting for the network · next try in 8 s``; empty while bytes arrive.
    """

    model: ModelSpec
    done_bytes: int = 0
    total_bytes: int = 0
    rate: float | None = None
    part: int = 1
    parts: int = 1
    note: str = ""

    @property
    def fraction(self) -> float | None:
        """How much is here, from 0 to 1; None while the total is unknown."""
        return self.done_bytes / self.total_bytes if self.total_bytes else None

    @property
    def is_ready(self) -> bool:
        """Whether this model can reply."""
        return False

    @property
    def status_message(self) -> str:
        """The state in a few words; ``core.status`` adds figures and keys."""
        name = f"Downloading {plain(self.model.label)}"
        return name if self.fraction is None else f"{name}  {format_percent(self.fraction)}"


@dataclass(frozen=True, slots=True)
class Loading:
    """The engine reads the weights.

    Attributes:
        model: What is being loaded.
        fraction: llama.cpp's own load progress, from 0 to 1; None before it told any.
    """

    model: ModelSpec
    fraction: float | None = None

    @property
    def is_ready(self) -> bool:
        """Whether this model can reply."""
        return False

    @property
    def status_message(self) -> str:
        """The state in a few words; ``core.status`` adds figures and keys."""
        return f"Loading {plain(self.model.label)}…"


@dataclass(frozen=True, slots=True)
class Ready:
    """The model can reply.

    Attributes:
        model: What was loaded.
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

    @property
    def is_ready(self) -> bool:
        """Whether this model can reply."""
        return True

    @property
    def status_message(self) -> str:
        """The state in a few words; ``core.status`` adds figures and keys."""
        return f"✓ {plain(self.model.label)} ready"


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt came to nothing.

    Attributes:
        model: What was tried; None when the trouble came before a model was chosen.
        reason: One sentence for the screen, saying what to do.
        retryable: Whether trying again can help without the user changing anything.
    """

    model: ModelSpec | None
    reason: str
    retryable: bool

    @property
    def is_ready(self) -> bool:
        """Whether this model can reply."""
        return False

    @property
    def status_message(self) -> str:
        """The state in a few words; ``core.status`` adds figures and keys."""
        return f"✗ Failed: {plain(self.reason).rstrip('.')}"


@dataclass(frozen=True, slots=True)
class Offline:
    """The network is not to be had and the weights are not on this machine.

    Attributes:
        cause: How it came about.
    """

    cause: OfflineCause = OfflineCause.TOLD


@dataclass(frozen=True, slots=True)
class DownloadCancelled:
    """The user cancelled the download.

    Attributes:
        model: What was being fetched.
        done_bytes: Bytes kept on disk.
        total_bytes: Bytes of all parts; 0 when that was not known yet.
    """

    model: ModelSpec
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class LoadCancelled:
    """The user cancelled while the model was loading, or before anything began.

    Attributes:
        model: What was being loaded; None when no model was chosen yet.
    """

    model: ModelSpec | None


@dataclass(frozen=True, slots=True)
class TooLittleMemory:
    """No model offered fits into the memory of this machine.

    Attributes:
        needed_bytes: What the smallest one needs.
        free_bytes: What is free.
    """

    needed_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class NoEngine:
    """llama.cpp is not installed, so that no model can run here."""


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """A model is on this machine and is not loaded, since nobody asked for it."""


UnavailableReason = (
    Offline | DownloadCancelled | LoadCancelled | TooLittleMemory | NoEngine | NotLoaded
)


@dataclass(frozen=True, slots=True)
class NotAvailable:
    """There is no local model, and nothing is under way that would bring one.

    Attributes:
        reason: Why.
    """

    reason: UnavailableReason

    @property
    def is_ready(self) -> bool:
        """Whether this model can reply."""
        return False

    @property
    def status_message(self) -> str:
        """The state in a few words; ``core.status`` adds figures and keys."""
        match self.reason:
            case Offline():
                return "⚠ Offline"
            case DownloadCancelled() | LoadCancelled():
                return "Cancelled"
            case TooLittleMemory():
                return "⚠ Too little memory for a local model"
            case NoEngine():
                return "⚠ llama.cpp is not installed"
            case NotLoaded():
                return "No model is loaded"


GeneratorState = Initializing | Downloading | Loading | Ready | Failed | NotAvailable


class ImpossibleChangeError(ShammahError):
    """An event that cannot happen in the state that the generator is in."""


def advance(state: GeneratorState, event: GeneratorEvent) -> GeneratorState:
    """Return the state after ``event``.

    Raises:
        ImpossibleChangeError: ``event`` cannot happen in ``state``, or its figures contradict it:
            fewer bytes than before without a fault, a check or a truncation in between; more
            bytes than there are; another total; a fraction outside 0 to 1.
    """
    match state, event:
        case _, Restarted(model):
            return Initializing(model)
        case (
            (Initializing() | Downloading() | Loading() | Failed() | NotAvailable()),
            PreviousKept(),
        ):
            return Ready(
                event.model, event.device, event.layers, event.layers_total, event.context_length
            )
        case Initializing(), ModelChosen(model):
            return Initializing(model)
        case Downloading(), ModelChosen(model):
            return replace(state, model=model)
        case Initializing(ModelSpec() as model), DownloadStarted(done, total, parts):
            return _counted(Downloading(model, parts=parts), done, total)
        case Downloading(), (
            DownloadProgressed() | DownloadChecked() | DownloadWaiting() | DownloadTruncated()
        ):
            return _downloading(state, event)
        case (
            (Initializing(ModelSpec() as model) | Downloading(model) | Loading(model)),
            LoadStarted(),
        ):
            return Loading(model)
        case Loading(model, before), LoadProgressed(fraction):
            if not (before or 0.0) <= fraction <= 1.0:
                raise ImpossibleChangeError(f"Load progress went from {before} to {fraction}.")
            return Loading(model, fraction)
        case Loading(model), Loaded():
            return Ready(
                event.model or model,
                event.device,
                event.layers,
                event.layers_total,
                event.context_length,
                event.notices,
            )
        case Ready(), ContextChanged(context_length):
            return replace(state, context_length=context_length)
        case ((Initializing() | Downloading() | Loading() | Ready()), AttemptFailed()):
            return Failed(state.model, event.reason, event.retryable)
        case Downloading(), Cancelled():
            return NotAvailable(DownloadCancelled(state.model, state.done_bytes, state.total_bytes))
        case ((Initializing(model) | Loading(model)), Cancelled()):
            return NotAvailable(LoadCancelled(model))
        case ((Initializing() | Downloading()), WentOffline(cause)):
            return NotAvailable(Offline(cause))
        case Initializing(), FoundTooLittleMemory(needed, free):
            return NotAvailable(TooLittleMemory(needed, free))
        case ((Initializing() | Loading()), EngineMissing()):
            return NotAvailable(NoEngine())
        case NotAvailable(DownloadCancelled(model, _, total)), WeightsDeleted():
            return NotAvailable(DownloadCancelled(model, 0, total))
        case NotAvailable(LoadCancelled(ModelSpec() as model)), WeightsDeleted():
            return NotAvailable(DownloadCancelled(model, 0, model.size_bytes or 0))
        case ((Failed() | NotAvailable()), WeightsDeleted()):
            return state
        case _:
            raise ImpossibleChangeError(
                f"{type(event).__name__} cannot happen while {type(state).__name__}."
            )


def _downloading(
    state: Downloading,
    event: DownloadProgressed | DownloadChecked | DownloadWaiting | DownloadTruncated,
) -> Downloading:
    match event:
        case DownloadProgressed():
            if event.done_bytes < state.done_bytes:
                raise ImpossibleChangeError(
                    f"A download went back from {state.done_bytes} to {event.done_bytes} bytes."
                )
            moved = replace(state, rate=event.rate, part=event.part, parts=event.parts, note="")
            return _counted(moved, event.done_bytes, event.total_bytes or state.total_bytes)
        case DownloadChecked(checked, kept):
            # A kept part is counted as it is on disk; what the check finds bad is told after it.
            share = f" {format_percent(checked / kept)}" if kept else ""
            return replace(state, rate=None, note=f"checking{share}")
        case DownloadWaiting():
            note = f"waiting for {plain(event.reason)} · next try in {_due(event.retry_in_s)}"
            waiting = replace(state, rate=None, note=note)
            return _counted(waiting, event.done_bytes, event.total_bytes or state.total_bytes)
        case DownloadTruncated(done):
            return _counted(replace(state, rate=None), done, state.total_bytes)


def _counted(state: Downloading, done_bytes: int, total_bytes: int) -> Downloading:
    if state.total_bytes and total_bytes != state.total_bytes:
        raise ImpossibleChangeError(
            f"A download of {state.total_bytes} bytes became one of {total_bytes}."
        )
    if done_bytes < 0 or (total_bytes and done_bytes > total_bytes):
        raise ImpossibleChangeError(f"{done_bytes} of {total_bytes} bytes cannot be.")
    if state.rate is not None and not (math.isfinite(state.rate) and state.rate >= 0):
        raise ImpossibleChangeError(f"A rate of {state.rate} bytes/s cannot be.")
    if not 1 <= state.part <= state.parts:
        raise ImpossibleChangeError(f"Part {state.part} of {state.parts} cannot be.")
    return replace(state, done_bytes=done_bytes, total_bytes=total_bytes)


def _due(seconds: float) -> str:
    return format_duration(seconds) if seconds > 59 else f"{max(0, math.ceil(seconds))} s"
