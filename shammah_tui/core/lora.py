"""Low-rank adapters that change what a loaded model says (LoRA, Hu et al. 2021)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lora:
    """One adapter.

    Attributes:
        path: A GGUF file of type ``adapter``, made for the model that it is applied to.
        scale: How strongly it counts; 1 is as trained.
    """

    path: str
    scale: float = 1.0

    @property
    def name(self) -> str:
        """The file's name, for people."""
        return self.path.replace("\\", "/").rpartition("/")[2]
