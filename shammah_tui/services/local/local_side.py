"""What is asked of the local side, and what it is at one moment."""

from dataclasses import dataclass, replace

from shammah_tui.core.local.generator import GeneratorState, Ready
from shammah_tui.core.local.speed import record_of
from shammah_tui.core.model.hardware import Hardware
from shammah_tui.core.model.model_choice import Choice
from shammah_tui.core.model.model_spec import (
    DevicePreference,
    FlashAttention,
    KvType,
    Lora,
    ModelSpec,
)
from shammah_tui.core.protocol.engine_messages import LorasApplied, SpeedMeasured
from shammah_tui.core.text.plain_text import plain
from shammah_tui.ports import ChosenModel, SpeedRecords
from shammah_tui.services.local.lora_shelf import LoraSwitches, with_added


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
        batch_size: Tokens of a prompt read at once, at most; None lets the engine decide.
        flash_attention: Whether the engine uses it.
        kv_type: How keys and values are stored; ``AUTO`` lets memory decide.
        loras: The LoRAs that the settings name; all are on at first, save those that were
            switched off before.
        chat_template: As in ``LoadModel``.
    """

    wanted: ModelSpec | None
    offered: tuple[ModelSpec, ...]
    device: DevicePreference = DevicePreference.AUTO
    context_length: int | None = None
    threads: int | None = None
    offline: bool = False
    batch_size: int | None = None
    flash_attention: FlashAttention = FlashAttention.AUTO
    kv_type: KvType = KvType.AUTO
    loras: tuple[Lora, ...] = ()
    chat_template: str = ""

    @property
    def is_served(self) -> bool:
        """Whether a server brings the model up, which has its own memory and adapters."""
        return self.wanted is not None and self.wanted.host is not None


@dataclass(frozen=True, slots=True)
class LocalMemory:
    """What is remembered of the local side between two starts; None remembers nothing.

    Attributes:
        speeds: How fast models were.
        chosen: Which one was chosen in the panel.
        switches: Which LoRAs were switched off there, and which were chosen there.
    """

    speeds: SpeedRecords | None = None
    chosen: ChosenModel | None = None
    switches: LoraSwitches | None = None

    def choose(self, model: ModelSpec) -> None:
        """Remember ``model`` for the next start; a server's is not chosen here."""
        if self.chosen is not None and model.host is None:
            self.chosen.choose(model.id)

    def forget(self, model: ModelSpec) -> None:
        """Do not bring ``model`` up at the next start."""
        if self.chosen is not None:
            self.chosen.forget(model.id)

    def switched_on(self, named: tuple[Lora, ...]) -> tuple[Lora, ...]:
        """Return the LoRAs that were not switched off when they were last there.

        Args:
            named: Those of the settings, to which those chosen in the panel are added.
        """
        off = frozenset[str]() if self.switches is None else self.switches.recall()
        return tuple(lora for lora in with_added(named, self.switches) if lora.path not in off)

    def switch(self, named: tuple[Lora, ...], on: tuple[Lora, ...]) -> None:
        """Remember which LoRAs are off: all that are not ``on``; ``named`` as above."""
        if self.switches is not None:
            wanted = {lora.path for lora in on}
            loras = with_added(named, self.switches)
            self.switches.switch(lora.path for lora in loras if lora.path not in wanted)

    def note_speed(self, ready: Ready, size_bytes: int, measured: SpeedMeasured) -> None:
        """Remember how fast a model was, where the size of its files is known."""
        if self.speeds is not None and size_bytes > 0:
            self.speeds.add(record_of(ready, size_bytes, measured))


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
        """An engine was told to apply ``wanted``."""
        return replace(self, wanted=wanted, pending=True)

    def settled(self, event: LorasApplied) -> "LoraState":
        """The engine has said which count."""
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
        choices: The models of the repository that was asked for, where one has to be chosen.
    """

    state: GeneratorState
    active: Ready | None = None
    hardware: Hardware | None = None
    recommended: Choice | None = None
    notice: str = ""
    loras: LoraState = LoraState()
    choices: tuple[ModelSpec, ...] = ()
