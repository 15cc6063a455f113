"""The LoRAs that the user can switch: those of the settings, and those chosen in the panel."""

from collections.abc import Iterable
from typing import Protocol

from shammah_tui.core.model.model_spec import Lora


class LoraSwitches(Protocol):
    """Keeps for the next start which LoRAs are off, and which were chosen in the panel.

    May be used from any thread; a disk that fails is no reason to fail.
    """

    def recall(self) -> frozenset[str]:
        """Return the paths of those that are off."""
        ...

    def switch(self, off: Iterable[str]) -> None:
        """Remember the paths of those that are off."""
        ...

    def added(self) -> tuple[str, ...]:
        """Return the paths of those that were chosen in the panel, the oldest first."""
        ...

    def add(self, path: str) -> None:
        """Remember one that was chosen."""
        ...

    def remove(self, path: str) -> None:
        """Forget one that was chosen."""
        ...


class LoraFiles(Protocol):
    """The LoRAs on this disk."""

    @property
    def folder(self) -> str:
        """Where LoRAs can be put to be found."""
        ...

    def check(self, path: str) -> str:
        """Return ``path`` as an absolute one, ``~`` being the home folder.

        Raises:
            InvalidLoraError: There is no LoRA there.
        """
        ...

    def found(self) -> tuple[str, ...]:
        """Return the paths of LoRAs in the places where one would look for them."""
        ...


def with_added(named: tuple[Lora, ...], switches: LoraSwitches | None) -> tuple[Lora, ...]:
    """Return the LoRAs that the settings name, then those chosen in the panel, each once."""
    known = {lora.path for lora in named}
    added = () if switches is None else switches.added()
    return (*named, *(Lora(path) for path in added if path not in known))


class LoraShelf:
    """Lists LoRAs, adds one from the disk, and removes one from the list.

    Reads and writes small files: ``found`` and ``add`` are not for the screen's loop.

    Args:
        named: Those of the settings.
        switches: Remembers what was done in the panel.
        files: Finds them on the disk.
    """

    def __init__(self, named: tuple[Lora, ...], switches: LoraSwitches, files: LoraFiles) -> None:
        self._named = named
        self._switches = switches
        self._files = files

    @property
    def folder(self) -> str:
        """Where LoRAs can be put to be found."""
        return self._files.folder

    def all(self) -> tuple[Lora, ...]:
        """Return those that can be switched."""
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
