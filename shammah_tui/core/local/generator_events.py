"""What can happen to the local model on its way to being ready.

Only ``ModelChosen``, ``Restarted`` and ``PreviousKept`` name a model, so that no other event can
speak of another one than the state does. "As in" refers to the states of ``core.generator``.
"""

from dataclasses import dataclass
from enum import StrEnum

from shammah_tui.core.model.model_spec import ModelSpec


class OfflineCause(StrEnum):
    """How it came that the network is not asked."""

    TOLD = "told"
    """The user asked for it (``--offline``)."""
    NO_NETWORK = "no network"
    """The network could not be reached."""


@dataclass(frozen=True, slots=True)
class ModelChosen:
    """It is known which model it shall be, or more of it: its files, its label."""

    model: ModelSpec


@dataclass(frozen=True, slots=True)
class DownloadStarted:
    """The fetch child was started; counts as in ``Downloading``."""

    done_bytes: int = 0
    total_bytes: int = 0
    parts: int = 1


@dataclass(frozen=True, slots=True)
class DownloadProgressed:
    """Bytes arrived, or time passed without any; fields as in ``Downloading``.

    A ``total_bytes`` of 0 leaves the total that is known.
    """

    done_bytes: int
    total_bytes: int
    rate: float | None = None
    part: int = 1
    parts: int = 1


@dataclass(frozen=True, slots=True)
class DownloadChecked:
    """A stretch of what a former attempt left was read again.

    Attributes:
        checked_bytes: How far the check has come.
        kept_bytes: How much there is to check.
    """

    checked_bytes: int
    kept_bytes: int


@dataclass(frozen=True, slots=True)
class DownloadWaiting:
    """A fault passed by and the next try is due later.

    Attributes:
        reason: What it waits for, in a few words (``the network``).
        retry_in_s: Seconds until the next try.
        done_bytes: Bytes kept, over all parts.
        total_bytes: Bytes of all parts; 0 while unknown.
    """

    reason: str
    retry_in_s: float
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class DownloadTruncated:
    """Bytes on disk were found bad and thrown away; ``done_bytes`` are left."""

    done_bytes: int


@dataclass(frozen=True, slots=True)
class LoadStarted:
    """The engine child was started; comes again when it tries with other settings."""


@dataclass(frozen=True, slots=True)
class LoadProgressed:
    """llama.cpp's own load progress, from 0 to 1."""

    fraction: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """The engine can reply.

    Attributes:
        model: What it turned out to have loaded; None is what it was told to. The other fields
            are as in ``Ready``.
    """

    device: str
    layers: int
    layers_total: int | None = None
    context_length: int | None = None
    model: ModelSpec | None = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AttemptFailed:
    """Choosing, fetching or loading came to nothing, or a ready engine ended; as in ``Failed``."""

    reason: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The user cancelled what was under way."""


@dataclass(frozen=True, slots=True)
class WentOffline:
    """Weights are missing and the network is not to be had."""

    cause: OfflineCause = OfflineCause.TOLD


@dataclass(frozen=True, slots=True)
class FoundTooLittleMemory:
    """No model offered fits; fields as in ``TooLittleMemory``."""

    needed_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class EngineMissing:
    """llama.cpp is not installed."""


@dataclass(frozen=True, slots=True)
class WeightsDeleted:
    """The user deleted the files, whole or in part, of the model that the state speaks of."""


@dataclass(frozen=True, slots=True)
class Restarted:
    """Everything begins again: a retry, or a switch to another model.

    Attributes:
        model: The model wanted; None lets it be chosen.
    """

    model: ModelSpec | None = None


@dataclass(frozen=True, slots=True)
class PreviousKept:
    """A switch was given up while the engine before it went on answering.

    Attributes:
        model: What that engine holds; the other fields are as in ``Ready``.
    """

    model: ModelSpec
    device: str
    layers: int
    layers_total: int | None = None
    context_length: int | None = None


@dataclass(frozen=True, slots=True)
class ContextChanged:
    """The context of a ready model turned out to be of another size."""

    context_length: int


GeneratorEvent = (
    ModelChosen
    | DownloadStarted
    | DownloadProgressed
    | DownloadChecked
    | DownloadWaiting
    | DownloadTruncated
    | LoadStarted
    | LoadProgressed
    | Loaded
    | AttemptFailed
    | Cancelled
    | WentOffline
    | FoundTooLittleMemory
    | EngineMissing
    | WeightsDeleted
    | Restarted
    | PreviousKept
    | ContextChanged
)
