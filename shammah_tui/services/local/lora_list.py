"""The LoRAs that the user can switch: those of the settings, and those chosen in the panel."""

from dataclasses import dataclass

from shammah_tui.core.model.model_spec import Lora
from shammah_tui.ports import LoraFiles, LoraSwitches


def with_added(named: tuple[Lora, ...], switches: LoraSwitches | None) -> tuple[Lora, ...]:
    """Return the LoRAs that the settings name, then those chosen in the panel, each once."""
    known = {lora.path for lora in named}
    added = () if switches is None else switches.added()
    return (*named, *(Lora(path) for path in added if path not in known))


@dataclass(eq=False)
class LoraList:
    """Lists LoRAs, adds one from the disk, and removes one from the list.

    Reads and writes small files: ``found`` and ``add`` are not for the screen's loop.
    """

    _named: tuple[Lora, ...]
    _switches: LoraSwitches
    _files: LoraFiles

    @property
    def folder(self) -> str:
        return self._files.folder

    def all(self) -> tuple[Lora, ...]:
        return with_added(self._named, self._switches)

    def found(self) -> tuple[Lora, ...]:
        """Return those on this disk that are not in the list yet."""
        listed = {lora.path for lora in self.all()}
        return tuple(Lora(path) for path in self._files.found() if path not in listed)

    def add(self, path: str) -> Lora:
        """Add a LoRA from the disk to the list and return it; it may be there already.

        Raises:
            InvalidLoraError: There is no LoRA at ``path``.
        """
        checked = self._files.check(path)
        named = next((lora for lora in self._named if lora.path == checked), None)
        if named is None:
            self._switches.add(checked)
        return named or Lora(checked)

    def can_remove(self, lora: Lora) -> bool:
        """Return whether it was chosen in the panel: what the settings name stays in the list."""
        return all(lora.path != named.path for named in self._named)

    def remove(self, lora: Lora) -> None:
        """Remove a LoRA from the list; the file stays."""
        self._switches.remove(lora.path)
