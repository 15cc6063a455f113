"""What is asked of the local side, and what it is at one moment."""

from dataclasses import dataclass

from shammah_tui.core.generator import GeneratorState, Ready
from shammah_tui.core.hardware import Hardware
from shammah_tui.core.model_choice import Choice
from shammah_tui.core.model_spec import DevicePreference, ModelSpec
from shammah_tui.services.leased_engine import LeasedEngine


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What the settings and the command line say about the local side.

    Attributes:
        wanted: The model asked for; None lets memory decide.
        offered: The models to choose from.
        device: Where to run.
        context_length: Tokens of context; None lets memory decide.
        threads: Threads for generating; None lets the engine decide.
        offline: Whether the network may not be used.
    """

    wanted: ModelSpec | None
    offered: tuple[ModelSpec, ...]
    device: DevicePreference = DevicePreference.AUTO
    context_length: int | None = None
    threads: int | None = None
    offline: bool = False


@dataclass(frozen=True, slots=True)
class ActiveModel:
    """The local model that replies now.

    Attributes:
        ready: What it is.
        backend: Whom to ask.
        attempt: Number of the attempt that brought it up.
    """

    ready: Ready
    backend: LeasedEngine
    attempt: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the screen shows about the local side.

    Attributes:
        state: What is under way, or what came of it.
        active: What can reply now; during a switch it is the model before.
        hardware: What the machine had when it was last looked at; None before that.
        recommended: What suits this machine; None before it was looked at, or when nothing fits.
        notice: Why an engine is being started again, as a sentence; empty once one is ready.
    """

    state: GeneratorState
    active: Ready | None = None
    hardware: Hardware | None = None
    recommended: Choice | None = None
    notice: str = ""
