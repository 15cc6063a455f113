"""Remembers the user's choices for the local side between two starts."""

from dataclasses import dataclass

from shammah_tui.core.local.generator import Ready
from shammah_tui.core.local.speed import SpeedRecord, record_of
from shammah_tui.core.model.model_spec import Lora, ModelSpec
from shammah_tui.core.protocol.engine_messages import SpeedMeasured
from shammah_tui.ports import ChosenModel, DownloadAnswer, LoraSwitches, SpeedRecords
from shammah_tui.services.local.lora_list import with_added

_AGREED, _NOT_NOW = "agreed", "not now"


@dataclass(frozen=True, slots=True)
class LocalPreferences:
    """Remembers models and LoRAs between two starts; where a field is None, nothing.

    Attributes:
        speeds: How fast models were.
        chosen: Which one was chosen in the panel.
        switches: Which LoRAs were switched off there, and which were chosen there.
        answer: What was said to downloading a model that nobody named.
    """

    speeds: SpeedRecords | None = None
    chosen: ChosenModel | None = None
    switches: LoraSwitches | None = None
    answer: DownloadAnswer | None = None

    @property
    def agrees(self) -> bool | None:
        """Whether a model that nobody named may be downloaded; None while that was not asked."""
        said = "" if self.answer is None else self.answer.recall()
        return said == _AGREED if said in {_AGREED, _NOT_NOW} else None

    def note_answer(self, *, agrees: bool) -> None:
        if self.answer is not None:
            self.answer.choose(_AGREED if agrees else _NOT_NOW)

    @property
    def measured(self) -> tuple[SpeedRecord, ...]:
        """What was measured on this machine; the file is read once."""
        return () if self.speeds is None else self.speeds.all()

    def choose(self, model: ModelSpec) -> None:
        """Remember ``model`` for the next start; a server's is not chosen here."""
        if self.chosen is not None and model.host is None:
            self.chosen.choose(model.id)

    def forget(self, model: ModelSpec) -> None:
        if self.chosen is not None:
            self.chosen.forget(model.id)

    def switched_on(self, named: tuple[Lora, ...]) -> tuple[Lora, ...]:
        """Return the LoRAs of settings and panel that were not switched off the last time."""
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
